// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// The outer form of OTR messages: recognising them and writing the few that libotr does not write
// for us. Reads untrusted text; decides nothing.

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/libotr.h"
#include "core/markup.h"
#include "model/fingerprint.h"
#include "model/states.h"

namespace otr_guard::core {

/// An encrypted data message or a piece of one: the only thing that may leave while a conversation
/// is private. Errors, queries and tagged text are none.
[[nodiscard]] bool is_data_message(std::string_view wire);

/// The part of an encoded message ("?OTR:...") that anybody can read.
struct Header {
    unsigned version;
    unsigned char type;
    model::InstanceTag sender;   ///< 0 in version 2
    model::InstanceTag receiver; ///< 0 in version 2
    /// A data message that carries no text of the user: nobody misses it (OTRv3,
    /// "IGNORE_UNREADABLE").
    bool is_expendable;
};
/// Nothing when the message is too short to have one.
[[nodiscard]] std::optional<Header> header_of(std::string_view wire);

/// What a D-H Commit message promises: the SHA-256 of its sender's g^x (OTRv3, "D-H Commit
/// Message"). Nothing when the message is no whole one of version 3.
using CommitHash = std::array<std::uint8_t, 32>;
[[nodiscard]] std::optional<CommitHash> commit_hash_of(const std::string& wire);

/// Anything that OTR itself writes: data, key exchange, fragments, queries, errors.
[[nodiscard]] bool is_protocol_message(std::string_view wire);

/// "?OTR Error:" at the start, or the "OTR Error:" of ChatSecure for iOS.
[[nodiscard]] bool is_error_message(std::string_view wire);
/// The text behind the prefix.
[[nodiscard]] std::string_view error_text_of(std::string_view wire);

/// A whitespace tag anywhere in the text (OTRv3, "Tagged plaintext messages").
[[nodiscard]] bool has_whitespace_tag(std::string_view text);
/// The tag that offers versions 2 and 3.
[[nodiscard]] std::string_view whitespace_tag();
/// The tag in the text, with all versions it offers; empty when there is none.
[[nodiscard]] std::string_view find_whitespace_tag(std::string_view text);
/// `text` without the tag.
[[nodiscard]] std::string strip_whitespace_tag(std::string_view text);

/// One piece, `number` of `count` (OTRv3, "Fragmentation").
[[nodiscard]] std::string make_fragment(unsigned version, model::InstanceTag sender,
                                        model::InstanceTag receiver, std::size_t number,
                                        std::size_t count, std::string_view piece);

/// A whole encoded message in pieces of at most `limit` bytes, but never less than
/// limits::smallest_message_size; 0 is no limit. Anything else is not taken apart. Empty when the
/// protocol has no numbers for that many pieces.
[[nodiscard]] std::vector<std::string> split_message(std::string_view wire, std::size_t limit);

/// The query that starts a key exchange: "?OTRv23? " and one neutral line, which is left out when
/// there is no room for it (`limit` 0 is no limit).
[[nodiscard]] std::string make_query(std::string_view explanation, std::size_t limit);

[[nodiscard]] model::Fingerprint fingerprint_of(const Fingerprint& fingerprint);

/// What a peer whom we have not read yet is taken to speak: plain text on IRC, HTML elsewhere.
[[nodiscard]] markup::TextFormat default_format(std::string_view protocol);

/// The word of a hold reason in notices and status lines.
[[nodiscard]] std::string_view hold_word(model::HoldReason reason);

} // namespace otr_guard::core
