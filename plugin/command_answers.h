// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// What `/otr` answers when it is asked to show something. Plain text, several lines where needed;
// changes nothing. Only status_text() has English keys, because scripts read it.

#include <string>

#include "model/account.h"

namespace otr_guard::plugin {

class Plugin;

/// Exactly one `key: value` per line.
[[nodiscard]] std::string status_text(Plugin& plugin, const model::PeerId& peer);
/// One sentence: private or not, and where to read on.
[[nodiscard]] std::string summary_text(Plugin& plugin, const model::PeerId& peer);
[[nodiscard]] std::string help_text();
[[nodiscard]] std::string own_code_text(Plugin& plugin, const model::PeerId& peer);
[[nodiscard]] std::string their_code_text(Plugin& plugin, const model::PeerId& peer);
[[nodiscard]] std::string expected_code_text(Plugin& plugin, const model::PeerId& peer);
/// What was chosen for the buddy, the account and everybody, and what applies.
[[nodiscard]] std::string policy_text(Plugin& plugin, const model::PeerId& peer);
[[nodiscard]] std::string logging_text(Plugin& plugin, const model::PeerId& peer);
[[nodiscard]] std::string sessions_text(Plugin& plugin, const model::PeerId& peer);
[[nodiscard]] std::string queue_text(Plugin& plugin, const model::PeerId& peer);
[[nodiscard]] std::string files_text(Plugin& plugin, const model::PeerId& peer);
[[nodiscard]] std::string keys_text(Plugin& plugin, const model::PeerId& peer);

} // namespace otr_guard::plugin
