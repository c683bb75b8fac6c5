// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// A question before something is done that cannot simply be taken back.

#include <functional>
#include <memory>
#include <string>

#include <gtkmm/messagedialog.h>
#include <gtkmm/window.h>

namespace otr_guard::windows {

/// Texts are plain and translated, labels have a mnemonic.
struct Question {
    std::string text;
    std::string details;
    std::string yes;
    std::string no;
    /// The other answer is the proposed one then.
    bool is_dangerous = false;
};

/// Shows it in front of `parent`. `answered` is called once, and closing it is a no; the question
/// must not be dropped in it.
[[nodiscard]] std::unique_ptr<Gtk::MessageDialog>
ask_question(Gtk::Window& parent, const Question& question,
             std::function<void(bool is_yes)> answered);

} // namespace otr_guard::windows
