// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "windows/network_window.h"

#include <array>
#include <utility>

#include <gtkmm/image.h>
#include <gtkmm/scrolledwindow.h>

#include "util/i18n.h"
#include "windows/help_window.h"
#include "windows/widgets.h"

namespace otr_guard::windows {

using ipc::Finding;
using ipc::Way;
using util::tr;

namespace {

constexpr int list_width = 260; // pixels
constexpr int host_width = 20;  // characters
constexpr int port_width = 6;

const char* icon_of(Finding finding) {
    constexpr std::array icons{"emblem-ok-symbolic", "dialog-warning-symbolic",
                               "dialog-error-symbolic"};
    return icons.at(static_cast<std::size_t>(finding));
}

/// Green, amber, red in themes that know the classes; the word says it as well.
const char* style_of(Finding finding) {
    constexpr std::array styles{"success", "warning", "error"};
    return styles.at(static_cast<std::size_t>(finding));
}

} // namespace

NetworkWindow::NetworkWindow(Actions actions)
    : m_actions(std::move(actions)), m_top(Gtk::ORIENTATION_VERTICAL, spacing) {
    set_title(tr("Network of accounts"));
    set_border_width(18);
    set_default_size(940, 620);
    add(m_top);
    m_top.pack_start(m_bar, Gtk::PACK_SHRINK);
    auto* row = Gtk::make_managed<Gtk::Box>(Gtk::ORIENTATION_HORIZONTAL, 2 * spacing);
    m_top.pack_start(*row, Gtk::PACK_EXPAND_WIDGET);
    build_list(*row);
    build_details(*row);
    m_top.show_all();
    m_list.grab_focus();
}

// --- Parts -------------------------------------------------------------------------------------

void NetworkWindow::build_list(Gtk::Box& row) {
    Gtk::TreeModelColumnRecord columns;
    columns.add(m_label);
    columns.add(m_state);
    columns.add(m_place);
    m_store = Gtk::ListStore::create(columns);
    m_list.set_model(m_store);
    m_list.append_column(tr("Your account"), m_label);
    m_list.append_column(tr("Check-up"), m_state);
    m_list.get_column(0)->set_expand(true);
    m_list.get_column(0)->set_resizable(true);
    m_list.get_accessible()->set_name(tr("Your accounts"));
    m_list.get_selection()->signal_changed().connect([this] {
        const auto at = m_list.get_selection()->get_selected();
        if (!m_is_filling && at) {
            m_model.choose(m_model.accounts().at((*at)[m_place]).account);
            show_account();
        }
    });
    auto* frame = Gtk::make_managed<Gtk::ScrolledWindow>();
    frame->set_shadow_type(Gtk::SHADOW_IN);
    frame->set_min_content_width(list_width);
    frame->add(m_list);
    row.pack_start(*frame, Gtk::PACK_SHRINK);
}

void NetworkWindow::build_details(Gtk::Box& row) {
    auto* details = Gtk::make_managed<Gtk::Box>(Gtk::ORIENTATION_VERTICAL, spacing);
    make_heading(m_heading);
    details->pack_start(m_heading, Gtk::PACK_SHRINK);
    build_way(*details);
    auto* title = Gtk::make_managed<Gtk::Label>(tr("What gives this account away"));
    title->set_xalign(0);
    title->get_style_context()->add_class("heading");
    details->pack_start(*title, Gtk::PACK_SHRINK);
    m_rows.set_row_spacing(spacing / 2);
    m_rows.set_column_spacing(spacing);
    auto* frame = Gtk::make_managed<Gtk::ScrolledWindow>();
    frame->set_policy(Gtk::POLICY_NEVER, Gtk::POLICY_AUTOMATIC);
    frame->add(m_rows);
    details->pack_start(*frame, Gtk::PACK_EXPAND_WIDGET);
    row.pack_start(*details, Gtk::PACK_EXPAND_WIDGET);
}

void NetworkWindow::build_way(Gtk::Box& details) {
    auto* label = Gtk::make_managed<Gtk::Label>(tr("This account _uses the network"), true);
    label->set_xalign(0);
    label->set_mnemonic_widget(m_way);
    // In the order of ipc::Way.
    for (const std::string& way :
         {tr("As the account's settings say"), tr("Only through Tor"),
          tr("Only through a SOCKS 5 proxy"), tr("Only through an HTTP proxy")}) {
        m_way.append(way);
    }
    m_way.get_accessible()->set_name(tr("This account uses the network"));
    m_way.signal_changed().connect([this] { way_chosen(); });
    m_host.set_width_chars(host_width);
    m_host.set_placeholder_text("127.0.0.1");
    m_host.get_accessible()->set_name(tr("Address of the proxy, in numbers"));
    m_port.set_width_chars(port_width);
    m_port.get_accessible()->set_name(tr("Port"));
    auto* host_label = Gtk::make_managed<Gtk::Label>(tr("Proxy's _address"), true);
    host_label->set_mnemonic_widget(m_host);
    auto* port_label = Gtk::make_managed<Gtk::Label>(tr("_Port"), true);
    port_label->set_mnemonic_widget(m_port);
    m_proxy.set_spacing(spacing / 2);
    for (Gtk::Widget* widget :
         {static_cast<Gtk::Widget*>(host_label), static_cast<Gtk::Widget*>(&m_host),
          static_cast<Gtk::Widget*>(port_label), static_cast<Gtk::Widget*>(&m_port)}) {
        m_proxy.pack_start(*widget, Gtk::PACK_SHRINK);
    }
    for (Gtk::Entry* entry : {&m_host, &m_port}) {
        entry->signal_activate().connect([this] { save(); });
    }
    auto* buttons = Gtk::make_managed<Gtk::Box>(Gtk::ORIENTATION_HORIZONTAL, spacing / 2);
    m_save = &add_button(*buttons, tr("_Save"), [this] { save(); });
    m_new_identity = &add_button(*buttons, tr("_New identity"),
                                 [this] { m_actions.new_identity(m_model.chosen()->account); });
    m_new_identity->set_tooltip_text(tr("Another way through Tor from the next connection on."));
    add_help_button(*buttons, "network");
    for (Gtk::Widget* widget :
         {static_cast<Gtk::Widget*>(label), static_cast<Gtk::Widget*>(&m_way),
          static_cast<Gtk::Widget*>(&m_proxy), static_cast<Gtk::Widget*>(buttons)}) {
        details.pack_start(*widget, Gtk::PACK_SHRINK);
    }
}

// --- Showing -----------------------------------------------------------------------------------

void NetworkWindow::refresh() {
    fill_list();
    show_account();
}

void NetworkWindow::fill_list() {
    m_is_filling = true;
    m_store->clear();
    guint place = 0;
    for (const ipc::NetworkAccount& account : m_model.accounts()) {
        const auto row = m_store->append();
        row->set_value(m_label, Glib::ustring(account.label));
        row->set_value(m_state, Glib::ustring(word_of(worst_of(account))));
        row->set_value(m_place, place++);
        if (m_model.chosen() == &account) {
            m_list.get_selection()->select(row);
        }
    }
    m_is_filling = false;
}

void NetworkWindow::show_account() {
    const ipc::NetworkAccount* account = m_model.chosen();
    m_heading.set_text(account != nullptr ? account->label : tr("There is no account yet."));
    m_way.set_sensitive(account != nullptr);
    m_save->set_sensitive(account != nullptr);
    m_new_identity->set_visible(account != nullptr && account->way == Way::Tor);
    show_way();
    show_rows();
}

void NetworkWindow::show_way() {
    const ipc::NetworkAccount* account = m_model.chosen();
    if (account == nullptr) {
        m_proxy.hide();
        return;
    }
    const bool is_same = m_shown.account == account->account && m_shown.way == account->way &&
                         m_shown.host == account->host && m_shown.port == account->port;
    if (is_same && m_way.get_active_row_number() >= 0) {
        return; // the user may be typing
    }
    m_shown = *account;
    m_host.set_text(account->host);
    m_port.set_text(account->port > 0 ? std::to_string(account->port) : "");
    m_way.set_active(static_cast<int>(account->way));
    way_chosen();
}

void NetworkWindow::way_chosen() {
    m_proxy.set_visible(m_way.get_active_row_number() > static_cast<int>(Way::AsSettings));
}

void NetworkWindow::show_rows() {
    for (Gtk::Widget* child : m_rows.get_children()) {
        m_rows.remove(*child);
    }
    const ipc::NetworkAccount* account = m_model.chosen();
    int place = 0;
    for (const ipc::CheckRow& row :
         account != nullptr ? account->rows : std::vector<ipc::CheckRow>()) {
        add_row(row, place++);
    }
    m_rows.show_all();
}

void NetworkWindow::add_row(const ipc::CheckRow& row, int place) {
    auto* icon = Gtk::make_managed<Gtk::Image>();
    icon->set_from_icon_name(icon_of(row.finding), Gtk::ICON_SIZE_MENU);
    icon->set_valign(Gtk::ALIGN_START);
    auto* word = Gtk::make_managed<Gtk::Label>(word_of(row.finding));
    word->set_xalign(0);
    word->set_valign(Gtk::ALIGN_START);
    for (Gtk::Widget* widget : {static_cast<Gtk::Widget*>(icon), static_cast<Gtk::Widget*>(word)}) {
        widget->get_style_context()->add_class(style_of(row.finding));
    }
    auto* text = Gtk::make_managed<Gtk::Label>(row.text);
    make_text(*text);
    text->set_hexpand(true);
    m_rows.attach(*icon, 0, place);
    m_rows.attach(*word, 1, place);
    m_rows.attach(*text, 2, place);
    if (!row.remedy.empty()) {
        auto* button = Gtk::make_managed<Gtk::Button>(row.remedy_label);
        button->set_valign(Gtk::ALIGN_START);
        button->signal_clicked().connect(
            [this, remedy = row.remedy] { m_actions.mend(m_model.chosen()->account, remedy); });
        m_rows.attach(*button, 3, place);
    }
}

void NetworkWindow::say(const std::string& text) {
    m_bar.say(text);
}

// --- Acts --------------------------------------------------------------------------------------

void NetworkWindow::save() {
    const TypedWay way = typed_way(static_cast<Way>(m_way.get_active_row_number()),
                                   m_host.get_text().raw(), m_port.get_text().raw());
    if (way.words.empty()) {
        say(way.problem);
        return;
    }
    m_actions.require(m_model.chosen()->account, way.words);
}

bool NetworkWindow::on_key_press_event(GdkEventKey* event) {
    if (event->keyval == GDK_KEY_Escape) {
        hide();
        return true;
    }
    return Gtk::Window::on_key_press_event(event);
}

void NetworkWindow::on_hide() {
    Gtk::Window::on_hide();
    m_actions.closed();
}

} // namespace otr_guard::windows
