// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// A QR code, black on white whatever the theme, with the quiet zone that cameras need. Never the
// only way to what it says: its text stands beside it.

#include <string>

#include <gtkmm/drawingarea.h>

#include "windows/qr_code.h"

namespace otr_guard::windows {

class QrView : public Gtk::DrawingArea {
public:
    QrView();
    /// Nothing is drawn for an empty text, or one that is too long for a code.
    void set_text(const std::string& text);

protected:
    bool on_draw(const Cairo::RefPtr<Cairo::Context>& cairo) override;

private:
    std::string m_text;
    QrCode m_code;
};

} // namespace otr_guard::windows
