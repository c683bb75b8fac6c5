// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// The question what to do with a link, and the words for what is odd about it.

#include <functional>
#include <string>
#include <vector>

#include "core/link_view.h"
#include "dialogs.h"

namespace otr_guard::plugin {

enum class LinkWay { TorBrowser, Copy, Normally };

struct LinkQuestion {
    std::string address;
    std::optional<core::LinkView> view; ///< nothing when it is not understood
    std::vector<LinkWay> ways;          ///< in the order in which they are offered, not empty
    bool can_be_remembered = false;
};

using LinkAnswered = std::function<void(LinkWay way, bool is_for_host)>;

/// One sentence, with what follows from it; plain text.
[[nodiscard]] std::string text_of(core::LinkFinding finding, const core::LinkView& view);

/// False when the client cannot show it. A question replaces the one before.
[[nodiscard]] bool ask_about_link(Dialogs& dialogs, const LinkQuestion& question,
                                  LinkAnswered answered);

} // namespace otr_guard::plugin
