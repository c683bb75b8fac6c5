// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Sizes and times of files that pass in private conversations, named, with their reasons; limits.h
// has all others.

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace otr_guard::model::limits {

using namespace std::chrono_literals;

// Files that are sent and received in private conversations (OTRDATA).
/// What begins such a message, up to its empty line: everything that is not a part of a file.
inline constexpr std::size_t otrdata_head_bytes = 4U << 10;
inline constexpr std::size_t otrdata_headers = 32;
inline constexpr std::size_t otrdata_id_bytes = 100;
inline constexpr std::size_t otrdata_url_bytes = 2000;
/// The whole: a record's length has 16 bits.
inline constexpr std::size_t otrdata_bytes = 65535;
/// A file is asked for in pieces of this size (ChatSecure's); one takes 22 KiB on the wire.
inline constexpr std::size_t file_block_bytes = 16384;
/// What one request may ask for; ChatSecure for iOS counts one byte more.
inline constexpr std::size_t file_range_bytes = file_block_bytes + 1;
/// A protocol with shorter messages would need dozens for each piece, slowly (IRC).
inline constexpr std::size_t file_message_bytes = 24U << 10;
/// Pieces that we ask one peer for before the first of them has come.
inline constexpr std::size_t file_blocks_asked = 5;
/// Requests of one peer for a piece that wait to be answered; the next one is refused.
inline constexpr std::size_t file_requests_waiting = 16;
/// A whole file: what passes in some hours at a server's usual speed. ChatSecure takes 64 MiB.
inline constexpr std::uint64_t file_bytes = 1U << 30;
inline constexpr std::uint64_t chatsecure_file_bytes = 64U << 20;
/// Files offered, on their way or just over, that are remembered: per peer in each direction, and
/// altogether. The next one is refused.
inline constexpr std::size_t files_per_peer = 16;
inline constexpr std::size_t files_total = 200;
/// Offers of one peer that the user is told of within a minute; the next one is refused.
inline constexpr std::size_t file_offers_per_minute = 20;
/// A file's name, in bytes: file systems take 255, and a number may be added.
inline constexpr std::size_t file_name_bytes = 180;
/// The type of a file as its sender names it, in characters.
inline constexpr std::size_t media_type_characters = 60;
/// Files of the same name in one folder.
inline constexpr unsigned same_file_names = 1000;
/// Times that a piece which did not come whole is asked for again.
inline constexpr unsigned file_block_retries = 3;
/// Somebody whose program does not react to an offer at all does not know private files.
inline constexpr auto file_answer_timeout = 30s;
/// Pieces that do not come within this time are asked for again; a slow server needs some seconds
/// for one.
inline constexpr auto file_block_timeout = 60s;
/// How soon a piece comes shows how much stands before it in the line, and text would have to wait
/// behind: sooner than the one we ask for more at a time, later than the other for less.
inline constexpr auto file_quick_block = 1s;
inline constexpr auto file_slow_block = 3s;
/// Between two pieces that we send.
inline constexpr auto file_block_interval = 10ms;
/// How often it is tried to go on with what was interrupted.
inline constexpr auto file_retry = 15s;
/// What nobody accepts, takes up again or confirms within this time is given up.
inline constexpr auto file_lifetime = 24h;

// What would pass in clear beside a private conversation.
/// How long an allowance of the user's for one transfer waits for it.
inline constexpr auto clear_transfer_allowed = 10min;
/// What was stopped and is told within a minute, of all peers together.
inline constexpr std::size_t clear_transfers_told = 10;

} // namespace otr_guard::model::limits
