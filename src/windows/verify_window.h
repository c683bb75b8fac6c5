// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// The window in which one peer is verified. Draws what VerifyModel says and hands every act of the
// user to its actions; decides nothing itself.

#include <functional>
#include <string>

#include <gtkmm/box.h>
#include <gtkmm/button.h>
#include <gtkmm/entry.h>
#include <gtkmm/image.h>
#include <gtkmm/infobar.h>
#include <gtkmm/label.h>
#include <gtkmm/radiobutton.h>
#include <gtkmm/spinner.h>
#include <gtkmm/stack.h>
#include <gtkmm/textview.h>
#include <gtkmm/window.h>

#include "util/secret.h"
#include "windows/qr_view.h"
#include "windows/verify_model.h"

namespace otr_guard::windows {

class VerifyWindow : public Gtk::Window {
public:
    /// What the user does; keys and questions are those on the screen at that moment.
    struct Actions {
        std::function<void()> start;
        std::function<void(const std::string& question, const util::SecretString& secret)> ask;
        std::function<void()> ask_for_pin;
        std::function<void(const util::SecretString& answer)> answer;
        std::function<void()> abort;
        std::function<void(const std::string& code)> compare_code;
        std::function<void(bool is_theirs)> judge;
        std::function<void()> revoke;
        std::function<void()> closed;
    };

    explicit VerifyWindow(Actions actions);

    [[nodiscard]] VerifyModel& model() { return m_model; }
    /// After any change of the model.
    void refresh();
    /// What was pasted is not exactly one code.
    void say_not_a_code();

protected:
    bool on_key_press_event(GdkEventKey* event) override;
    void on_hide() override;

private:
    using Page = VerifyModel::Page;

    /// In the stack of pages.
    static std::string page_name(Page page) { return std::to_string(static_cast<int>(page)); }
    Gtk::Box& add_page(Page page);
    Gtk::Box& add_row(Gtk::Box& page);
    Gtk::Button& add_back(Gtk::Box& row);
    static Gtk::Label& add_text(Gtk::Box& page, const std::string& text);
    static void add_small_print(Gtk::Box& page);
    void build_start();
    void build_choose();
    void build_pin();
    void build_code();
    void build_secret();
    void build_compare();
    void build_waiting();
    void build_question();
    void build_result();
    void show_keys();
    void show_group();
    void show_pin();
    void show_run();
    void show_result();
    void enter_page();
    void go(Page page);
    void say(const std::string& text);

    Actions m_actions;
    VerifyModel m_model;
    Page m_shown = Page::Start;

    Gtk::Box m_top;
    Gtk::Label m_heading;
    Gtk::Label m_explanation;
    Gtk::InfoBar m_question_bar;
    Gtk::Label m_question_bar_text;
    Gtk::InfoBar m_message_bar;
    Gtk::Label m_message;
    Gtk::Stack m_pages;
    Gtk::Label m_verified;
    Gtk::Button* m_first_way = nullptr;
    Gtk::Button* m_revoke = nullptr;
    Gtk::Label m_pin;
    Gtk::Label m_pin_advice;
    Gtk::Button* m_make_pin = nullptr;
    Gtk::Button* m_cancel_pin = nullptr;
    Gtk::TextView m_code;
    Gtk::RadioButton m_by_question;
    Gtk::RadioButton m_by_secret;
    Gtk::Label m_question_label;
    Gtk::Entry m_question_entry;
    Gtk::Label m_secret_label;
    Gtk::Entry m_secret_entry;
    Gtk::Label m_their_key;
    Gtk::Label m_their_digits;
    Gtk::Label m_their_words;
    Gtk::Label m_my_key;
    Gtk::Label m_my_digits;
    Gtk::Label m_my_words;
    QrView m_qr;
    Gtk::Button* m_copy_uri = nullptr;
    Gtk::Box m_groups;
    Gtk::Label m_group;
    Gtk::Button* m_group_before = nullptr;
    Gtk::Button* m_next_group = nullptr;
    Gtk::Button* m_compare_back = nullptr;
    Gtk::Spinner m_spinner;
    Gtk::Label m_waiting;
    Gtk::Button* m_compare_instead = nullptr;
    Gtk::Label m_asked_by;
    Gtk::Entry m_answer;
    Gtk::Image m_result_icon;
    Gtk::Label m_other_title;
    Gtk::Label m_other_key;
    Gtk::Label m_used_title;
    Gtk::Label m_used_key;
    Gtk::Button* m_take_back = nullptr;
    Gtk::Button* m_other_ways = nullptr;
    Gtk::Button* m_again = nullptr;
    Gtk::Button* m_ask_back = nullptr;
    Gtk::Button* m_close = nullptr;
};

} // namespace otr_guard::windows
