// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "windows/qr_view.h"

#include <algorithm>

#include <qrencode.h>

#include "util/c_ptr.h"

namespace otr_guard::windows {

namespace {

using CodePtr = util::CPtr<QRcode, QRcode_free>;

constexpr int quiet_zone = 4; // modules, as ISO/IEC 18004 asks
constexpr int side = 200;     // pixels

} // namespace

QrView::QrView() {
    set_size_request(side, side);
}

void QrView::set_text(const std::string& text) {
    if (text == m_text) {
        return;
    }
    m_text = text;
    const CodePtr code(text.empty() ? nullptr
                                    : QRcode_encodeString8bit(text.c_str(), 0, QR_ECLEVEL_M));
    m_width = code != nullptr ? code->width : 0;
    const auto count = static_cast<std::size_t>(m_width) * static_cast<std::size_t>(m_width);
    m_modules.assign(count, false);
    for (std::size_t i = 0; i < count; ++i) {
        m_modules[i] = (code->data[i] & 1U) != 0;
    }
    set_visible(m_width > 0);
    queue_draw();
}

bool QrView::on_draw(const Cairo::RefPtr<Cairo::Context>& cairo) {
    if (m_width == 0) {
        return true;
    }
    const int size = std::min(get_allocated_width(), get_allocated_height());
    const int all = m_width + 2 * quiet_zone;
    const int module = std::max(1, size / all);
    const int start = (size - module * m_width) / 2;
    cairo->set_source_rgb(1, 1, 1);
    cairo->rectangle(0, 0, size, size);
    cairo->fill();
    cairo->set_source_rgb(0, 0, 0);
    for (int row = 0; row < m_width; ++row) {
        for (int column = 0; column < m_width; ++column) {
            const auto place = static_cast<std::size_t>(row) * static_cast<std::size_t>(m_width) +
                               static_cast<std::size_t>(column);
            if (m_modules[place]) {
                cairo->rectangle(start + column * module, start + row * module, module, module);
            }
        }
    }
    cairo->fill();
    return true;
}

} // namespace otr_guard::windows
