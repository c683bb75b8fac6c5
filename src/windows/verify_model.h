// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// What the verification window shows, without a window: which page follows from what the plugin
// says and what the user chooses. An incoming question never takes the place of a page on which the
// user may be typing, and a page about one key never goes on about another.

#include <optional>
#include <string>

#include "ipc/codec.h"

namespace otr_guard::windows {

class VerifyModel {
public:
    enum class Page {
        Start,    ///< there is no private conversation
        Choose,   ///< the ways to verify
        Pin,      ///< before a PIN is made, and while it is shown
        Code,     ///< paste what they sent or published
        Secret,   ///< a question, or a secret of both
        Compare,  ///< both fingerprints
        Waiting,  ///< for the peer's answer
        Question, ///< the peer's, to be answered
        Result,
    };
    enum class Outcome { None, Good, Bad, Blocked };

    /// The plugin has said how things are.
    void update(ipc::VerificationState state);
    /// The plugin has said what happened.
    void tell(ipc::Told told, std::string text, std::string detail);
    /// The user wants to see a page; what cannot be shown now is not.
    void go(Page page);
    /// The user has asked for the window again: a question that waits is shown, unless something is
    /// being typed.
    void raise();
    /// While codes are compared: one group of eight digits of both is shown after the other, from
    /// the first on. Does nothing before the first and after the last.
    void read_next_group();
    void read_group_before();

    [[nodiscard]] const ipc::VerificationState& state() const { return m_state; }
    [[nodiscard]] Page page() const { return m_page; }
    /// On page Result.
    [[nodiscard]] Outcome outcome() const { return m_outcome; }
    /// What happened last, in a sentence or two; empty when there is nothing to say.
    [[nodiscard]] const std::string& message() const { return m_message; }
    /// Six digits while page Pin shows them.
    [[nodiscard]] const std::string& pin() const { return m_pin; }
    /// Both codes' group that is being read out.
    struct Group {
        unsigned number; ///< from 1
        unsigned count;
        std::string theirs; ///< "F4BE6CED"
        std::string mine;
    };
    /// None until the user wants it so.
    [[nodiscard]] std::optional<Group> group() const;
    /// A question waits behind another page.
    [[nodiscard]] bool has_question_waiting() const;
    /// While waiting: it may be in vain, because their program may not answer at all.
    [[nodiscard]] bool is_perhaps_in_vain() const;
    /// What failed or was stopped can be tried once more, on this page.
    [[nodiscard]] std::optional<Page> page_to_try_again() const;
    /// A verification that stands beside the result, and that the user may take back: what they
    /// have just found by comparing, or an earlier one when a new check failed.
    [[nodiscard]] bool can_take_back() const;
    /// The code that was compared and differs, while page Result says so; empty for none.
    [[nodiscard]] const std::string& other_key() const { return m_other_key; }
    /// The peer has just verified us: the other direction is still open.
    [[nodiscard]] bool can_ask_back() const;

private:
    [[nodiscard]] bool is_private() const;
    [[nodiscard]] Page page_for_now() const;
    void show(Page page);

    ipc::VerificationState m_state;
    Page m_page = Page::Start;
    Outcome m_outcome = Outcome::None;
    std::string m_message;
    std::string m_pin;
    std::string m_other_key;
    Page m_way = Page::Choose; ///< to verify, that the user has gone last
    unsigned m_group = 0;      ///< being read out, from 1; 0 is none
    bool m_is_overdue = false; ///< the plugin has said that nobody answers
    bool m_has_answered = false;
    bool m_is_fresh = true; ///< nothing was shown yet
};

} // namespace otr_guard::windows
