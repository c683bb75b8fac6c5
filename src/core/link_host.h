// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// The name or number of a computer in a link, as programs take it and as people read it. Pure and
// strict: what browsers might understand in another way than we do is not understood at all.

#include <optional>
#include <string>
#include <string_view>

namespace otr_guard::core {

struct LinkHost {
    /// As programs take it: lower case, a to z alone ("xn--..."), a number in brackets if it is
    /// one of IPv6. Without a full stop at the end.
    std::string ascii;
    /// As people read it, where that is different; never a character that cannot be seen.
    std::string readable;
    bool is_number = false;     ///< an address of IPv4 or IPv6
    bool is_odd_number = false; ///< one of IPv4 that is not written with four numbers
    /// Two alphabets with letters that look alike are in one of its parts.
    bool mixes_alphabets = false;
    /// On this computer or in the user's own network.
    bool is_near = false;

    [[nodiscard]] bool is_onion() const { return ascii.ends_with(".onion"); }
};

/// Nothing when it is none, or not certainly one.
[[nodiscard]] std::optional<LinkHost> parse_link_host(std::string_view text);

} // namespace otr_guard::core
