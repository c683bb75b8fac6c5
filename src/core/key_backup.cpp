// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "core/key_backup.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <gcrypt.h>
#include <nlohmann/json.hpp>
#include <optional>

#include "core/utf8.h"
#include "model/limits.h"

namespace otr_guard::core {

namespace limits = model::limits;
using nlohmann::json;
using util::ErrorCode;
using util::Expected;
using util::failure;
using util::SecretString;

namespace {

constexpr std::int64_t version = 1;
constexpr std::string_view kdf_name = "scrypt";
constexpr std::string_view cipher_name = "aes-256-gcm";
constexpr std::size_t salt_bytes = 16;
constexpr std::size_t nonce_bytes = 12;
constexpr std::size_t tag_bytes = 16;
constexpr std::size_t check_bytes = 16;
constexpr std::size_t cipher_key_bytes = 32;
constexpr std::string_view digits = "0123456789abcdef";

using CipherPtr = util::CPtr<gcry_cipher_handle, gcry_cipher_close>;

/// Everything in the text but its check.
struct Backup {
    BackupNames names;
    std::uint64_t cost = limits::backup_scrypt_cost;
    std::string salt;
    std::string nonce;
    std::string sealed; ///< ends in the tag
};

std::string to_hex(std::string_view bytes) {
    std::string hex;
    hex.reserve(2 * bytes.size());
    for (const char character : bytes) {
        const auto byte = static_cast<unsigned char>(character);
        hex += digits[byte >> 4U];
        hex += digits[byte & 0xfU];
    }
    return hex;
}

std::optional<std::string> from_hex(std::string_view hex) {
    std::string bytes;
    for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
        const std::size_t high = digits.find(hex[i]);
        const std::size_t low = digits.find(hex[i + 1]);
        if (high == std::string_view::npos || low == std::string_view::npos) {
            return std::nullopt;
        }
        bytes += static_cast<char>(high * 16 + low);
    }
    return hex.size() % 2 == 0 ? std::optional(bytes) : std::nullopt;
}

bool is_good_name(std::string_view name) {
    if (name.empty() || name.size() > limits::backup_name_bytes) {
        return false;
    }
    while (!name.empty()) {
        const utf8::Decoded character = utf8::decode(name);
        if (!character.is_valid || character.code_point < 0x20 || character.code_point == 0x7f) {
            return false;
        }
        name.remove_prefix(character.length);
    }
    return true;
}

bool are_good(const BackupNames& names) {
    return is_good_name(names.account.username) && is_good_name(names.account.protocol);
}

// --- Cryptography ------------------------------------------------------------------------------

/// What is authenticated: every value with its length, so that none can pass for a part of another.
std::string header_of(const Backup& backup) {
    std::string header = "otr-guard-key 1";
    for (const std::string& value :
         {backup.names.account.username, backup.names.account.protocol,
          backup.names.fingerprint.to_hex(), std::string(kdf_name), std::to_string(backup.cost),
          backup.salt, std::string(cipher_name), backup.nonce}) {
        header.append("\n").append(std::to_string(value.size())).append(" ").append(value);
    }
    return header;
}

std::string check_of(const Backup& backup) {
    const std::string all = header_of(backup) + "\n" + backup.sealed;
    std::array<char, 32> hash{};
    gcry_md_hash_buffer(GCRY_MD_SHA256, hash.data(), all.data(), all.size());
    return {hash.data(), check_bytes};
}

std::string random_bytes(std::size_t size) {
    std::string bytes(size, '\0');
    gcry_randomize(bytes.data(), bytes.size(), GCRY_STRONG_RANDOM);
    return bytes;
}

/// A cipher that has been given the nonce and the header.
Expected<CipherPtr> cipher_for(const Backup& backup, const SecretString& passphrase) {
    std::array<char, cipher_key_bytes> key{};
    const std::string header = header_of(backup);
    gcry_error_t error = gcry_kdf_derive(
        passphrase.view().data(), passphrase.size(), GCRY_KDF_SCRYPT, static_cast<int>(backup.cost),
        backup.salt.data(), backup.salt.size(), 1, key.size(), key.data());
    gcry_cipher_hd_t opened = nullptr;
    if (error == 0) {
        error =
            gcry_cipher_open(&opened, GCRY_CIPHER_AES256, GCRY_CIPHER_MODE_GCM, GCRY_CIPHER_SECURE);
    }
    CipherPtr cipher(opened);
    if (error == 0) {
        error = gcry_cipher_setkey(opened, key.data(), key.size());
    }
    util::wipe(key.data(), key.size());
    if (error == 0) {
        error = gcry_cipher_setiv(opened, backup.nonce.data(), backup.nonce.size());
    }
    if (error == 0) {
        error = gcry_cipher_authenticate(opened, header.data(), header.size());
    }
    if (error != 0) {
        return failure(ErrorCode::Crypto, gcry_strerror(error));
    }
    return cipher;
}

// --- The text ----------------------------------------------------------------------------------

std::string text_of(const Backup& backup) {
    const auto member = [](std::string_view name, const json& value) {
        return "\"" + std::string(name) + "\": " + value.dump();
    };
    return "{\n" + member("otr-guard-key", version) + ",\n" +
           member("account", backup.names.account.username) + ",\n" +
           member("protocol", backup.names.account.protocol) + ",\n" +
           member("fingerprint", backup.names.fingerprint.to_hex()) + ",\n" +
           member("kdf", kdf_name) + ",\n" + member("n", backup.cost) + ",\n" +
           member("salt", to_hex(backup.salt)) + ",\n" + member("cipher", cipher_name) + ",\n" +
           member("nonce", to_hex(backup.nonce)) + ",\n" + member("sealed", to_hex(backup.sealed)) +
           ",\n" + member("check", to_hex(check_of(backup))) + "\n}\n";
}

std::string string_in(const json& object, const char* name) {
    const auto found = object.find(name);
    return found != object.end() && found->is_string() ? found->get_ref<const std::string&>()
                                                       : std::string();
}

/// Empty when it is not that many bytes.
std::string bytes_in(const json& object, const char* name, std::size_t least, std::size_t most) {
    const auto bytes = from_hex(string_in(object, name));
    return bytes && bytes->size() >= least && bytes->size() <= most ? *bytes : std::string();
}

std::uint64_t number_in(const json& object, const char* name) {
    const auto found = object.find(name);
    return found != object.end() && found->is_number_unsigned() ? found->get<std::uint64_t>() : 0;
}

/// Names and cost are not checked yet.
Expected<Backup> read_members(const json& root) {
    const auto fingerprint = string_in(root, "fingerprint");
    const auto parsed = model::Fingerprint::from_hex(fingerprint);
    if (!parsed || parsed->to_hex() != fingerprint || string_in(root, "kdf") != kdf_name ||
        string_in(root, "cipher") != cipher_name) {
        return failure(ErrorCode::Malformed, "members are missing or unknown");
    }
    Backup backup{{{string_in(root, "account"), string_in(root, "protocol")}, *parsed},
                  number_in(root, "n"),
                  bytes_in(root, "salt", salt_bytes, salt_bytes),
                  bytes_in(root, "nonce", nonce_bytes, nonce_bytes),
                  bytes_in(root, "sealed", tag_bytes + 1, limits::private_key_bytes)};
    if (!are_good(backup.names) || backup.salt.empty() || backup.nonce.empty() ||
        backup.sealed.empty()) {
        return failure(ErrorCode::Malformed, "members are missing or out of range");
    }
    if (string_in(root, "check") != to_hex(check_of(backup))) {
        return failure(ErrorCode::Malformed, "damaged: the check does not fit");
    }
    return backup;
}

Expected<Backup> parse(std::string_view text) {
    if (text.size() > limits::key_backup_bytes) {
        return failure(ErrorCode::Malformed, "too large for a key");
    }
    // Our objects hold no objects: whatever nests deeper is not ours, and is not even built.
    const json root = json::parse(
        text, [](int depth, json::parse_event_t, const json&) { return depth <= 1; }, false);
    if (!root.is_object() || !root.contains("otr-guard-key")) {
        return failure(ErrorCode::Malformed, "not a key of ours");
    }
    const json& found = root["otr-guard-key"];
    if (found.is_number_integer() && found.get<std::int64_t>() > version) {
        return failure(ErrorCode::Unavailable, "of a later version");
    }
    if (!found.is_number_integer() || found.get<std::int64_t>() != version) {
        return failure(ErrorCode::Malformed, "not a key of ours");
    }
    auto backup = read_members(root);
    if (!backup) {
        return backup;
    }
    if (backup->cost > limits::largest_backup_scrypt_cost) {
        return failure(ErrorCode::TooLarge, "opening it would take too much memory and time");
    }
    if (backup->cost < limits::smallest_backup_scrypt_cost || !std::has_single_bit(backup->cost)) {
        return failure(ErrorCode::Malformed, "not a cost of scrypt that we would use");
    }
    return backup;
}

} // namespace

Expected<std::string> seal_backup(const BackupNames& names, const SecretString& key,
                                  const SecretString& passphrase) {
    if (passphrase.empty() || passphrase.size() > limits::passphrase_bytes) {
        return failure(ErrorCode::Refused, "no passphrase, or too long a one");
    }
    if (!are_good(names)) {
        return failure(ErrorCode::Malformed, "a name that does not fit into the text");
    }
    Backup backup{.names = names,
                  .salt = random_bytes(salt_bytes),
                  .nonce = random_bytes(nonce_bytes),
                  .sealed = std::string(key.size() + tag_bytes, '\0')};
    const auto cipher = cipher_for(backup, passphrase);
    if (!cipher) {
        return tl::unexpected(cipher.error());
    }
    gcry_error_t error = gcry_cipher_encrypt(cipher->get(), backup.sealed.data(), key.size(),
                                             key.view().data(), key.size());
    if (error == 0) {
        error = gcry_cipher_gettag(cipher->get(), backup.sealed.data() + key.size(), tag_bytes);
    }
    if (error != 0) {
        return failure(ErrorCode::Crypto, gcry_strerror(error));
    }
    return text_of(backup);
}

Expected<BackupNames> read_backup_names(std::string_view text) {
    return parse(text).map([](const Backup& backup) { return backup.names; });
}

Expected<CheckedKey> open_backup(std::string_view text, const SecretString& passphrase) {
    const auto backup = parse(text);
    if (!backup) {
        return tl::unexpected(backup.error());
    }
    if (passphrase.empty() || passphrase.size() > limits::passphrase_bytes) {
        return failure(ErrorCode::WrongPassphrase, "none, or too long a one");
    }
    const auto cipher = cipher_for(*backup, passphrase);
    if (!cipher) {
        return tl::unexpected(cipher.error());
    }
    std::array<char, limits::private_key_bytes> plain{};
    const std::size_t size = backup->sealed.size() - tag_bytes;
    const bool is_decrypted =
        gcry_cipher_decrypt(cipher->get(), plain.data(), size, backup->sealed.data(), size) == 0;
    const bool is_authentic =
        is_decrypted &&
        gcry_cipher_checktag(cipher->get(), backup->sealed.data() + size, tag_bytes) == 0;
    const SecretString key(is_authentic ? std::string_view(plain.data(), size)
                                        : std::string_view());
    util::wipe(plain.data(), plain.size());
    if (!is_authentic) {
        return failure(ErrorCode::WrongPassphrase, "sealed under another passphrase");
    }
    auto checked = check_key_text(key.view());
    if (checked && checked->fingerprint != backup->names.fingerprint) {
        return failure(ErrorCode::Malformed, "another key than the one it names");
    }
    return checked;
}

} // namespace otr_guard::core
