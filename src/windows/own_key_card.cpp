// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "windows/own_key_card.h"

#include <algorithm>
#include <cctype>

#include "model/fingerprint.h"
#include "util/i18n.h"
#include "windows/qr_code.h"

namespace otr_guard::windows {

using util::tr;

namespace {

// In the picture's own units: a card of 85.6 x 54 mm, ten to the millimetre.
constexpr int card_width = 856;
constexpr int card_height = 540;
constexpr int margin = 40;
constexpr int qr_side = 250;
constexpr std::size_t words_in_line = 5;
constexpr std::size_t label_characters = 48;

std::string escaped(std::string_view text) {
    std::string result;
    for (const char character : text) {
        switch (character) {
        case '&':
            result += "&amp;";
            break;
        case '<':
            result += "&lt;";
            break;
        case '>':
            result += "&gt;";
            break;
        case '"':
            result += "&quot;";
            break;
        default:
            // XML has no other control characters.
            result += static_cast<unsigned char>(character) < 0x20 ? ' ' : character;
        }
    }
    return result;
}

/// At most so many characters, never half of one.
std::string shortened(const std::string& text) {
    std::size_t characters = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool is_start = (static_cast<unsigned char>(text[i]) & 0xc0U) != 0x80;
        if (is_start && ++characters > label_characters) {
            return text.substr(0, i) + "…";
        }
    }
    return text;
}

std::string line(int y, int size, const std::string& style, const std::string& text) {
    return "<text x=\"" + std::to_string(margin) + "\" y=\"" + std::to_string(y) +
           "\" font-size=\"" + std::to_string(size) + "\" " + style + ">" + escaped(text) +
           "</text>\n";
}

std::string squares_of(const QrCode& code) {
    std::string path;
    for (int row = 0; row < code.width; ++row) {
        for (int column = 0; column < code.width; ++column) {
            if (code.modules[static_cast<std::size_t>(row) * static_cast<std::size_t>(code.width) +
                             static_cast<std::size_t>(column)]) {
                path += "M" + std::to_string(column + qr_quiet_zone) + " " +
                        std::to_string(row + qr_quiet_zone) + "h1v1h-1z";
            }
        }
    }
    const std::string all = std::to_string(code.width + 2 * qr_quiet_zone);
    return "<svg x=\"" + std::to_string(card_width - margin / 2 - qr_side) +
           "\" y=\"150\" width=\"" + std::to_string(qr_side) + "\" height=\"" +
           std::to_string(qr_side) + "\" viewBox=\"0 0 " + all + " " + all +
           "\" shape-rendering=\"crispEdges\"><path fill=\"#000\" d=\"" + path + "\"/></svg>\n";
}

std::string words_line(const std::string& words, std::size_t line) {
    std::size_t start = 0;
    for (std::size_t i = 0; i < line * words_in_line && start != std::string::npos; ++i) {
        start = words.find(' ', start);
        start = start == std::string::npos ? start : start + 1;
    }
    if (start == std::string::npos) {
        return {};
    }
    std::size_t end = start;
    for (std::size_t i = 0; i < words_in_line && end != std::string::npos; ++i) {
        end = words.find(' ', end + (i > 0 ? 1 : 0));
    }
    return words.substr(start, end == std::string::npos ? end : end - start);
}

std::string file_name(const std::string& start, const ipc::OwnKey& key, const std::string& end) {
    std::string name = key.account.username.substr(0, key.account.username.find('/'));
    std::ranges::replace_if(
        name,
        [](unsigned char character) {
            return character < 0x80 && std::isalnum(character) == 0 && character != '@' &&
                   character != '.' && character != '-' && character != '_';
        },
        '-');
    return start + name + end;
}

} // namespace

std::string qr_text_of(const ipc::OwnKey& key) {
    return key.uri.empty() ? key.key : key.uri;
}

std::string card_of(const ipc::OwnKey& key) {
    const auto code = model::Fingerprint::from_hex(key.key);
    if (!code) {
        return {};
    }
    const std::string groups = code->to_groups();
    const std::string plain = "font-family=\"sans-serif\" fill=\"#222\"";
    const std::string fixed = "font-family=\"monospace\" font-weight=\"bold\" fill=\"#000\"";
    std::string svg = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"171.2mm\" "
                      "height=\"108mm\" viewBox=\"0 0 " +
                      std::to_string(card_width) + " " + std::to_string(card_height) + "\">\n" +
                      "<title>" + escaped(key.label) + ": " + groups + "</title>\n" +
                      "<rect width=\"100%\" height=\"100%\" fill=\"#fff\" stroke=\"#888\"/>\n";
    svg += line(70, 34, plain + " font-weight=\"bold\"", shortened(key.label));
    svg +=
        line(112, 22, plain, tr("This is my code (fingerprint) for private conversations (OTR):"));
    svg += line(200, 36, fixed, groups.substr(0, 17));
    svg += line(250, 36, fixed, groups.substr(18, 17));
    svg += line(300, 36, fixed, groups.substr(36));
    svg += line(352, 22, plain, tr("The same in words:"));
    for (std::size_t i = 0; i < 3; ++i) {
        svg += line(392 + 32 * static_cast<int>(i), 24, fixed, words_line(key.words, i));
    }
    svg += line(510, 20, plain, tr("Compare all of it with what your program shows of me."));
    return svg + squares_of(qr_code_of(qr_text_of(key))) + "</svg>\n";
}

std::string card_file_name(const ipc::OwnKey& key) {
    return file_name("otr-card-", key, ".svg");
}

std::string sealed_file_name(const ipc::OwnKey& key) {
    return file_name("otr-key-", key, ".json");
}

} // namespace otr_guard::windows
