// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
//
// Files of other programs: the first byte says which name the rest has, which matters only to a
// few.
#include <array>
#include <utility>

#include "core/dsa_numbers.h"
#include "core/foreign_profile.h"
#include "core/identity.h"
#include "core/java_properties.h"
#include "fuzz.h"
#include "util/secret.h"

namespace {

using namespace otr_guard;

/// A file under a passphrase is mostly noise, so what is inside is read as well.
void read_as_java(std::string_view text) {
    core::ForeignProfile profile;
    const std::string name = "otr_keystore";
    static_cast<void>(core::read_chatsecure_keys(text, true, {name, profile}));
    for (const core::ForeignKey& key : profile.keys) {
        fuzz::check(!key.key.second.is_verified(), "KeySync verifies nothing");
    }
    static_cast<void>(core::open_openssl_file(text, util::SecretString("secret")));
    static_cast<void>(core::account_names(text));
}

void read_as_key(std::string_view bytes) {
    if (const auto numbers = core::read_potr_key(bytes)) {
        const auto again = core::read_potr_key(core::write_potr_key(*numbers));
        fuzz::check(again && *again == *numbers, "a key is read back");
    }
    if (const auto numbers = core::read_private_der(bytes)) {
        static_cast<void>(core::key_of(*numbers));
    }
    if (const auto numbers = core::read_public_der(bytes)) {
        static_cast<void>(core::fingerprint_of(*numbers));
    }
}

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const bool is_ready = core::initialise_libotr().has_value();
    constexpr std::array names{"otr.private_key", "a@b.key3", "a@b.fpr", "accounts.xml", "x.ofc"};
    if (!is_ready || size == 0) {
        return 0;
    }
    const std::string_view text = fuzz::text_of(data + 1, size - 1);
    std::vector<core::FileContent> files;
    files.push_back({names.at(data[0] % names.size()), util::SecretString(text)});
    const core::ForeignProfile profile =
        core::read_foreign_files(files, util::SecretString("secret"));
    for (const core::ForeignOwnKey& own : profile.own) {
        const auto numbers = core::numbers_of(own.key.text.view());
        fuzz::check(numbers.has_value(), "a key has numbers");
        const auto fingerprint = core::fingerprint_of(*numbers);
        fuzz::check(fingerprint && *fingerprint == own.key.fingerprint, "a key has its code");
    }
    for (const core::ForeignKey& key : profile.keys) {
        fuzz::check(
            !(key.key.second.is_verified() && (key.is_rejected || key.doubt != core::Doubt::None)),
            "what is doubtful is not verified");
    }
    read_as_java(text);
    read_as_key(text);
    return 0;
}
