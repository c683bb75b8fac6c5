// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "windows/qr_code.h"

#include <qrencode.h>

#include "util/c_ptr.h"

namespace otr_guard::windows {

QrCode qr_code_of(const std::string& text) {
    using CodePtr = util::CPtr<QRcode, QRcode_free>;
    const CodePtr code(text.empty() ? nullptr
                                    : QRcode_encodeString8bit(text.c_str(), 0, QR_ECLEVEL_M));
    if (code == nullptr) {
        return {};
    }
    QrCode result{code->width, {}};
    const auto width = static_cast<std::size_t>(code->width);
    result.modules.resize(width * width);
    for (std::size_t i = 0; i < result.modules.size(); ++i) {
        result.modules[i] = (code->data[i] & 1U) != 0;
    }
    return result;
}

} // namespace otr_guard::windows
