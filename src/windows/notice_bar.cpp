// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "windows/notice_bar.h"

#include "windows/widgets.h"

namespace otr_guard::windows {

NoticeBar::NoticeBar() {
    make_text(m_text);
    gtk_container_add(GTK_CONTAINER(get_content_area()->gobj()), m_text.Gtk::Widget::gobj());
    m_text.show();
    set_show_close_button(true);
    set_message_type(Gtk::MESSAGE_INFO);
    signal_response().connect([this](int) { hide(); });
    set_no_show_all(true);
}

void NoticeBar::say(const std::string& text) {
    m_text.set_text(text);
    show();
}

} // namespace otr_guard::windows
