// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// What is looked at before a file of the user's is offered to anybody: what it tells beside its
// content. The one place where a file can still be exchanged for a copy or held back.

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "model/account.h"

namespace otr_guard::plugin {

class Plugin;

struct CheckedFile {
    std::string path;
    /// Kept until the file is open: a copy goes with it.
    std::shared_ptr<const void> keep{};
};

/// Nothing when the user does not want to send it any more, or a copy without metadata could not be
/// made; the user has been told.
using FileChecked = std::function<void(const std::optional<CheckedFile>&)>;

/// What to know about files of its kind, in a sentence; it may be the same for many.
using FileRemark = std::function<void(const std::string&)>;

/// Calls `done` once, now or after the user was asked, and `remark` before. `path` is a whole one.
void check_file(Plugin& plugin, const model::PeerId& peer, const std::string& path,
                FileRemark remark, FileChecked done);

} // namespace otr_guard::plugin
