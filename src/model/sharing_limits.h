// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// The limits (see limits.h) of links, of metadata in files, and of programs that work for the
// plugin.

#include <chrono>
#include <cstddef>

namespace otr_guard::model::limits {

using namespace std::chrono_literals;

// Programs that work for the plugin.
/// What is still read when a program has ended, in pieces of 4 KiB: a pipe holds 64 KiB.
inline constexpr std::size_t program_output_pieces = 16;
/// A line of what such a program says; longer ones are none of those that are waited for.
inline constexpr std::size_t program_line_bytes = 4U << 10;
/// What mat2 says about one file, and how long it may think about it.
inline constexpr std::size_t metadata_report_bytes = 1U << 20;
inline constexpr auto metadata_check_timeout = 60s;
/// Whether mat2 can be kept from everything else is found out by running it without a file.
inline constexpr auto confinement_trial_timeout = 20s;
/// Making a clean copy reads and writes all of the file, pictures of every page for a PDF.
inline constexpr auto metadata_removal_timeout = 10min;
/// Different names of metadata that are counted for one file, and shown; characters of one.
inline constexpr std::size_t metadata_different_names = 1000;
inline constexpr std::size_t metadata_names = 8;
inline constexpr std::size_t metadata_name_characters = 40;
/// Shares with OnionShare at the same time; each is a web server of its own.
inline constexpr std::size_t onion_shares = 8;
/// Tor takes up to two minutes by itself; then the user is told that it goes on trying.
inline constexpr auto onion_share_patience = 90s;
/// When all was downloaded from OnionShare, this long it may wait for what is still on its way.
inline constexpr auto onion_share_end = 10min;
/// People whose last OnionShare address is remembered for the menu.
inline constexpr std::size_t onion_addresses = 64;

// Links.
/// A link as browsers still take it.
inline constexpr std::size_t link_bytes = 8U << 10;
/// Of it, what a question shows.
inline constexpr std::size_t shown_link_characters = 400;
/// Hosts for which a choice is remembered.
inline constexpr std::size_t remembered_hosts = 1000;

} // namespace otr_guard::model::limits
