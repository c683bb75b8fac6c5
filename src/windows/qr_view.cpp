// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "windows/qr_view.h"

#include <algorithm>

namespace otr_guard::windows {

namespace {

constexpr int side = 200; // pixels

} // namespace

QrView::QrView() {
    set_size_request(side, side);
}

void QrView::set_text(const std::string& text) {
    if (text == m_text) {
        return;
    }
    m_text = text;
    m_code = qr_code_of(text);
    set_visible(m_code.width > 0);
    queue_draw();
}

bool QrView::on_draw(const Cairo::RefPtr<Cairo::Context>& cairo) {
    if (m_code.width == 0) {
        return true;
    }
    const int size = std::min(get_allocated_width(), get_allocated_height());
    const int all = m_code.width + 2 * qr_quiet_zone;
    const int module = std::max(1, size / all);
    const int start = (size - module * m_code.width) / 2;
    cairo->set_source_rgb(1, 1, 1);
    cairo->rectangle(0, 0, size, size);
    cairo->fill();
    cairo->set_source_rgb(0, 0, 0);
    for (int row = 0; row < m_code.width; ++row) {
        for (int column = 0; column < m_code.width; ++column) {
            const auto place =
                static_cast<std::size_t>(row) * static_cast<std::size_t>(m_code.width) +
                static_cast<std::size_t>(column);
            if (m_code.modules[place]) {
                cairo->rectangle(start + column * module, start + row * module, module, module);
            }
        }
    }
    cairo->fill();
    return true;
}

} // namespace otr_guard::windows
