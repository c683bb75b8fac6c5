// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "windows/question.h"

#include <utility>

namespace otr_guard::windows {

std::unique_ptr<Gtk::MessageDialog> ask_question(Gtk::Window& parent, const Question& question,
                                                 std::function<void(bool is_yes)> answered) {
    auto dialog = std::make_unique<Gtk::MessageDialog>(
        parent, question.text, false,
        question.is_dangerous ? Gtk::MESSAGE_WARNING : Gtk::MESSAGE_QUESTION, Gtk::BUTTONS_NONE,
        true);
    dialog->set_secondary_text(question.details);
    dialog->set_title(question.text);
    dialog->get_accessible()->set_name(question.text);
    dialog->add_button(question.no, Gtk::RESPONSE_CANCEL);
    Gtk::Button* yes = dialog->add_button(question.yes, Gtk::RESPONSE_OK);
    if (question.is_dangerous) {
        yes->get_style_context()->add_class("destructive-action");
        dialog->set_default_response(Gtk::RESPONSE_CANCEL);
    }
    dialog->signal_response().connect(
        [open = dialog.get(), answered = std::move(answered)](int response) {
            open->hide();
            answered(response == Gtk::RESPONSE_OK);
        });
    dialog->show();
    return dialog;
}

} // namespace otr_guard::windows
