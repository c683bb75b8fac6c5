// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// What HTML says, as runs of text in a style: no tag, attribute or nesting of the input gets past
// this unit, only text and the few properties of Style. Must never hand on a colour or a style that
// it does not know.

#include <string>
#include <string_view>

namespace otr_guard::core::html {

struct Style {
    bool is_bold = false;
    bool is_italic = false;
    bool is_underlined = false;
    bool is_struck = false;
    std::string colour; ///< #rgb, #rrggbb or letters; empty: none

    bool operator==(const Style&) const = default;
};

/// Receives the runs in order. Text is not cleaned: it can hold any byte.
class RunSink {
public:
    virtual ~RunSink() = default;
    RunSink() = default;
    RunSink(const RunSink&) = delete;
    RunSink& operator=(const RunSink&) = delete;

    /// Line breaks are '\n'.
    virtual void text(std::string_view bytes, const Style& style) = 0;
    /// Links do not nest. `written` is the attribute as it stands, `address` without entities.
    virtual void open_link(std::string_view written, std::string_view address) = 0;
    virtual void close_link() = 0;
};

/// What becomes of tags that are none of HTML's, such as <foo>.
enum class UnknownTags { Shown, Dropped };

void read_runs(std::string_view html, UnknownTags unknown_tags, RunSink& sink);

} // namespace otr_guard::core::html
