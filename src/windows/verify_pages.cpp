// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
//
// The pages of the verification window, each built once.
#include "windows/verify_window.h"

#include <gtkmm/clipboard.h>
#include <gtkmm/scrolledwindow.h>

#include "util/i18n.h"
#include "windows/code_texts.h"
#include "windows/widgets.h"

namespace otr_guard::windows {

using util::tr;

// --- Parts of pages ----------------------------------------------------------------------------

Gtk::Box& VerifyWindow::add_page(Page page) {
    auto* box = Gtk::make_managed<Gtk::Box>(Gtk::ORIENTATION_VERTICAL, spacing);
    m_pages.add(*box, page_name(page));
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

Gtk::Label& VerifyWindow::add_text(Gtk::Box& page, const std::string& text) {
    auto* label = Gtk::make_managed<Gtk::Label>(text);
    make_text(*label);
    page.pack_start(*label, Gtk::PACK_SHRINK);
    return *label;
}

/// For users of other programs, who know codes by that name.
void VerifyWindow::add_small_print(Gtk::Box& page) {
    Gtk::Label& label = add_text(page, tr("Other programs call a code a fingerprint."));
    make_small(label);
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
        button->signal_clicked().connect([this, way] { go(way); });
        page.pack_start(*button, Gtk::PACK_SHRINK);
        return button;
    };
    m_first_way = add_way(tr("We can talk by _phone or meet"), Page::Pin);
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
    m_pin.get_accessible()->set_name(tr("The PIN"));
    page.pack_start(m_pin, Gtk::PACK_SHRINK);
    Gtk::Box& row = add_row(page);
    static_cast<void>(add_back(row));
    m_cancel_pin = &add_button(row, tr("Ca_ncel the PIN"), [this] { m_actions.abort(); });
    m_make_pin = &add_button(row, tr("_Make a PIN"), [this] { m_actions.ask_for_pin(); });
}

void VerifyWindow::build_code() {
    Gtk::Box& page = add_page(Page::Code);
    add_text(page, tr("Paste it here: 40 digits and letters, 15 words, or a link. The computer "
                      "compares it. It must come from somewhere that you trust, not from this "
                      "chat."));
    auto* frame = Gtk::make_managed<Gtk::ScrolledWindow>();
    frame->set_shadow_type(Gtk::SHADOW_IN);
    frame->set_size_request(-1, 80);
    m_code.set_wrap_mode(Gtk::WRAP_WORD_CHAR);
    m_code.set_accepts_tab(false);
    m_code.get_accessible()->set_name(tr("Their code"));
    frame->add(m_code);
    page.pack_start(*frame, Gtk::PACK_SHRINK);
    add_small_print(page);
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
        const std::string question =
            is_question ? m_question_entry.get_text().raw() : std::string();
        if (m_secret_entry.get_text_length() == 0 || (is_question && question.empty())) {
            say(tr("Something is still empty."));
            return;
        }
        m_actions.ask(question, take_secret(m_secret_entry));
    };
    m_secret_entry.signal_activate().connect(ask);
    Gtk::Box& row = add_row(page);
    static_cast<void>(add_back(row));
    add_button(row, tr("As_k"), ask);
}

void VerifyWindow::build_compare() {
    Gtk::Box& page = add_page(Page::Compare);
    add_text(page, tr("Read them to each other in person or by phone, not in this chat. All of a "
                      "code must be the same on both sides; the words say the same as the "
                      "digits."));
    auto* columns = Gtk::make_managed<Gtk::Box>(Gtk::ORIENTATION_HORIZONTAL, spacing * 2);
    auto* codes = Gtk::make_managed<Gtk::Box>(Gtk::ORIENTATION_VERTICAL, spacing / 2);
    const auto add = [&](const std::string& title, Gtk::Label& key, Gtk::Label& digits,
                         Gtk::Label& words) {
        auto* label = Gtk::make_managed<Gtk::Label>(title);
        label->set_xalign(0);
        label->get_style_context()->add_class("heading");
        codes->pack_start(*label, Gtk::PACK_SHRINK);
        for (Gtk::Label* form : {&key, &digits, &words}) {
            make_code(*form, title);
            codes->pack_start(*form, Gtk::PACK_SHRINK);
        }
    };
    add(tr("Their code"), m_their_key, m_their_digits, m_their_words);
    add(tr("Your code"), m_my_key, m_my_digits, m_my_words);
    add_small_print(*codes);
    columns->pack_start(*codes, Gtk::PACK_EXPAND_WIDGET);
    const std::string qr_title = tr("Your code as a QR code");
    m_qr.get_accessible()->set_name(qr_title);
    auto* picture = Gtk::make_managed<Gtk::Box>(Gtk::ORIENTATION_VERTICAL, spacing / 2);
    auto* caption = Gtk::make_managed<Gtk::Label>(qr_title);
    make_small(*caption);
    picture->pack_start(m_qr, Gtk::PACK_SHRINK);
    picture->pack_start(*caption, Gtk::PACK_SHRINK);
    columns->pack_start(*picture, Gtk::PACK_SHRINK);
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
    Gtk::Box& row = add_row(page);
    add_button(row, tr("Ca_ncel the check"), [this] { m_actions.abort(); });
    m_compare_instead = &add_button(row, tr("Co_mpare the codes ourselves"), [this] {
        m_actions.abort();
        go(Page::Compare);
    });
}

void VerifyWindow::build_question() {
    Gtk::Box& page = add_page(Page::Question);
    make_text(m_asked_by);
    page.pack_start(m_asked_by, Gtk::PACK_SHRINK);
    m_answer.get_accessible()->set_name(tr("Your answer"));
    page.pack_start(m_answer, Gtk::PACK_SHRINK);
    add_text(page, tr("A right answer shows them that it is you; it does not verify them for you. "
                      "Capital letters and spaces count."));
    const auto answer = [this] {
        if (m_answer.get_text_length() > 0) {
            m_actions.answer(take_secret(m_answer));
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
    for (Gtk::Label* label : {&m_other_title, &m_other_key, &m_used_title, &m_used_key}) {
        label->set_xalign(0);
        page.pack_start(*label, Gtk::PACK_SHRINK);
    }
    m_other_title.set_text(tr("The code you gave"));
    m_used_title.set_text(tr("The code in use"));
    make_code(m_other_key, tr("The code you gave"));
    make_code(m_used_key, tr("The code in use"));
    Gtk::Box& row = add_row(page);
    m_take_back =
        &add_button(row, tr("_Take the verification back"), [this] { m_actions.revoke(); });
    m_other_ways = &add_button(row, tr("_Other ways"), [this] { go(Page::Choose); });
    m_again = &add_button(row, tr("Try _again"), [this] {
        if (const auto page_again = m_model.page_to_try_again()) {
            go(*page_again);
        }
    });
    m_ask_back = &add_button(row, tr("Now _ask them"), [this] { go(Page::Secret); });
    m_close = &add_button(row, tr("C_lose"), [this] { hide(); });
}

} // namespace otr_guard::windows
