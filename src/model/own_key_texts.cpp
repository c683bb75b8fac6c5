// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/own_key_texts.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <set>

#include "util/i18n.h"

namespace otr_guard::model {

using util::format;
using util::tr;
using util::tr_n;

namespace {

constexpr std::size_t shortest_passphrase = 8;
constexpr double weak_bits = 45;
constexpr double good_bits = 70;

/// What happens in any case when a key goes away.
std::string consequences(std::size_t people) {
    return format(tr_n("Whoever has verified the old one has to verify you again ({number} person "
                       "has seen it).",
                       "Whoever has verified the old one has to verify you again ({number} people "
                       "have seen it).",
                       people),
                  {{"number", std::to_string(people)}}) +
           " " +
           tr("Those who accept only the old one refuse you until then. Private conversations on "
              "this account end; what you type in them starts new ones. The old key is gone unless "
              "you have exported it.");
}

} // namespace

std::string new_key_warning(std::size_t people) {
    return tr("Do this only when somebody else may have the old key.") + " " + consequences(people);
}

std::string delete_key_warning(std::size_t people) {
    return tr("As soon as this account needs a key, a new one is made.") + " " +
           consequences(people);
}

std::string replace_key_warning(std::size_t people) {
    return tr("The account has another key, which the imported one replaces.") + " " +
           consequences(people);
}

std::string passphrase_advice() {
    return tr("Whoever has the file and the passphrase can pose as you. Take at least five words "
              "that do not belong together, and keep them apart from the file. Without the "
              "passphrase the file is of no use to anybody, you included.");
}

namespace {

/// How many letters, capitals, digits, signs and others the characters seem to be taken from.
double alphabet_of(std::string_view passphrase) {
    struct Kind {
        bool (*holds)(unsigned char);
        double size;
    };
    static constexpr auto is_small = [](unsigned char byte) { return byte >= 'a' && byte <= 'z'; };
    static constexpr auto is_capital = [](unsigned char byte) {
        return byte >= 'A' && byte <= 'Z';
    };
    static constexpr auto is_digit = [](unsigned char byte) { return byte >= '0' && byte <= '9'; };
    static constexpr auto is_beyond_ascii = [](unsigned char byte) { return byte >= 0x80; };
    static constexpr auto is_sign = [](unsigned char byte) {
        return !is_small(byte) && !is_capital(byte) && !is_digit(byte) && !is_beyond_ascii(byte);
    };
    static constexpr std::array<Kind, 5> kinds{
        {{is_small, 26}, {is_capital, 26}, {is_digit, 10}, {is_sign, 33}, {is_beyond_ascii, 100}}};
    double size = 0;
    for (const Kind& kind : kinds) {
        size += std::ranges::any_of(
                    passphrase,
                    [&kind](char byte) { return kind.holds(static_cast<unsigned char>(byte)); })
                    ? kind.size
                    : 0;
    }
    return size;
}

} // namespace

Strength strength_of(std::string_view passphrase) {
    const auto characters = static_cast<std::size_t>(std::ranges::count_if(
        passphrase, [](char byte) { return (static_cast<unsigned char>(byte) & 0xc0U) != 0x80; }));
    if (characters < shortest_passphrase) {
        return Strength::TooShort;
    }
    const double alphabet = alphabet_of(passphrase);
    // What repeats adds little, and letters of words about half of what random ones do.
    const std::set<char> distinct(passphrase.begin(), passphrase.end());
    const double counted = std::min<double>(static_cast<double>(characters),
                                            2.5 * static_cast<double>(distinct.size()));
    const double bits = counted * std::log2(alphabet) * (alphabet <= 60 ? 0.5 : 0.8);
    return bits < weak_bits ? Strength::Weak : bits < good_bits ? Strength::Fair : Strength::Good;
}

std::string text_of(Strength strength) {
    switch (strength) {
    case Strength::TooShort:
        return tr("Too short: at least eight characters.");
    case Strength::Weak:
        return tr("Easy to guess for a computer; more words help.");
    case Strength::Fair:
        return tr("Fair; one more word makes it good.");
    case Strength::Good:
        return tr("Hard to guess, unless it is written somewhere.");
    }
    return {};
}

} // namespace otr_guard::model
