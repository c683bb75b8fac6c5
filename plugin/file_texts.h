// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Sentences about files that pass in private conversations, and about transfers in clear that were
// stopped. Plain text, translated; the names in it are other people's.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/file_desk.h"
#include "model/notice.h"

namespace otr_guard::plugin {

/// Nothing when the notice is not about files. `name` is isolated already.
[[nodiscard]] std::optional<std::string> file_text_of(const model::Notice& notice,
                                                      std::string_view name);

/// "3.4 MB", in the way that file managers count.
[[nodiscard]] std::string size_text(std::uint64_t bytes);

/// What somebody should know before they agree to a file of theirs; empty when there is nothing.
[[nodiscard]] std::string warning_about(core::FileRisk risk);

/// What to know before an offer is accepted, one thing in a line: the type as they say, and what
/// speaks for caution. `name` is theirs, isolated already.
[[nodiscard]] std::string offer_remarks(const core::FileStatus& file, bool is_verified,
                                        std::string_view name);

[[nodiscard]] unsigned percent_of(const core::FileStatus& file);

/// How it stands, with the percentage while it runs.
[[nodiscard]] std::string file_state_text(const core::FileStatus& file);

/// One line for each file, oldest first.
[[nodiscard]] std::string list_of_files(const std::vector<core::FileStatus>& files);

} // namespace otr_guard::plugin
