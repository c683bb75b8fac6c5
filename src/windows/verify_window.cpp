// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "windows/verify_window.h"

#include <utility>

#include <glibmm/markup.h>
#include <gtkmm/clipboard.h>
#include <gtkmm/dialog.h>
#include <gtkmm/scrolledwindow.h>

#include "util/i18n.h"
#include "windows/help_window.h"
#include "windows/widgets.h"

namespace otr_guard::windows {

using util::format;
using util::tr;

namespace {

std::string name_of(VerifyModel::Page page) {
    return std::to_string(static_cast<int>(page));
}

/// "F4BE6CED" as "F 4 B E  6 C E D", from left to right in every language.
std::string spaced(const std::string& digits) {
    std::string result;
    for (std::size_t i = 0; i < digits.size(); ++i) {
        result += i == 0 ? "" : i == 4 ? "  " : " ";
        result += digits[i];
    }
    return util::isolated(result);
}

} // namespace

VerifyWindow::VerifyWindow(Actions actions)
    : m_actions(std::move(actions)), m_top(Gtk::ORIENTATION_VERTICAL, spacing) {
    set_border_width(18);
    set_resizable(false);
    set_type_hint(Gdk::WINDOW_TYPE_HINT_DIALOG);
    add(m_top);
    make_text(m_explanation);
    make_text(m_message);
    make_heading(m_heading);
    m_question_bar.set_message_type(Gtk::MESSAGE_QUESTION);
    gtk_container_add(GTK_CONTAINER(m_question_bar.get_content_area()->gobj()),
                      m_question_bar_text.Gtk::Widget::gobj());
    m_question_bar.add_button(tr("Look at _it"), Gtk::RESPONSE_OK);
    m_question_bar.signal_response().connect([this](int) { go(Page::Question); });
    m_pages.set_homogeneous(false);
    for (Gtk::Widget* widget :
         {static_cast<Gtk::Widget*>(&m_heading), static_cast<Gtk::Widget*>(&m_explanation),
          static_cast<Gtk::Widget*>(&m_question_bar), static_cast<Gtk::Widget*>(&m_message),
          static_cast<Gtk::Widget*>(&m_pages)}) {
        m_top.pack_start(*widget, Gtk::PACK_SHRINK);
    }
    build_start();
    build_choose();
    build_pin();
    build_code();
    build_secret();
    build_compare();
    build_waiting();
    build_question();
    build_result();
    auto* last = Gtk::make_managed<Gtk::Box>(Gtk::ORIENTATION_HORIZONTAL, spacing / 2);
    add_help_button(*last, "verify");
    m_top.pack_start(*last, Gtk::PACK_SHRINK);
    m_top.show_all();
    m_question_bar.set_no_show_all(true);
}

// --- Parts of pages ----------------------------------------------------------------------------

Gtk::Box& VerifyWindow::add_page(Page page) {
    auto* box = Gtk::make_managed<Gtk::Box>(Gtk::ORIENTATION_VERTICAL, spacing);
    m_pages.add(*box, name_of(page));
    return *box;
}

Gtk::Box& VerifyWindow::add_row(Gtk::Box& page) {
    auto* row = Gtk::make_managed<Gtk::Box>(Gtk::ORIENTATION_HORIZONTAL, spacing / 2);
    row->set_halign(Gtk::ALIGN_END);
    page.pack_end(*row, Gtk::PACK_SHRINK);
    return *row;
}

Gtk::Button& VerifyWindow::add_back(Gtk::Box& row) {
    return add_button(row, tr("_Back"), [this] { go(Page::Choose); });
}

void VerifyWindow::go(Page page) {
    m_model.go(page);
    refresh();
}

// --- Pages -------------------------------------------------------------------------------------

void VerifyWindow::build_start() {
    Gtk::Box& row = add_row(add_page(Page::Start));
    add_button(row, tr("_Start private conversation"), [this] { m_actions.start(); });
}

void VerifyWindow::build_choose() {
    Gtk::Box& page = add_page(Page::Choose);
    make_text(m_verified);
    page.pack_start(m_verified, Gtk::PACK_SHRINK);
    const auto add_way = [&](const std::string& label, Page way) {
        auto* button = Gtk::make_managed<Gtk::Button>(label, true);
        button->set_halign(Gtk::ALIGN_FILL);
        button->signal_clicked().connect([this, way] { go(way); });
        page.pack_start(*button, Gtk::PACK_SHRINK);
    };
    add_way(tr("We can talk by _phone or meet"), Page::Pin);
    add_way(tr("They sent or published a _code"), Page::Code);
    add_way(tr("We share a _secret"), Page::Secret);
    Gtk::Box& row = add_row(page);
    m_revoke = &add_button(row, tr("_Take the verification back"), [this] { m_actions.revoke(); });
    add_button(row, tr("Co_mpare the codes ourselves"), [this] { go(Page::Compare); });
}

void VerifyWindow::build_pin() {
    Gtk::Box& page = add_page(Page::Pin);
    make_text(m_pin_advice);
    page.pack_start(m_pin_advice, Gtk::PACK_SHRINK);
    m_pin.set_selectable(true);
    page.pack_start(m_pin, Gtk::PACK_SHRINK);
    Gtk::Box& row = add_row(page);
    static_cast<void>(add_back(row));
    m_cancel_pin = &add_button(row, tr("Ca_ncel the PIN"), [this] { m_actions.abort(); });
    m_make_pin = &add_button(row, tr("_Make a PIN"), [this] { m_actions.ask_for_pin(); });
}

void VerifyWindow::build_code() {
    Gtk::Box& page = add_page(Page::Code);
    auto* advice = Gtk::make_managed<Gtk::Label>(
        tr("Paste it here: 40 digits and letters, 15 words, or a link. The computer compares it. "
           "It must come from somewhere that you trust, not from this chat."));
    make_text(*advice);
    page.pack_start(*advice, Gtk::PACK_SHRINK);
    auto* frame = Gtk::make_managed<Gtk::ScrolledWindow>();
    frame->set_shadow_type(Gtk::SHADOW_IN);
    frame->set_size_request(-1, 80);
    m_code.set_wrap_mode(Gtk::WRAP_WORD_CHAR);
    m_code.set_accepts_tab(false);
    m_code.get_accessible()->set_name(tr("Their code"));
    frame->add(m_code);
    page.pack_start(*frame, Gtk::PACK_SHRINK);
    Gtk::Box& row = add_row(page);
    static_cast<void>(add_back(row));
    add_button(row, tr("_Compare"),
               [this] { m_actions.compare_code(m_code.get_buffer()->get_text()); });
}

void VerifyWindow::build_secret() {
    Gtk::Box& page = add_page(Page::Secret);
    m_by_question.set_label(tr("They can answer a _question that nobody else can"));
    m_by_question.set_use_underline(true);
    m_by_secret.set_label(tr("We both know a se_cret already"));
    m_by_secret.set_use_underline(true);
    m_by_secret.join_group(m_by_question);
    m_question_label.set_text_with_mnemonic(tr("Q_uestion, which they will see"));
    m_question_label.set_mnemonic_widget(m_question_entry);
    m_secret_label.set_mnemonic_widget(m_secret_entry);
    for (Gtk::Label* label : {&m_question_label, &m_secret_label}) {
        label->set_xalign(0);
    }
    auto* advice = Gtk::make_managed<Gtk::Label>(
        tr("It is not sent; both computers only find out whether it is the same. Capital letters "
           "and spaces count."));
    make_text(*advice);
    for (Gtk::Widget* widget :
         {static_cast<Gtk::Widget*>(&m_by_question), static_cast<Gtk::Widget*>(&m_by_secret),
          static_cast<Gtk::Widget*>(&m_question_label),
          static_cast<Gtk::Widget*>(&m_question_entry), static_cast<Gtk::Widget*>(&m_secret_label),
          static_cast<Gtk::Widget*>(&m_secret_entry), static_cast<Gtk::Widget*>(advice)}) {
        page.pack_start(*widget, Gtk::PACK_SHRINK);
    }
    m_question_entry.set_max_length(400);
    const auto chosen = [this] {
        const bool is_question = m_by_question.get_active();
        m_question_label.set_visible(is_question);
        m_question_entry.set_visible(is_question);
        m_secret_label.set_text_with_mnemonic(is_question ? tr("The _answer") : tr("Sec_ret"));
        m_secret_entry.set_visibility(is_question);
    };
    m_by_question.signal_toggled().connect(chosen);
    m_question_entry.set_no_show_all(true);
    m_question_label.set_no_show_all(true);
    chosen();
    const auto ask = [this] {
        const bool is_question = m_by_question.get_active();
        const std::string question = is_question ? m_question_entry.get_text() : "";
        if (m_secret_entry.get_text_length() == 0 || (is_question && question.empty())) {
            m_message.set_text(tr("Something is still empty."));
            m_message.show();
            return;
        }
        m_actions.ask(question, m_secret_entry.get_text());
        m_secret_entry.set_text("");
    };
    m_secret_entry.signal_activate().connect(ask);
    Gtk::Box& row = add_row(page);
    static_cast<void>(add_back(row));
    add_button(row, tr("As_k"), ask);
}

void VerifyWindow::build_compare() {
    Gtk::Box& page = add_page(Page::Compare);
    auto* advice = Gtk::make_managed<Gtk::Label>(
        tr("Read them to each other in person or by phone, not in this chat. All of a code must be "
           "the same on both sides; the words say the same as the digits."));
    make_text(*advice);
    page.pack_start(*advice, Gtk::PACK_SHRINK);
    auto* columns = Gtk::make_managed<Gtk::Box>(Gtk::ORIENTATION_HORIZONTAL, spacing * 2);
    auto* codes = Gtk::make_managed<Gtk::Box>(Gtk::ORIENTATION_VERTICAL, spacing / 2);
    const auto add = [&](const std::string& title, Gtk::Label& key, Gtk::Label& words) {
        auto* label = Gtk::make_managed<Gtk::Label>(title);
        label->set_xalign(0);
        label->get_style_context()->add_class("heading");
        codes->pack_start(*label, Gtk::PACK_SHRINK);
        make_code(key, title);
        make_code(words, title);
        codes->pack_start(key, Gtk::PACK_SHRINK);
        codes->pack_start(words, Gtk::PACK_SHRINK);
    };
    add(tr("Their code"), m_their_key, m_their_words);
    add(tr("Your code"), m_my_key, m_my_words);
    columns->pack_start(*codes, Gtk::PACK_EXPAND_WIDGET);
    m_qr.get_accessible()->set_name(tr("Your code as a QR code"));
    m_qr.set_valign(Gtk::ALIGN_START);
    columns->pack_start(m_qr, Gtk::PACK_SHRINK);
    page.pack_start(*columns, Gtk::PACK_SHRINK);
    auto* copies = Gtk::make_managed<Gtk::Box>(Gtk::ORIENTATION_HORIZONTAL, spacing / 2);
    add_button(*copies, tr("Copy _your code"),
               [this] { Gtk::Clipboard::get()->set_text(groups_of(m_model.state().my_key)); });
    m_copy_uri = &add_button(*copies, tr("Copy it as a _link to publish"),
                             [this] { Gtk::Clipboard::get()->set_text(m_model.state().my_uri); });
    page.pack_start(*copies, Gtk::PACK_SHRINK);
    page.pack_start(m_group, Gtk::PACK_SHRINK);
    make_code(m_group, tr("The group to read out"));
    m_groups.set_spacing(spacing / 2);
    m_group_before = &add_button(m_groups, tr("_Group before"), [this] {
        m_model.read_group_before();
        refresh();
    });
    m_next_group = &add_button(m_groups, "", [this] {
        m_model.read_next_group();
        refresh();
    });
    page.pack_start(m_groups, Gtk::PACK_SHRINK);
    Gtk::Box& row = add_row(page);
    m_compare_back = &add_back(row);
    add_button(row, tr("They _differ"), [this] { m_actions.judge(false); });
    add_button(row, tr("They are the _same"), [this] { m_actions.judge(true); });
}

void VerifyWindow::build_waiting() {
    Gtk::Box& page = add_page(Page::Waiting);
    make_text(m_waiting);
    page.pack_start(m_spinner, Gtk::PACK_SHRINK);
    page.pack_start(m_waiting, Gtk::PACK_SHRINK);
    add_button(add_row(page), tr("Ca_ncel the check"), [this] { m_actions.abort(); });
}

void VerifyWindow::build_question() {
    Gtk::Box& page = add_page(Page::Question);
    make_text(m_asked_by);
    page.pack_start(m_asked_by, Gtk::PACK_SHRINK);
    m_answer.get_accessible()->set_name(tr("Your answer"));
    page.pack_start(m_answer, Gtk::PACK_SHRINK);
    auto* advice = Gtk::make_managed<Gtk::Label>(
        tr("A right answer shows them that it is you; it does not verify them for you. Capital "
           "letters and spaces count."));
    make_text(*advice);
    page.pack_start(*advice, Gtk::PACK_SHRINK);
    const auto answer = [this] {
        if (m_answer.get_text_length() > 0) {
            m_actions.answer(m_answer.get_text());
            m_answer.set_text("");
        }
    };
    m_answer.signal_activate().connect(answer);
    Gtk::Box& row = add_row(page);
    add_button(row, tr("_Refuse"), [this] { m_actions.abort(); });
    add_button(row, tr("_Answer"), answer);
}

void VerifyWindow::build_result() {
    Gtk::Box& page = add_page(Page::Result);
    page.pack_start(m_result_icon, Gtk::PACK_SHRINK);
    Gtk::Box& row = add_row(page);
    m_again = &add_button(row, tr("_Other ways"), [this] { go(Page::Choose); });
    m_ask_back = &add_button(row, tr("Now _ask them"), [this] { go(Page::Secret); });
    add_button(row, tr("C_lose"), [this] { hide(); });
}

// --- Showing -----------------------------------------------------------------------------------

void VerifyWindow::refresh() {
    const ipc::VerificationState& state = m_model.state();
    const std::string name = state.name;
    set_title(format(tr("Verify {name}"), {{"name", name}}));
    m_heading.set_text(format(m_model.page() == Page::Question
                                  ? tr("{name} wants to know whether it is really you")
                                  : tr("Is it really {name}?"),
                              {{"name", name}}));
    m_heading.set_visible(m_model.page() != Page::Result);
    const bool is_choosing = m_model.page() == Page::Choose || m_model.page() == Page::Start;
    m_explanation.set_text(
        m_model.page() == Page::Start
            ? state.explanation + " " +
                  tr("Start a private conversation first; then you can verify that it is them.")
            : tr("Verifying makes sure that nobody sits between the two of you. It is needed once "
                 "for each device or program that they use."));
    m_explanation.set_visible(is_choosing);
    m_question_bar_text.set_text(format(tr("{name} asks you something."), {{"name", name}}));
    m_question_bar_text.show();
    m_question_bar.set_visible(m_model.has_question_waiting());
    m_message.set_text(m_model.message());
    m_message.set_visible(!m_model.message().empty());
    m_verified.set_text(format(tr("So far: {state}."), {{"state", state.verified}}));
    m_revoke->set_visible(state.is_verified);
    show_keys();
    if (std::exchange(m_shown, m_model.page()) != m_model.page()) {
        enter_page();
    }
    m_pages.set_visible_child(name_of(m_model.page()));
}

void VerifyWindow::show_keys() {
    const ipc::VerificationState& state = m_model.state();
    m_their_key.set_text(groups_of(state.key));
    m_their_words.set_text(state.words);
    m_my_key.set_text(groups_of(state.my_key));
    m_my_words.set_text(state.my_words);
    m_qr.set_text(state.my_uri);
    m_copy_uri->set_visible(!state.my_uri.empty());
    show_group();
    const std::string& pin = m_model.pin();
    const bool has_pin = !pin.empty();
    m_pin.set_visible(has_pin);
    m_make_pin->set_visible(!has_pin);
    m_cancel_pin->set_visible(has_pin);
    m_pin_advice.set_text(format(
        has_pin
            ? tr("Tell {name} this PIN now, by phone or in person, and never in this chat. They "
                 "type it into their program. It is good for one try and for 10 minutes.")
            : tr("OTR Guard makes six digits. You tell them to {name} by phone or in person; "
                 "they type them into their program, and the computers compare. Nobody who "
                 "listens in on the chat learns them."),
        {{"name", state.name}}));
    if (has_pin) {
        const std::string spaced = pin.size() == 6 ? pin.substr(0, 3) + " " + pin.substr(3) : pin;
        m_pin.set_markup("<span size='xx-large' weight='bold' font_features='tnum'>" +
                         Glib::Markup::escape_text(spaced) + "</span>");
    } else {
        m_pin.set_text("");
    }
    m_waiting.set_text(
        state.stage == ipc::Stage::Answering
            ? tr("The computers compare.")
            : format(tr("Waiting for {name} to answer. Their program may not support questions and "
                        "PINs (Adium and ChatSecure for iPhone do not); then cancel it and compare "
                        "codes."),
                     {{"name", state.name}}));
    m_asked_by.set_text(
        state.has_question ? format(tr("{name} asks: \"{question}\""),
                                    {{"name", state.name}, {"question", state.question}})
                           : format(tr("{name} asks for the secret that only the two of you know."),
                                    {{"name", state.name}}));
    m_answer.set_visibility(state.has_question);
    const auto outcome = m_model.outcome();
    m_result_icon.set_from_icon_name(
        outcome == VerifyModel::Outcome::Good      ? "otr-guard-private-symbolic"
        : outcome == VerifyModel::Outcome::Blocked ? "dialog-error-symbolic"
                                                   : "dialog-warning-symbolic",
        Gtk::ICON_SIZE_DIALOG);
    m_again->set_visible(outcome != VerifyModel::Outcome::Good);
    m_ask_back->set_visible(m_model.can_ask_back());
    auto style = m_message.get_style_context();
    style->remove_class("error");
    if (outcome == VerifyModel::Outcome::Blocked) {
        style->add_class("error");
    }
}

void VerifyWindow::show_group() {
    const auto group = m_model.group();
    m_group.set_visible(group.has_value());
    m_group_before->set_visible(group && group->number > 1);
    m_next_group->set_visible(!group || group->number < group->count);
    m_next_group->set_use_underline(true);
    m_next_group->set_label(group ? tr("_Next group") : tr("Read out g_roup by group"));
    if (!group) {
        return;
    }
    const std::string title =
        format(tr("Group {number} of {count}"), {{"number", std::to_string(group->number)},
                                                 {"count", std::to_string(group->count)}});
    // Screen readers say digits one by one when there is something between them.
    m_group.get_accessible()->set_name(format(
        tr("{group}. Theirs: {theirs}. Yours: {yours}"),
        {{"group", title}, {"theirs", spaced(group->theirs)}, {"yours", spaced(group->mine)}}));
    const auto large = [](const std::string& digits) {
        return "<span size='x-large' weight='bold'>" + Glib::Markup::escape_text(spaced(digits)) +
               "</span>";
    };
    m_group.set_markup(Glib::Markup::escape_text(title) + "\n" +
                       Glib::Markup::escape_text(tr("Theirs:")) + "  " + large(group->theirs) +
                       "\n" + Glib::Markup::escape_text(tr("Yours:")) + "  " + large(group->mine));
}

void VerifyWindow::enter_page() {
    // What was typed on another page is nobody's business any more.
    m_answer.set_text("");
    m_secret_entry.set_text("");
    m_code.get_buffer()->set_text("");
    m_spinner.property_active() = m_model.page() == Page::Waiting;
    m_pages.set_visible_child(name_of(m_model.page()));
    switch (m_model.page()) {
    case Page::Code:
        m_code.grab_focus();
        break;
    case Page::Secret:
        (m_by_question.get_active() ? m_question_entry : m_secret_entry).grab_focus();
        break;
    case Page::Question:
        m_answer.grab_focus();
        break;
    case Page::Pin:
        m_make_pin->grab_focus();
        break;
    case Page::Compare:
        m_compare_back->grab_focus(); // an Enter too much decides nothing
        m_their_key.select_region(0, 0);
        break;
    case Page::Start:
    case Page::Choose:
    case Page::Waiting:
    case Page::Result:
        break;
    }
}

void VerifyWindow::say_not_a_code() {
    m_message.set_text(tr("That is not exactly one whole code: 40 digits and letters, 15 words, or "
                          "a link that holds one."));
    m_message.show();
}

bool VerifyWindow::on_key_press_event(GdkEventKey* event) {
    if (event->keyval == GDK_KEY_Escape) {
        hide();
        return true;
    }
    return Gtk::Window::on_key_press_event(event);
}

void VerifyWindow::on_hide() {
    Gtk::Window::on_hide();
    m_actions.closed();
}

} // namespace otr_guard::windows
