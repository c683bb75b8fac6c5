// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// What came of an act, at the top of a window until the user closes it.

#include <string>

#include <gtkmm/infobar.h>
#include <gtkmm/label.h>

namespace otr_guard::windows {

class NoticeBar final : public Gtk::InfoBar {
public:
    /// Hidden, also when everything is shown; any of its buttons hides it again.
    NoticeBar();

    /// Shows `text`, plain.
    void say(const std::string& text);

private:
    Gtk::Label m_text;
};

} // namespace otr_guard::windows
