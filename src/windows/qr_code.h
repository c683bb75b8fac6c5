// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// The squares of a QR code, for whoever draws them.

#include <string>
#include <vector>

namespace otr_guard::windows {

inline constexpr int qr_quiet_zone = 4; ///< modules, as ISO/IEC 18004 asks

struct QrCode {
    int width = 0;             ///< modules in a row; 0 for no code
    std::vector<bool> modules; ///< row by row, true for dark
};

/// No code for an empty text, or one that is too long.
[[nodiscard]] QrCode qr_code_of(const std::string& text);

} // namespace otr_guard::windows
