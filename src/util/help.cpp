// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "util/help.h"

#include <algorithm>
#include <array>
#include <clocale>
#include <cstdlib>
#include <optional>
#include <sstream>
#include <utility>

#include "util/file.h"

namespace otr_guard::util {

namespace {

using Kind = HelpBlock::Kind;

constexpr std::size_t longest_page = 1U << 20;

struct Element {
    std::string_view name;
    Kind kind;
};
constexpr std::array elements{Element{"h1", Kind::Title}, Element{"h2", Kind::Heading},
                              Element{"p", Kind::Paragraph}, Element{"li", Kind::Item}};

/// "Line one\n  line two" as one line.
void append_flowing(std::string& text, std::string_view more) {
    for (const char character : more) {
        const bool is_space = character == ' ' || character == '\n' || character == '\t';
        if (!is_space) {
            text += character;
        } else if (!text.empty() && text.back() != ' ') {
            text += ' ';
        }
    }
}

std::string without_tags(std::string_view text, std::string_view name) {
    std::string result;
    while (!text.empty()) {
        const std::size_t open = std::min(text.find('<'), text.size());
        result += text.substr(0, open);
        text.remove_prefix(open);
        const std::size_t close = std::min(text.find('>'), text.size() - 1);
        const std::string_view tag = text.substr(0, text.empty() ? 0 : close + 1);
        const bool is_it =
            tag.starts_with("<" + std::string(name)) || tag.starts_with("</" + std::string(name));
        result += is_it ? std::string_view() : tag;
        text.remove_prefix(tag.size());
    }
    return result;
}

std::string written(const std::vector<HelpBlock>& blocks, std::string_view line_end,
                    const std::array<std::pair<std::string_view, std::string_view>, 2>& around) {
    std::string result;
    std::optional<Kind> before;
    for (const HelpBlock& block : blocks) {
        if (before) {
            result += line_end;
            result += before == Kind::Item && block.kind == Kind::Item ? "" : line_end;
        }
        const bool is_heading = block.kind == Kind::Title || block.kind == Kind::Heading;
        const auto& [first, last] = around.at(block.kind == Kind::Title ? 0 : 1);
        result += is_heading ? first : block.kind == Kind::Item ? "\u2022 " : "";
        result += block.text;
        result += is_heading ? last : "";
        before = block.kind;
    }
    return result;
}

void add_language(std::vector<std::string>& languages, std::string_view locale) {
    std::string name(locale.substr(0, locale.find_first_of(".@")));
    for (; !name.empty(); name.resize(name.find('_') == std::string::npos ? 0 : name.find('_'))) {
        if (std::ranges::find(languages, name) == languages.end()) {
            languages.push_back(name);
        }
    }
}

} // namespace

std::vector<HelpBlock> help_blocks(std::string_view html) {
    std::vector<HelpBlock> blocks;
    const Element* inside = nullptr;
    while (!html.empty()) {
        const std::size_t open = std::min(html.find('<'), html.size());
        if (inside != nullptr) {
            append_flowing(blocks.back().text, html.substr(0, open));
        }
        html.remove_prefix(open);
        const std::size_t close = html.find('>');
        if (close == std::string_view::npos) {
            break;
        }
        const std::string_view tag = html.substr(0, close + 1);
        html.remove_prefix(tag.size());
        const auto element = std::ranges::find_if(elements, [tag](const Element& one) {
            return tag == "<" + std::string(one.name) + ">";
        });
        if (element != elements.end()) {
            inside = &*element;
            blocks.push_back({inside->kind, {}});
        } else if (inside != nullptr && tag == "</" + std::string(inside->name) + ">") {
            inside = nullptr;
        } else if (inside != nullptr) {
            blocks.back().text += tag;
        }
    }
    return blocks;
}

std::string help_for_gtk(const std::vector<HelpBlock>& blocks) {
    return written(blocks, "\n",
                   {{{"<span size=\"x-large\" weight=\"bold\">", "</span>"},
                     {"<span weight=\"bold\">", "</span>"}}});
}

std::string help_for_clients(const std::vector<HelpBlock>& blocks) {
    std::vector<HelpBlock> plain = blocks;
    for (HelpBlock& block : plain) {
        block.text = without_tags(block.text, "a");
    }
    return written(plain, "<br>", {{{"<b>", "</b>"}, {"<b>", "</b>"}}});
}

std::vector<std::string> help_languages() {
    std::vector<std::string> languages;
    const char* set = std::setlocale(LC_MESSAGES, nullptr);
    const std::string_view locale = set != nullptr ? set : "C";
    if (locale == "C" || locale == "POSIX") {
        return languages; // as gettext does, which takes C.UTF-8 for a locale
    }
    const char* wanted = std::getenv("LANGUAGE");
    std::istringstream list(wanted != nullptr ? wanted : "");
    for (std::string one; std::getline(list, one, ':');) {
        add_language(languages, one);
    }
    add_language(languages, locale);
    // What is asked for after English is never reached.
    languages.erase(std::ranges::find_if(languages,
                                         [](const std::string& one) {
                                             return one == "en" || one.starts_with("en_");
                                         }),
                    languages.end());
    return languages;
}

std::string read_help(const std::filesystem::path& folder, std::string_view page,
                      const std::vector<std::string>& languages) {
    std::vector<std::string> folders = languages;
    folders.emplace_back("en");
    const std::string name = std::string(page) + ".html";
    if (page.find_first_not_of("abcdefghijklmnopqrstuvwxyz-") != std::string_view::npos) {
        return {};
    }
    for (const std::string& language : folders) {
        if (language.find('/') != std::string::npos) {
            continue;
        }
        if (auto content = read_file(folder / language / name, longest_page)) {
            return std::move(*content);
        }
    }
    return {};
}

} // namespace otr_guard::util
