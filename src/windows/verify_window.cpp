// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "windows/verify_window.h"

#include <utility>

#include <glibmm/markup.h>
#include <gtkmm/dialog.h>

#include "util/i18n.h"
#include "windows/code_texts.h"
#include "windows/help_window.h"
#include "windows/widgets.h"

namespace otr_guard::windows {

using util::format;
using util::tr;

namespace {

/// The groups of a key, those underlined that are others than in the other key.
std::string marked_groups(const std::vector<ComparedGroup>& groups) {
    std::string markup;
    for (const ComparedGroup& group : groups) {
        markup += markup.empty() ? "" : " ";
        markup += group.differs ? "<b><u>" + group.text + "</u></b>" : group.text;
    }
    return markup;
}

Gtk::MessageType look_of(VerifyModel::Outcome outcome) {
    switch (outcome) {
    case VerifyModel::Outcome::Good:
        return Gtk::MESSAGE_INFO;
    case VerifyModel::Outcome::Bad:
        return Gtk::MESSAGE_WARNING;
    case VerifyModel::Outcome::Blocked:
        return Gtk::MESSAGE_ERROR;
    case VerifyModel::Outcome::None:
        break;
    }
    return Gtk::MESSAGE_OTHER;
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
    gtk_container_add(GTK_CONTAINER(m_message_bar.get_content_area()->gobj()),
                      m_message.Gtk::Widget::gobj());
    m_pages.set_homogeneous(false);
    for (Gtk::Widget* widget :
         {static_cast<Gtk::Widget*>(&m_heading), static_cast<Gtk::Widget*>(&m_explanation),
          static_cast<Gtk::Widget*>(&m_question_bar), static_cast<Gtk::Widget*>(&m_message_bar),
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
    m_message_bar.set_no_show_all(true);
}

// --- Showing -----------------------------------------------------------------------------------

void VerifyWindow::go(Page page) {
    m_model.go(page);
    refresh();
}

void VerifyWindow::say(const std::string& text) {
    m_message.set_text(text);
    m_message_bar.set_message_type(look_of(m_model.outcome()));
    set_style_class(m_message_bar, "blocked", m_model.outcome() == VerifyModel::Outcome::Blocked);
    m_message_bar.set_visible(!text.empty());
}

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
    say(m_model.message());
    m_verified.set_text(format(tr("So far: {state}."), {{"state", state.verified}}) + " " +
                        state.verified_us);
    m_revoke->set_visible(state.is_verified);
    show_keys();
    show_pin();
    show_run();
    show_result();
    if (std::exchange(m_shown, m_model.page()) != m_model.page()) {
        enter_page();
    }
    m_pages.set_visible_child(page_name(m_model.page()));
}

void VerifyWindow::show_keys() {
    const ipc::VerificationState& state = m_model.state();
    m_their_key.set_text(groups_of(state.key));
    m_their_digits.set_text(digits_of(state.key));
    m_their_words.set_text(state.words);
    m_my_key.set_text(groups_of(state.my_key));
    m_my_digits.set_text(digits_of(state.my_key));
    m_my_words.set_text(state.my_words);
    m_their_digits.set_visible(state.has_otr_guard); // nobody else shows them
    m_my_digits.set_visible(state.has_otr_guard);
    m_qr.set_text(state.my_uri.empty() ? state.my_key : state.my_uri);
    m_copy_uri->set_visible(!state.my_uri.empty());
    show_group();
}

void VerifyWindow::show_pin() {
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
        {{"name", m_model.state().name}}));
    if (has_pin) {
        m_pin.set_markup("<span size='xx-large' weight='bold' font_features='tnum'>" +
                         Glib::Markup::escape_text(pin_text(pin)) + "</span>");
    } else {
        m_pin.set_text("");
    }
}

/// A check of the user's or of the peer's that is under way.
void VerifyWindow::show_run() {
    const ipc::VerificationState& state = m_model.state();
    std::string waiting = state.stage == ipc::Stage::Answering
                              ? tr("The computers compare.")
                              : format(tr("Waiting for {name} to answer."), {{"name", state.name}});
    if (m_model.is_perhaps_in_vain() && m_model.message().empty()) {
        waiting += " " + tr("Their program may not support questions and PINs (Adium and "
                            "ChatSecure for iPhone do not); then cancel it and compare codes.");
    }
    m_waiting.set_text(waiting);
    m_compare_instead->set_visible(m_model.is_perhaps_in_vain());
    m_asked_by.set_text(
        state.has_question
            ? format(tr("{name} asks: \"{question}\""),
                     {{"name", state.name}, {"question", util::isolated(state.question)}})
            : format(tr("{name} asks for the secret that only the two of you know."),
                     {{"name", state.name}}));
    m_answer.set_visibility(state.has_question);
}

void VerifyWindow::show_result() {
    const auto outcome = m_model.outcome();
    m_result_icon.set_from_icon_name(
        outcome == VerifyModel::Outcome::Good      ? "otr-guard-private-symbolic"
        : outcome == VerifyModel::Outcome::Blocked ? "dialog-error-symbolic"
                                                   : "dialog-warning-symbolic",
        Gtk::ICON_SIZE_DIALOG);
    set_style_class(m_result_icon, "good", outcome == VerifyModel::Outcome::Good);
    set_style_class(m_result_icon, "blocked", outcome == VerifyModel::Outcome::Blocked);
    const std::string& used = m_model.state().key;
    const std::string& other = m_model.other_key();
    m_other_key.set_markup(marked_groups(compare_groups(other, used)));
    m_used_key.set_markup(marked_groups(compare_groups(used, other)));
    for (Gtk::Label* label : {&m_other_title, &m_other_key, &m_used_title, &m_used_key}) {
        label->set_visible(!other.empty());
    }
    m_take_back->set_visible(m_model.can_take_back());
    m_again->set_visible(m_model.page_to_try_again().has_value());
    m_other_ways->set_visible(outcome != VerifyModel::Outcome::Good);
    m_ask_back->set_visible(m_model.can_ask_back());
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
    m_pages.set_visible_child(page_name(m_model.page()));
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
    case Page::Choose:
        m_first_way->grab_focus();
        break;
    case Page::Result:
        (m_again->get_visible() ? *m_again : *m_close).grab_focus();
        break;
    case Page::Start:
    case Page::Waiting:
        break;
    }
}

void VerifyWindow::say_not_a_code() {
    say(tr("That is not exactly one whole code: 40 digits and letters, 15 words, or a link that "
           "holds one."));
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
