// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "windows/verify_model.h"

#include <algorithm>
#include <utility>

namespace otr_guard::windows {

using ipc::Stage;
using ipc::Told;

namespace {

constexpr unsigned group_count = 5; ///< of eight digits in a fingerprint

std::string group_of(const std::string& hex, unsigned number) {
    constexpr std::size_t digits = 8;
    const std::size_t begin = digits * (number - 1);
    std::string group = begin < hex.size() ? hex.substr(begin, digits) : std::string();
    std::ranges::transform(group, group.begin(), [](char digit) {
        return digit >= 'a' && digit <= 'f' ? static_cast<char>(digit - 'a' + 'A') : digit;
    });
    return group;
}

} // namespace

bool VerifyModel::is_private() const {
    return !m_state.key.empty();
}

bool VerifyModel::has_question_waiting() const {
    return m_state.stage == Stage::Asked && m_page != Page::Question;
}

bool VerifyModel::can_ask_back() const {
    return m_page == Page::Result && m_has_answered && !m_state.is_verified;
}

bool VerifyModel::is_perhaps_in_vain() const {
    // Only programs of old speak version 2 alone, and of these some never answer.
    constexpr unsigned old_version = 2;
    return m_state.stage == Stage::WaitingForPeer &&
           (m_is_overdue || m_state.protocol_version == old_version);
}

std::optional<VerifyModel::Page> VerifyModel::page_to_try_again() const {
    const bool has_failed = m_outcome == Outcome::Bad || m_outcome == Outcome::Blocked;
    return m_page == Page::Result && has_failed && m_way != Page::Choose ? std::optional(m_way)
                                                                         : std::nullopt;
}

bool VerifyModel::can_take_back() const {
    const bool was_compared = m_way == Page::Compare || m_way == Page::Code;
    return m_page == Page::Result && m_state.is_verified &&
           (m_outcome == Outcome::Bad ||
            (m_outcome == Outcome::Good && was_compared && !m_has_answered));
}

void VerifyModel::show(Page page) {
    if (page != Page::Pin) {
        m_pin.clear();
    }
    if (page != Page::Result) {
        m_outcome = Outcome::None;
        m_other_key.clear();
    }
    m_page = page;
    m_group = 0;
}

void VerifyModel::read_next_group() {
    if (m_page == Page::Compare && m_group < group_count) {
        ++m_group;
    }
}

void VerifyModel::read_group_before() {
    if (m_group > 1) {
        --m_group;
    }
}

std::optional<VerifyModel::Group> VerifyModel::group() const {
    if (m_group == 0) {
        return std::nullopt;
    }
    return Group{m_group, group_count, group_of(m_state.key, m_group),
                 group_of(m_state.my_key, m_group)};
}

VerifyModel::Page VerifyModel::page_for_now() const {
    if (!is_private()) {
        return Page::Start;
    }
    switch (m_state.stage) {
    case Stage::Asked:
        return Page::Question;
    case Stage::WaitingForPeer:
    case Stage::Answering:
        return Page::Waiting;
    case Stage::Idle:
        break;
    }
    return Page::Choose;
}

void VerifyModel::update(ipc::VerificationState state) {
    const bool is_other_key = state.key != m_state.key;
    const bool was_verified = m_state.is_verified;
    m_state = std::move(state);
    m_is_overdue = m_is_overdue && m_state.stage == Stage::WaitingForPeer;
    if (std::exchange(m_is_fresh, false)) {
        show(page_for_now());
        return;
    }
    if (is_other_key) {
        m_message.clear();
        m_way = Page::Choose;
        show(page_for_now());
        return;
    }
    if (m_outcome == Outcome::Good && was_verified && !m_state.is_verified) {
        show(Page::Choose); // taken back, and the message says so
    }
    const bool is_running =
        m_state.stage == Stage::WaitingForPeer || m_state.stage == Stage::Answering;
    switch (m_page) {
    case Page::Start:
    case Page::Question:
    case Page::Waiting:
        show(page_for_now());
        break;
    case Page::Pin:
        if (!m_pin.empty() && m_state.stage != Stage::WaitingForPeer) {
            show(page_for_now());
        }
        break;
    case Page::Choose:
    case Page::Result:
    case Page::Code:
    case Page::Secret:
    case Page::Compare:
        if (is_running) {
            show(Page::Waiting);
        }
        break;
    }
}

void VerifyModel::tell(Told told, std::string text, std::string detail) {
    m_message = std::move(text);
    m_has_answered = false;
    switch (told) {
    case Told::Pin:
        show(Page::Pin);
        m_pin = std::move(detail);
        m_message.clear(); // the page says it at length
        break;
    case Told::Answered:
        m_has_answered = true;
        [[fallthrough]];
    case Told::Succeeded:
        show(Page::Result);
        m_outcome = Outcome::Good;
        break;
    case Told::Failed:
        show(Page::Result);
        m_outcome = Outcome::Bad;
        break;
    case Told::Differs:
        show(Page::Result);
        m_outcome = Outcome::Blocked;
        std::erase(detail, ' ');
        m_other_key = ipc::is_key(detail) ? std::move(detail) : std::string();
        break;
    case Told::NoReply:
        m_is_overdue = true;
        break;
    case Told::Note:
        break;
    }
}

void VerifyModel::go(Page page) {
    m_message.clear();
    m_has_answered = false;
    const bool is_possible = is_private() && page != Page::Start && page != Page::Waiting &&
                             page != Page::Result &&
                             (page != Page::Question || m_state.stage == Stage::Asked);
    show(is_possible ? page : page_for_now());
    switch (m_page) {
    case Page::Pin:
    case Page::Code:
    case Page::Secret:
    case Page::Compare:
        m_way = m_page;
        break;
    case Page::Question:
        m_way = Page::Choose;
        break;
    case Page::Start:
    case Page::Choose:
    case Page::Waiting:
    case Page::Result:
        break;
    }
}

void VerifyModel::raise() {
    if (has_question_waiting() && (m_page == Page::Choose || m_page == Page::Result)) {
        go(Page::Question);
    }
}

} // namespace otr_guard::windows
