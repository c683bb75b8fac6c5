// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "labels.h"

#include <ctime>

#include "i18n.h"

namespace otr_guard::plugin {

using model::Logging;
using model::Policy;
using model::VerificationMethod;

std::string label_of(Policy policy) {
    switch (policy) {
    case Policy::Never:
        return tr("Never private");
    case Policy::Manual:
        return tr("Private when somebody asks for it");
    case Policy::Opportunistic:
        return tr("Private as soon as both sides can");
    case Policy::Known:
        return tr("Only private once the code is known");
    case Policy::Always:
        return tr("Only private");
    case Policy::Verified:
        return tr("Only private and verified");
    }
    return {};
}

std::string label_of(Logging logging) {
    switch (logging) {
    case Logging::Off:
        return tr("Not logged");
    case Logging::Redacted:
        return tr("Logged without the text");
    case Logging::On:
        return tr("Logged with the text");
    }
    return {};
}

std::string label_of(VerificationMethod method) {
    switch (method) {
    case VerificationMethod::ByHand:
        return tr("by comparing the codes");
    case VerificationMethod::Question:
        return tr("by a question");
    case VerificationMethod::Secret:
        return tr("by a shared secret");
    case VerificationMethod::Pin:
        return tr("by a one-time PIN");
    case VerificationMethod::Code:
        return tr("by a code that was compared by the computer");
    case VerificationMethod::Imported:
        return tr("in another program");
    }
    return {};
}

std::string date_of(core::WallTime time) {
    const std::time_t seconds = time.time_since_epoch().count();
    std::tm parts{};
    std::array<char, 32> text{};
    if (::localtime_r(&seconds, &parts) == nullptr ||
        std::strftime(text.data(), text.size(), "%Y-%m-%d", &parts) == 0) {
        return "?";
    }
    return text.data();
}

std::string our_verification_of(const core::KnownKey& key) {
    if (!key.is_verified()) {
        return tr("not verified");
    }
    const std::string method = key.method ? label_of(*key.method) : tr("in another program");
    std::string text = key.verified_at
                           ? format(tr("verified {method} on {date}"),
                                    {{"method", method}, {"date", date_of(*key.verified_at)}})
                           : format(tr("verified {method}"), {{"method", method}});
    if (key.last_failed_check) {
        text += ", " + format(tr("last check failed on {date}"),
                              {{"date", date_of(*key.last_failed_check)}});
    }
    return text;
}

std::string verification_of(const core::KnownKey& key) {
    const std::string text = our_verification_of(key);
    return key.verified_us ? text + ", " +
                                 format(tr("they have verified you on {date}"),
                                        {{"date", date_of(*key.verified_us)}})
                           : text;
}

} // namespace otr_guard::plugin
