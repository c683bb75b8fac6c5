// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include <boost/test/unit_test.hpp>

#include <array>
#include <chrono>
#include <functional>
#include <gcrypt.h>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "core/identity.h"
#include "core/key_backup.h"
#include "core/key_text.h"
#include "model/limits.h"

using namespace otr_guard;
using core::BackupNames;
using core::CheckedKey;
using nlohmann::json;
using util::ErrorCode;
using util::SecretString;
using namespace std::string_literals;
namespace limits = model::limits;

namespace {

const std::string passphrase = "correct horse battery staple";
constexpr std::string_view digits = "0123456789abcdef";

struct Libotr {
    Libotr() { BOOST_REQUIRE(core::initialise_libotr().has_value()); }
};

/// One key and its sealed text, made once for all cases.
struct Sample {
    CheckedKey key;
    BackupNames names;
    std::string text;
};

const Sample& sample() {
    static const Sample made = [] {
        auto key = core::make_key().value();
        const BackupNames names{{"alice@example.org/\"Höme\"", "prpl-jabber"}, key.fingerprint};
        std::string text = core::seal_backup(names, key.text, SecretString(passphrase)).value();
        return Sample{std::move(key), names, std::move(text)};
    }();
    return made;
}

std::optional<ErrorCode> error_of(std::string_view text, const std::string& with = passphrase) {
    const auto opened = core::open_backup(text, SecretString(with));
    return opened ? std::nullopt : std::optional(opened.error().code);
}

std::optional<ErrorCode> naming_error_of(std::string_view text) {
    const auto names = core::read_backup_names(text);
    return names ? std::nullopt : std::optional(names.error().code);
}

/// What somebody writes who knows the format: the check, which needs no passphrase, fits.
std::string with_fitting_check(json backup) {
    std::string all = "otr-guard-key 1";
    const auto add = [&all](const std::string& value) {
        all += "\n" + std::to_string(value.size()) + " " + value;
    };
    const auto bytes = [](const std::string& hex) {
        std::string result;
        for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
            result += static_cast<char>(digits.find(hex[i]) * 16 + digits.find(hex[i + 1]));
        }
        return result;
    };
    add(backup["account"]);
    add(backup["protocol"]);
    add(backup["fingerprint"]);
    add(backup["kdf"]);
    add(backup["n"].dump());
    add(bytes(backup["salt"]));
    add(backup["cipher"]);
    add(bytes(backup["nonce"]));
    all += "\n" + bytes(backup["sealed"]);
    std::array<unsigned char, 32> hash{};
    gcry_md_hash_buffer(GCRY_MD_SHA256, hash.data(), all.data(), all.size());
    std::string check;
    for (std::size_t i = 0; i < 16; ++i) {
        check += digits[hash[i] >> 4U];
        check += digits[hash[i] & 0xfU];
    }
    backup["check"] = check;
    return backup.dump();
}

json parsed_sample() {
    return json::parse(sample().text);
}

/// The key with one of its numbers replaced.
std::string key_with(char name, const std::string& hex) {
    std::string text(sample().key.text.view());
    const std::size_t number = text.find(std::string("(") + name + " #") + 4;
    BOOST_REQUIRE(number > 4U);
    text.replace(number, text.find('#', number) - number, hex);
    return text;
}

std::string number_in_key(char name) {
    const std::string text(sample().key.text.view());
    const std::size_t number = text.find(std::string("(") + name + " #") + 4;
    return text.substr(number, text.find('#', number) - number);
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(key_backup, Libotr)

BOOST_AUTO_TEST_CASE(opens_what_it_has_sealed) {
    BOOST_TEST((core::read_backup_names(sample().text).value() == sample().names));
    const auto opened = core::open_backup(sample().text, SecretString(passphrase));
    BOOST_REQUIRE(opened.has_value());
    BOOST_TEST((opened->text.view() == sample().key.text.view()));
    BOOST_TEST((opened->fingerprint == sample().key.fingerprint));
    BOOST_TEST((error_of(with_fitting_check(parsed_sample())) == std::nullopt));
}

BOOST_AUTO_TEST_CASE(shows_nothing_of_the_key) {
    for (const char name : {'p', 'q', 'g', 'y', 'x'}) {
        std::string number = number_in_key(name).substr(2, 16);
        BOOST_TEST(sample().text.find(number) == std::string::npos);
        for (char& digit : number) {
            digit = static_cast<char>(std::tolower(static_cast<unsigned char>(digit)));
        }
        BOOST_TEST(sample().text.find(number) == std::string::npos);
    }
    BOOST_TEST(sample().text.find(passphrase) == std::string::npos);
    BOOST_TEST(sample().text.size() < limits::key_backup_bytes);
}

BOOST_AUTO_TEST_CASE(seals_the_same_key_differently_each_time) {
    const json first = parsed_sample();
    const json second = json::parse(
        core::seal_backup(sample().names, sample().key.text, SecretString(passphrase)).value());
    for (const char* member : {"salt", "nonce", "sealed", "check"}) {
        BOOST_TEST(first[member] != second[member]);
    }
}

BOOST_AUTO_TEST_CASE(stays_closed_under_another_passphrase) {
    for (const std::string& wrong :
         {passphrase + " ", "Correct horse battery staple"s, "x"s, passphrase.substr(1)}) {
        BOOST_TEST((error_of(sample().text, wrong) == ErrorCode::WrongPassphrase));
    }
    for (const std::string& none : {""s, std::string(limits::passphrase_bytes + 1, 'a')}) {
        BOOST_TEST((error_of(sample().text, none) == ErrorCode::WrongPassphrase));
        const auto sealed =
            core::seal_backup(sample().names, sample().key.text, SecretString(none));
        BOOST_REQUIRE(!sealed.has_value());
        BOOST_TEST((sealed.error().code == ErrorCode::Refused));
    }
}

BOOST_AUTO_TEST_CASE(notices_every_changed_byte_without_trying_the_passphrase) {
    const auto begin = std::chrono::steady_clock::now();
    for (std::size_t i = 0; i < sample().text.size(); ++i) {
        for (const int change : {0x01, 0x20, 0x80}) {
            std::string damaged = sample().text;
            damaged[i] = static_cast<char>(damaged[i] ^ change);
            const auto error = error_of(damaged);
            const bool is_line_end = sample().text[i] == '\n' && i + 1 == sample().text.size();
            BOOST_TEST_CONTEXT("byte " << i << " changed by " << change << ": " << damaged[i]) {
                // Another version number is the one change that may be an honest one.
                BOOST_TEST((error == ErrorCode::Malformed || error == ErrorCode::Unavailable ||
                            (is_line_end && !error)));
            }
        }
    }
    // Trying would take minutes.
    BOOST_TEST((std::chrono::steady_clock::now() - begin < std::chrono::seconds(60)));
}

BOOST_AUTO_TEST_CASE(notices_when_a_part_is_missing) {
    const std::size_t last_brace = sample().text.rfind('}');
    for (std::size_t size = 0; size <= last_brace; ++size) {
        BOOST_TEST((error_of(sample().text.substr(0, size)) == ErrorCode::Malformed));
    }
    const json whole = parsed_sample();
    for (const auto& [name, value] : whole.items()) {
        json without = parsed_sample();
        without.erase(name);
        BOOST_TEST((naming_error_of(without.dump()) == ErrorCode::Malformed));
        json other = parsed_sample();
        for (const json& odd : {json(nullptr), json(-1), json(1.5), json("x"), json::array(),
                                json{{"a", json::array({1})}}, json(true)}) {
            other[name] = odd;
            BOOST_TEST((naming_error_of(other.dump()) == ErrorCode::Malformed));
        }
    }
}

BOOST_AUTO_TEST_CASE(authenticates_whose_key_it_is_and_how_it_is_sealed) {
    const std::vector<std::function<void(json&)>> forgeries{
        [](json& backup) { backup["account"] = "mallory@example.org"; },
        [](json& backup) { backup["protocol"] = "prpl-irc"; },
        [](json& backup) { backup["fingerprint"] = std::string(40, 'a'); },
        [](json& backup) { backup["n"] = limits::backup_scrypt_cost / 2; },
        [](json& backup) { backup["salt"] = std::string(32, '0'); },
        [](json& backup) { backup["nonce"] = std::string(24, '0'); },
        [](json& backup) {
            std::string sealed = backup["sealed"];
            sealed.front() = sealed.front() == '0' ? '1' : '0';
            backup["sealed"] = sealed;
        },
        [](json& backup) {
            std::string sealed = backup["sealed"];
            sealed.back() = sealed.back() == '0' ? '1' : '0';
            backup["sealed"] = sealed;
        },
        [](json& backup) { backup["sealed"] = std::string(2 * 17, 'a'); },
    };
    for (const auto& forge : forgeries) {
        json backup = parsed_sample();
        forge(backup);
        BOOST_TEST((error_of(with_fitting_check(backup)) == ErrorCode::WrongPassphrase));
    }
}

BOOST_AUTO_TEST_CASE(takes_no_more_memory_and_time_than_limits_allow) {
    json backup = parsed_sample();
    for (const std::uint64_t cost :
         {std::uint64_t(limits::largest_backup_scrypt_cost) * 2, std::uint64_t(1) << 31U,
          std::uint64_t(1) << 32U, std::uint64_t(1) << 63U, UINT64_MAX}) {
        backup["n"] = cost;
        BOOST_TEST((error_of(with_fitting_check(backup)) == ErrorCode::TooLarge));
    }
    for (const std::uint64_t cost : {0U, 1U, 2U, 8192U, 65535U, 65537U}) {
        backup["n"] = cost;
        BOOST_TEST((error_of(with_fitting_check(backup)) == ErrorCode::Malformed));
    }
    backup = parsed_sample();
    backup["sealed"] = std::string(2 * limits::private_key_bytes + 2, 'a');
    BOOST_TEST((error_of(with_fitting_check(backup)) == ErrorCode::Malformed));
    backup = parsed_sample();
    for (const std::string& name :
         {""s, std::string(limits::backup_name_bytes + 1, 'a'), "a\nb"s, "a\x7f"s, "a\0b"s}) {
        backup["account"] = name;
        BOOST_TEST((naming_error_of(with_fitting_check(backup)) == ErrorCode::Malformed));
    }
    const std::string nested(limits::key_backup_bytes - 1, '[');
    for (const std::string& text : {nested, "{\"a\":" + nested.substr(8), ""s, "null"s, "[]"s,
                                    "{}"s, "{\"otr-guard-key\": {}}"s, std::string(100, '\0'),
                                    std::string(limits::key_backup_bytes + 1, ' ')}) {
        BOOST_TEST((naming_error_of(text) == ErrorCode::Malformed));
    }
}

BOOST_AUTO_TEST_CASE(tells_a_later_version_from_a_damaged_text) {
    json backup = parsed_sample();
    for (const json& later : {json(2), json(1000)}) {
        backup["otr-guard-key"] = later;
        BOOST_TEST((naming_error_of(backup.dump()) == ErrorCode::Unavailable));
    }
    for (const json& odd : {json(0), json(-1)}) {
        backup["otr-guard-key"] = odd;
        BOOST_TEST((naming_error_of(backup.dump()) == ErrorCode::Malformed));
    }
}

BOOST_AUTO_TEST_CASE(seals_no_names_that_the_text_cannot_hold) {
    for (const std::string& name :
         {""s, "a\nb"s, "\xff"s, "\xc3"s, std::string(limits::backup_name_bytes + 1, 'a')}) {
        for (const model::AccountId& account :
             {model::AccountId{name, "prpl-irc"}, model::AccountId{"alice", name}}) {
            const auto sealed = core::seal_backup({account, sample().key.fingerprint},
                                                  sample().key.text, SecretString(passphrase));
            BOOST_REQUIRE(!sealed.has_value());
            BOOST_TEST((sealed.error().code == ErrorCode::Malformed));
        }
    }
}

// --- The key inside ----------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(takes_no_other_key_than_the_one_that_is_named) {
    const CheckedKey other = core::make_key().value();
    const std::string text =
        core::seal_backup(sample().names, other.text, SecretString(passphrase)).value();
    BOOST_TEST((naming_error_of(text) == std::nullopt));
    BOOST_TEST((error_of(text) == ErrorCode::Malformed));
}

BOOST_AUTO_TEST_CASE(takes_a_key_as_libotr_writes_it) {
    const auto checked = core::check_key_text(sample().key.text.view());
    BOOST_REQUIRE(checked.has_value());
    BOOST_TEST((checked->fingerprint == sample().key.fingerprint));
    BOOST_TEST((checked->text.view() == sample().key.text.view()));
    // What is beside the five numbers does not come through.
    const std::string more =
        "(a (private-key (dsa (z #01#)" + std::string(sample().key.text.view()).substr(17) + ")";
    const auto bare = core::check_key_text(more);
    BOOST_REQUIRE(bare.has_value());
    BOOST_TEST((bare->text.view() == sample().key.text.view()));
}

BOOST_AUTO_TEST_CASE(takes_no_key_whose_numbers_do_not_belong_together) {
    const std::string p = number_in_key('p');
    const std::string q = number_in_key('q');
    std::string other_x = number_in_key('x');
    other_x.back() = other_x.back() == '1' ? '2' : '1';
    std::string other_p = p;
    other_p.back() = other_p.back() == '1' ? '3' : '1';
    for (const std::string& text : {key_with('x', other_x),
                                    key_with('x', "00"),
                                    key_with('x', q),
                                    key_with('x', p),
                                    key_with('y', "01"),
                                    key_with('y', p),
                                    key_with('g', "00"),
                                    key_with('g', "01"),
                                    key_with('g', p),
                                    key_with('q', "05"),
                                    key_with('q', p),
                                    key_with('p', other_p),
                                    key_with('p', q),
                                    key_with('p', "00"),
                                    key_with('p', p + "00"),
                                    key_with('p', std::string(2000, 'f')),
                                    ""s,
                                    "()"s,
                                    "(private-key)"s,
                                    "(private-key (rsa (n #01#)))"s,
                                    "(private-key (dsa))"s,
                                    "(private-key (dsa (p)))"s,
                                    "(privkeys"s,
                                    std::string(4000, '('),
                                    std::string(100, '\0')}) {
        const auto checked = core::check_key_text(text);
        BOOST_TEST_CONTEXT(text.substr(0, 60)) {
            BOOST_REQUIRE(!checked.has_value());
            BOOST_TEST((checked.error().code == ErrorCode::Malformed));
        }
    }
}

BOOST_AUTO_TEST_CASE(takes_no_key_of_another_size) {
    gcry_sexp_t parameters = nullptr;
    BOOST_REQUIRE(gcry_sexp_new(&parameters, "(genkey (dsa (nbits 4:2048)))", 0, 1) == 0);
    gcry_sexp_t made = nullptr;
    BOOST_REQUIRE(gcry_pk_genkey(&made, parameters) == 0);
    std::string text(gcry_sexp_sprint(made, GCRYSEXP_FMT_ADVANCED, nullptr, 0), '\0');
    text.resize(gcry_sexp_sprint(made, GCRYSEXP_FMT_ADVANCED, text.data(), text.size()));
    gcry_sexp_release(parameters);
    gcry_sexp_release(made);
    const auto checked = core::check_key_text(text);
    BOOST_REQUIRE(!checked.has_value());
    BOOST_TEST((checked.error().code == ErrorCode::Malformed));
}

BOOST_AUTO_TEST_SUITE_END()
