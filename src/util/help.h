// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// The help pages: data/help/LANGUAGE/PAGE.html, part of an installation, shown without a browser
// and without a network. Few elements are known: h1, h2, p, ul, li, b, a. tests/lint/check_help.py
// looks that there are no others.

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace otr_guard::util {

struct HelpBlock {
    enum class Kind { Title, Heading, Paragraph, Item };
    Kind kind;
    std::string text; ///< escaped, with <b> and <a href="PAGE.html">
};

/// The blocks of a page, in their order; what is in no block is left out.
[[nodiscard]] std::vector<HelpBlock> help_blocks(std::string_view html);

/// For GTK: Pango markup with links.
[[nodiscard]] std::string help_for_gtk(const std::vector<HelpBlock>& blocks);
/// For libpurple's windows of formatted text; its links are plain words.
[[nodiscard]] std::string help_for_clients(const std::vector<HelpBlock>& blocks);

/// The user's languages, best first, as folders are named ("pt_BR", "pt"); English is not among
/// them, because it is there anyway.
[[nodiscard]] std::vector<std::string> help_languages();

/// A page in the first of the languages that has it, else in English; empty when there is none.
/// `folder` is the one of all languages, `page` a name like "verify".
[[nodiscard]] std::string read_help(const std::filesystem::path& folder, std::string_view page,
                                    const std::vector<std::string>& languages);

} // namespace otr_guard::util
