// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
//
// otr-guard-windows: started by the plugin with its end of the channel as descriptor 3, never by
// hand. Ends with the plugin.
#include <clocale>
#include <cstdio>
#include <fcntl.h>
#include <string_view>

#include <gtkmm/icontheme.h>
#include <gtkmm/main.h>
#include <gtkmm/settings.h>
#include <gtkmm/window.h>

#include "util/log.h"
#include "util/parts.h"
#include "windows/application.h"
#include "windows/widgets.h"

namespace {

void to_stderr(otr_guard::util::LogLevel, std::string_view where, std::string_view text) {
    static_cast<void>(std::fprintf(stderr, "otr-guard-windows: %.*s: %.*s\n",
                                   static_cast<int>(where.size()), where.data(),
                                   static_cast<int>(text.size()), text.data()));
}

} // namespace

int main(int argc, char** argv) {
    using namespace otr_guard;
    if (::fcntl(ipc::inherited_descriptor, F_SETFD, FD_CLOEXEC) != 0) {
        static_cast<void>(
            std::fputs("otr-guard-windows is started by the OTR Guard plugin.\n", stderr));
        return 2;
    }
    static_cast<void>(std::setlocale(LC_ALL, ""));
    util::bind_translations(OTR_GUARD_LOCALE_DIR);
    util::set_log_sink(to_stderr);
    Gtk::Main loop(argc, argv, false);
    Gtk::IconTheme::get_default()->add_resource_path("/im/otrguard/icons");
    windows::load_styles();
    // A label with the focus would select its text, and what is selected can be pasted elsewhere
    // with the middle button: a PIN goes nowhere by itself.
    Gtk::Settings::get_default()->property_gtk_label_select_on_focus() = false;
    Gtk::Window::set_default_icon_name("otr-guard");
    windows::Application application(ipc::inherited_descriptor, [] { Gtk::Main::quit(); });
    Gtk::Main::run();
    return 0;
}
