// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "core/java_properties.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <gcrypt.h>
#include <optional>

#include "core/dsa_numbers.h"
#include "core/utf8.h"
#include "util/c_ptr.h"

namespace otr_guard::core {

using util::ErrorCode;
using util::Expected;
using util::failure;
using util::SecretString;

namespace {

constexpr std::string_view blanks = " \t\f";

/// Cuts the first line off, without its end.
std::string_view take_line(std::string_view& text) {
    const std::size_t end = std::min(text.find_first_of("\r\n"), text.size());
    const std::string_view line = text.substr(0, end);
    const bool has_both = text.substr(end, 2) == "\r\n";
    text.remove_prefix(std::min(end + (has_both ? 2U : 1U), text.size()));
    return line;
}

std::string_view without_blanks(std::string_view line) {
    return line.substr(std::min(line.find_first_not_of(blanks), line.size()));
}

bool goes_on(std::string_view line) {
    const std::size_t last = line.find_last_not_of('\\');
    const std::size_t backslashes = line.size() - (last == std::string_view::npos ? 0 : last + 1);
    return backslashes % 2 == 1;
}

/// `\uXXXX`, of which `text` holds what follows the u; taken off when it is one.
std::optional<char32_t> take_code_point(std::string_view& text) {
    constexpr std::size_t digits = 4;
    unsigned value = 0;
    const std::string_view hex = text.substr(0, digits);
    const auto [end, error] = std::from_chars(hex.data(), hex.data() + hex.size(), value, 16);
    if (hex.size() != digits || error != std::errc{} || end != hex.data() + hex.size()) {
        return std::nullopt;
    }
    text.remove_prefix(digits);
    return static_cast<char32_t>(value);
}

/// The next character, resolved, at the end of `to`.
void take_character(std::string_view& from, std::string& to) {
    constexpr std::size_t escape_length = 2;
    if (from.front() != '\\' || from.size() < escape_length) {
        to.append(from.substr(0, from.front() == '\\' ? 0 : 1));
        from.remove_prefix(1);
        return;
    }
    const char escaped = from[1];
    from.remove_prefix(escape_length);
    constexpr std::string_view letters = "tnrf";
    constexpr std::string_view controls = "\t\n\r\f";
    const std::size_t place = letters.find(escaped);
    if (place != std::string_view::npos) {
        to += controls[place];
        return;
    }
    const auto code_point = escaped == 'u' ? take_code_point(from) : std::nullopt;
    if (code_point) {
        utf8::append(to, *code_point);
    } else {
        to += escaped;
    }
}

std::pair<std::string, std::string> parse_property(std::string_view line) {
    std::pair<std::string, std::string> property;
    while (!line.empty() && line.front() != '=' && line.front() != ':' &&
           blanks.find(line.front()) == std::string_view::npos) {
        take_character(line, property.first);
    }
    line = without_blanks(line);
    if (!line.empty() && (line.front() == '=' || line.front() == ':')) {
        line = without_blanks(line.substr(1));
    }
    while (!line.empty()) {
        take_character(line, property.second);
    }
    return property;
}

// --- Encryption --------------------------------------------------------------------------------

using CipherPtr = util::CPtr<gcry_cipher_handle, gcry_cipher_close>;

constexpr std::string_view salted = "Salted__";
constexpr std::string_view salted_in_base64 = "U2FsdGVkX1";
constexpr std::size_t salt_bytes = 8;
constexpr std::size_t block_bytes = 16;
constexpr std::size_t key_bytes = 32;
constexpr std::size_t md5_bytes = 16;

/// Key and IV: each part is the MD5 of the part before, the passphrase and the salt.
std::array<char, key_bytes + block_bytes> derive(std::string_view salt,
                                                 const SecretString& passphrase) {
    std::array<char, key_bytes + block_bytes> derived{};
    std::string input;
    input.reserve(md5_bytes + passphrase.size() + salt.size());
    for (std::size_t done = 0; done < derived.size(); done += md5_bytes) {
        input.assign(derived.data() + (done == 0 ? 0 : done - md5_bytes),
                     done == 0 ? 0 : md5_bytes);
        input.append(passphrase.view()).append(salt);
        gcry_md_hash_buffer(GCRY_MD_MD5, derived.data() + done, input.data(), input.size());
    }
    util::wipe(input.data(), input.size());
    return derived;
}

Expected<std::string> decrypt(std::string_view sealed, std::string_view salt,
                              const SecretString& passphrase) {
    gcry_cipher_hd_t opened = nullptr;
    gcry_error_t error =
        gcry_cipher_open(&opened, GCRY_CIPHER_AES256, GCRY_CIPHER_MODE_CBC, GCRY_CIPHER_SECURE);
    const CipherPtr cipher(opened);
    auto derived = derive(salt, passphrase);
    if (error == 0) {
        error = gcry_cipher_setkey(opened, derived.data(), key_bytes);
    }
    if (error == 0) {
        error = gcry_cipher_setiv(opened, derived.data() + key_bytes, block_bytes);
    }
    util::wipe(derived.data(), derived.size());
    std::string text(sealed.size(), '\0');
    if (error == 0) {
        error = gcry_cipher_decrypt(opened, text.data(), text.size(), sealed.data(), sealed.size());
    }
    if (error != 0) {
        return failure(ErrorCode::Crypto, gcry_strerror(error));
    }
    return text;
}

} // namespace

std::vector<std::pair<std::string, std::string>> parse_java_properties(std::string_view text) {
    std::vector<std::pair<std::string, std::string>> properties;
    std::string logical;
    while (!text.empty()) {
        std::string_view line = without_blanks(take_line(text));
        if (logical.empty() && (line.empty() || line.front() == '#' || line.front() == '!')) {
            continue;
        }
        const bool has_more = goes_on(line) && !text.empty();
        logical.append(line.substr(0, line.size() - (has_more ? 1U : 0U)));
        if (!has_more) {
            properties.push_back(parse_property(logical));
            logical.clear();
        }
    }
    if (!logical.empty()) {
        properties.push_back(parse_property(logical));
    }
    return properties;
}

bool is_openssl_file(std::string_view bytes) {
    return bytes.starts_with(salted) || bytes.starts_with(salted_in_base64);
}

Expected<SecretString> open_openssl_file(std::string_view bytes, const SecretString& passphrase) {
    const std::string decoded = bytes.starts_with(salted) ? std::string() : from_base64(bytes);
    std::string_view sealed = decoded.empty() ? bytes : std::string_view(decoded);
    if (!sealed.starts_with(salted) || sealed.size() <= salted.size() + salt_bytes ||
        (sealed.size() - salted.size() - salt_bytes) % block_bytes != 0) {
        return failure(ErrorCode::Malformed, "not what openssl enc writes");
    }
    const std::string_view salt = sealed.substr(salted.size(), salt_bytes);
    sealed.remove_prefix(salted.size() + salt_bytes);
    auto text = decrypt(sealed, salt, passphrase);
    if (!text) {
        return tl::unexpected(text.error());
    }
    const auto padding = static_cast<unsigned char>(text->back());
    const bool is_padded = padding >= 1 && padding <= block_bytes &&
                           text->find_last_not_of(text->back()) + 1 <= text->size() - padding;
    SecretString secret(is_padded ? std::string_view(*text).substr(0, text->size() - padding)
                                  : std::string_view());
    util::wipe(text->data(), text->size());
    if (!is_padded) {
        return failure(ErrorCode::WrongPassphrase, "another passphrase");
    }
    return secret;
}

} // namespace otr_guard::core
