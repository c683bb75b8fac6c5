// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "windows/import_dialog.h"

#include <utility>

#include "util/i18n.h"
#include "windows/help_window.h"
#include "windows/widgets.h"

namespace otr_guard::windows {

using util::format;
using util::tr;
using util::tr_n;

ImportDialog::ImportDialog(Gtk::Window& parent, std::vector<ipc::ImportableKey> keys,
                           unsigned skipped,
                           std::function<void(const std::vector<guint32>& chosen)> take)
    : Gtk::Dialog(tr("Import codes"), parent), m_table([this] { count(); }) {
    set_border_width(spacing);
    set_default_size(760, 460);
    get_content_area()->set_spacing(spacing);
    build_texts(skipped);
    m_table.show_keys(std::move(keys));
    get_content_area()->pack_start(m_table, Gtk::PACK_EXPAND_WIDGET);
    auto* last = Gtk::make_managed<Gtk::Box>(Gtk::ORIENTATION_HORIZONTAL, spacing / 2);
    add_help_button(*last, "import");
    get_content_area()->pack_start(*last, Gtk::PACK_SHRINK);
    add_button(tr("_Cancel"), Gtk::RESPONSE_CANCEL);
    add_button(tr("_Import"), Gtk::RESPONSE_OK);
    set_default_response(Gtk::RESPONSE_OK);
    signal_response().connect([this, take = std::move(take)](int response) {
        hide();
        if (response == Gtk::RESPONSE_OK) {
            take(m_table.chosen());
        }
    });
    count();
    show_all_children();
}

void ImportDialog::build_texts(unsigned skipped) {
    make_heading(m_heading);
    make_text(m_explanation);
    std::string text =
        tr("Import only from a source that you trust: a code that is imported as verified is "
           "trusted as if you had verified it yourself. Nothing that is verified here is lost.");
    if (skipped > 0) {
        text +=
            " " + format(tr_n("{number} line of the file is no code and is left out.",
                              "{number} lines of the file are no codes and are left out.", skipped),
                         {{"number", std::to_string(skipped)}});
    }
    m_explanation.set_text(text);
    m_explanation.set_max_width_chars(2 * text_width);
    get_content_area()->pack_start(m_heading, Gtk::PACK_SHRINK);
    get_content_area()->pack_start(m_explanation, Gtk::PACK_SHRINK);
}

void ImportDialog::count() {
    const std::size_t number = m_table.chosen_count();
    m_heading.set_text(format(tr_n("Import {number} code?", "Import {number} codes?", number),
                              {{"number", std::to_string(number)}}));
    set_response_sensitive(Gtk::RESPONSE_OK, number > 0);
}

} // namespace otr_guard::windows
