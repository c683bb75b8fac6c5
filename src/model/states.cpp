// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/states.h"

#include <array>
#include <span>
#include <utility>

namespace otr_guard::model {

namespace {

template <typename Value> using Word = std::pair<Value, std::string_view>;

constexpr std::array session_words{Word<SessionState>{SessionState::Plaintext, "plaintext"},
                                   Word<SessionState>{SessionState::Private, "private"},
                                   Word<SessionState>{SessionState::Finished, "finished"}};

constexpr std::array policy_words{Word<Policy>{Policy::Never, "never"},
                                  Word<Policy>{Policy::Manual, "manual"},
                                  Word<Policy>{Policy::Opportunistic, "opportunistic"},
                                  Word<Policy>{Policy::Known, "known"},
                                  Word<Policy>{Policy::Always, "always"},
                                  Word<Policy>{Policy::Verified, "verified"}};

constexpr std::array logging_words{Word<Logging>{Logging::Off, "off"},
                                   Word<Logging>{Logging::Redacted, "redacted"},
                                   Word<Logging>{Logging::On, "on"}};

constexpr std::array method_words{
    Word<VerificationMethod>{VerificationMethod::ByHand, "by-hand"},
    Word<VerificationMethod>{VerificationMethod::Question, "question"},
    Word<VerificationMethod>{VerificationMethod::Secret, "secret"},
    Word<VerificationMethod>{VerificationMethod::Pin, "pin"},
    Word<VerificationMethod>{VerificationMethod::Code, "code"},
    Word<VerificationMethod>{VerificationMethod::Imported, "imported"}};

template <typename Value>
std::string_view find_word(std::span<const Word<Value>> words, Value value) {
    for (const auto& [candidate, word] : words) {
        if (candidate == value) {
            return word;
        }
    }
    return "unknown";
}

template <typename Value>
std::optional<Value> find_value(std::span<const Word<Value>> words, std::string_view word) {
    for (const auto& [value, candidate] : words) {
        if (candidate == word) {
            return value;
        }
    }
    return std::nullopt;
}

} // namespace

std::string_view to_word(SessionState state) {
    return find_word<SessionState>(session_words, state);
}
std::string_view to_word(Policy policy) {
    return find_word<Policy>(policy_words, policy);
}
std::string_view to_word(Logging logging) {
    return find_word<Logging>(logging_words, logging);
}
std::string_view to_word(VerificationMethod method) {
    return find_word<VerificationMethod>(method_words, method);
}

std::optional<Policy> policy_from_word(std::string_view word) {
    return find_value<Policy>(policy_words, word);
}
std::optional<Logging> logging_from_word(std::string_view word) {
    return find_value<Logging>(logging_words, word);
}
std::optional<VerificationMethod> method_from_word(std::string_view word) {
    return find_value<VerificationMethod>(method_words, word);
}

} // namespace otr_guard::model
