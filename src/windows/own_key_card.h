// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// A card to hand out or print: an SVG picture with the account, its code in digits and words, and
// the QR code. Only what is public anyway.

#include <string>

#include "ipc/own_key_codec.h"

namespace otr_guard::windows {

/// What the QR code says: the link, or the digits where the network has no links.
[[nodiscard]] std::string qr_text_of(const ipc::OwnKey& key);
/// Empty when there is no key.
[[nodiscard]] std::string card_of(const ipc::OwnKey& key);
/// "otr-card-alice@example.org.svg".
[[nodiscard]] std::string card_file_name(const ipc::OwnKey& key);
/// "otr-key-alice@example.org.json".
[[nodiscard]] std::string sealed_file_name(const ipc::OwnKey& key);

} // namespace otr_guard::windows
