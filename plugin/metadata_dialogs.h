// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// The question whether a file is sent with what it tells beside its content.

#include <functional>
#include <string>

#include "dialogs.h"
#include "file_metadata.h"

namespace otr_guard::plugin {

struct MetadataQuestion {
    /// Of a file, or of what is shared: two questions that do not take each other's place.
    Dialogs::Kind kind = Dialogs::Kind::Metadata;
    std::string name; ///< of the file or folder, for display
    MetadataAnswer answer;
};

enum class MetadataChoice { Cancel, AsItIs, Without };

/// False when the client cannot show it. Cancel is the answer when it goes away without one.
[[nodiscard]] bool ask_about_metadata(Dialogs& dialogs, const model::PeerId& peer,
                                      const MetadataQuestion& question,
                                      std::function<void(MetadataChoice)> answered);

} // namespace otr_guard::plugin
