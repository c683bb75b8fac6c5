// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "core/session.h"

#include <algorithm>
#include <utility>

#include "core/records.h"

// OTR says that a message was read only when it was not. What is lost on the way, or sent while the
// other side changes its keys or goes, is known between two OTR Guards because each tells the other
// what it has shown.

namespace otr_guard::core {

namespace limits = model::limits;
using model::NoticeKind;
using model::SessionState;

// --- What we have read -------------------------------------------------------------------------

void Session::note_shown(model::InstanceTag tag, const MessageDigest& digest) {
    Instance* sender = find_instance(tag);
    if (sender == nullptr || sender->receipts != Receipts::Given) {
        return;
    }
    sender->to_confirm.push_back(digest);
    if (sender->to_confirm.size() > limits::unconfirmed_texts) {
        sender->to_confirm.erase(sender->to_confirm.begin());
    }
    if (!m_receipt_is_due) {
        m_receipt_is_due = true;
        m_receipt_timer = Timer(m_services.host, std::chrono::milliseconds(limits::receipt_delay),
                                [this] { give_receipts(); });
    }
}

TlvPtr Session::receipt_for(Instance& receiver) {
    if (receiver.knows_receipts && receiver.to_confirm.empty()) {
        return {};
    }
    return make_receipt_tlv(std::exchange(receiver.to_confirm, {}));
}

void Session::give_receipts() {
    m_receipt_is_due = false;
    m_receipt_timer.stop();
    if (!m_services.host.is_connected(m_peer.account)) {
        return;
    }
    for (Instance& instance : m_instances) {
        const bool is_private = instance.state == SessionState::Private || m_is_ending;
        if (is_private && !instance.to_confirm.empty() && is_usable(instance)) {
            // One that is lost is made good: the text comes again, and is known.
            send_record(instance.tag, receipt_for(instance).get());
        }
    }
}

// --- What they have read -----------------------------------------------------------------------

void Session::take_receipt(model::InstanceTag tag, const OtrlTLV* tlvs, bool has_text) {
    Instance* sender = find_instance(tag);
    if (sender == nullptr) {
        return;
    }
    const auto read = receipt_from_tlvs(tlvs);
    if (!read) {
        // Its first text would have carried one.
        if (has_text && std::exchange(sender->is_silent, false)) {
            sender->receipts = Receipts::None;
        }
        return;
    }
    const bool was_unknown = std::exchange(sender->receipts, Receipts::Given) != Receipts::Given;
    sender->is_silent = false;
    sender->knows_receipts = sender->knows_receipts || !read->empty();
    for (const MessageDigest& digest : *read) {
        m_unconfirmed.confirm(digest);
    }
    if (m_unconfirmed.empty()) {
        stop_watching_for_receipts();
    }
    if (was_unknown) {
        changed();
        requeue(m_unconfirmed.take([sender](const SentText& text) {
            return text.tag == sender->tag && text.when < sender->keys_since;
        }));
    }
    if (m_is_ending && awaited_receipts() == 0 && !is_exchanging()) {
        finish_end();
    }
}

void Session::remember_sent(std::string_view html, const Instance& receiver,
                            const MessageDigest& digest,
                            const std::optional<MessageDigest>& resend_of) {
    if (receiver.receipts == Receipts::None) {
        m_unconfirmed.clear(); // of other programs, the last one is enough
    }
    m_unconfirmed.add({.html = std::string(html),
                       .key = receiver.key,
                       .tag = receiver.tag,
                       .first = resend_of.value_or(digest),
                       .last = digest,
                       .when = m_services.host.now()});
    m_told_send_failure = false;
    if (receiver.receipts == Receipts::Given) {
        watch_for_receipts();
    }
}

bool Session::gives_receipts(model::InstanceTag tag) const {
    const auto found = std::ranges::find(m_instances, tag, &Instance::tag);
    return found != m_instances.end() && found->receipts == Receipts::Given;
}

std::size_t Session::awaited_receipts() const {
    return m_unconfirmed.count([this](const SentText& text) { return gives_receipts(text.tag); });
}

std::size_t Session::requeue(std::vector<SentText> texts) {
    const std::size_t count = texts.size();
    while (!texts.empty()) {
        SentText& text = texts.back();
        if (!m_outbox.push_front(
                {.html = std::move(text.html), .bound_key = text.key, .resend_of = text.first})) {
            tell(NoticeKind::MaybeUnread, {std::to_string(texts.size())});
            return count - texts.size();
        }
        texts.pop_back();
    }
    return count;
}

void Session::requeue_after_error() {
    const Instance* reader = current();
    if (reader == nullptr || m_unconfirmed.empty() || gives_receipts(reader->tag)) {
        return; // it will be seen from receipts what was not read
    }
    const SentText& last = m_unconfirmed.last();
    const bool is_first_time = last.first == last.last;
    const bool is_recent = m_services.host.now() - last.when < limits::resend_interval;
    if (is_first_time && is_recent) {
        // From somebody who has never read anything it is about everything.
        const bool is_about_all = reader->receipts == Receipts::Unknown && !reader->is_heard;
        const MessageDigest digest = last.last;
        requeue(m_unconfirmed.take(
            [&](const SentText& text) { return is_about_all || text.last == digest; }));
    }
    if (reader->receipts == Receipts::None) {
        m_unconfirmed.clear();
    }
}

// No error answers a message that is lost on the way, or goes to a device that is no longer there.
void Session::resend_overdue() {
    const Instance* reader = current();
    if (m_unconfirmed.empty() || reader == nullptr || m_state != SessionState::Private) {
        return;
    }
    const SteadyTime now = m_services.host.now();
    requeue(m_unconfirmed.take([&](const SentText& text) {
        const bool is_overdue = now - text.when > limits::receipt_overdue &&
                                text.first == text.last && text.key == reader->key &&
                                gives_receipts(text.tag);
        const bool is_heard = reader->last_heard - text.when > limits::receipt_delay * 2;
        return is_overdue && (text.is_overtaken || is_heard || text.tag != reader->tag);
    }));
}

void Session::watch_for_receipts() {
    if (!m_awaits_receipts) {
        m_awaits_receipts = true;
        const auto delay = limits::receipt_overdue + limits::receipt_delay;
        m_overdue_timer = Timer(m_services.host, std::chrono::milliseconds(delay), [this] {
            m_awaits_receipts = false;
            resend_overdue();
            flush();
            const SteadyTime now = m_services.host.now();
            const auto is_recent = [&](const SentText& text) {
                return now - text.when <= limits::receipt_overdue && gives_receipts(text.tag);
            };
            if (m_unconfirmed.count(is_recent) > 0) {
                watch_for_receipts();
            }
        });
    }
}

void Session::stop_watching_for_receipts() {
    m_awaits_receipts = false;
    m_overdue_timer.stop();
}

// What was sent under the old keys and not confirmed was not read, or its receipt is lost.
void Session::requeue_sent_before(const Instance& instance) {
    const SteadyTime now = m_services.host.now();
    requeue(m_unconfirmed.take([&](const SentText& text) {
        const bool is_overdue =
            text.key == instance.key && now - text.when > limits::receipt_overdue;
        return gives_receipts(text.tag) && (text.tag == instance.tag || is_overdue);
    }));
}

void Session::settle_unconfirmed(model::InstanceTag tag) {
    const auto was_sent_there = [tag](const SentText& text) { return text.tag == tag; };
    const Instance* gone = find_instance(tag);
    if (gives_receipts(tag)) {
        keep_unread(m_unconfirmed.take(was_sent_there));
    } else if (gone != nullptr && gone->receipts == Receipts::Unknown && !gone->is_heard) {
        tell_maybe_unread(m_unconfirmed.count(was_sent_there));
    }
    m_unconfirmed.forget(was_sent_there);
}

void Session::keep_unread(std::vector<SentText> texts) {
    const std::size_t kept = requeue(std::move(texts));
    if (kept > 0 && m_state != SessionState::Private) {
        tell(NoticeKind::KeptUnread, {std::to_string(kept)});
    }
}

void Session::tell_maybe_unread(std::size_t count) {
    if (count > 0) {
        tell(NoticeKind::MaybeUnread, {std::to_string(count)});
    }
}

} // namespace otr_guard::core
