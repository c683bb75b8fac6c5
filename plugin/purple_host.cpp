// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "purple_host.h"

#include <ctime>
#include <fcntl.h>
#include <mutex>
#include <unistd.h>
#include <utility>
#include <vector>

#include "address_hint.h"
#include "core/markup.h"
#include "first_notes.h"
#include "i18n.h"
#include "logging.h"
#include "message_size.h"
#include "model/limits.h"
#include "names.h"
#include "network_guard.h"
#include "network_out.h"
#include "notices.h"
#include "notifications.h"
#include "plugin.h"
#include "settings.h"
#include "ui.h"
#include "util/guarded.h"

namespace otr_guard::plugin {

namespace limits = model::limits;

/// One purple timeout.
struct PurpleHost::PendingTimer {
    PendingTimer(PurpleHost& owner, core::TimerId number, std::function<void()> what)
        : host(owner), id(number), action(std::move(what)) {}
    PendingTimer(const PendingTimer&) = delete;
    PendingTimer& operator=(const PendingTimer&) = delete;

    PurpleHost& host;
    core::TimerId id;
    guint source = 0;
    std::function<void()> action;

    static gboolean fired(gpointer data) {
        util::guarded("timer", [&] {
            auto* timer = static_cast<PendingTimer*>(data);
            // The action may well cancel or start timers: it runs after this one is gone.
            const auto owned = timer->host.m_timers.extract(timer->id);
            owned.mapped()->source = 0;
            owned.mapped()->action();
        });
        return FALSE;
    }

    ~PendingTimer() {
        if (source != 0) {
            purple_timeout_remove(source);
        }
    }
};

/// Actions from other threads: a pipe that the client's event loop watches, because timeouts may
/// only be added on the main thread.
struct PurpleHost::Mailbox {
    std::mutex mutex;
    std::vector<std::function<void()>> actions;
    int read_end = -1;
    int write_end = -1;
    guint watch = 0;

    Mailbox() {
        int ends[2] = {-1, -1};
        if (::pipe2(ends, O_CLOEXEC | O_NONBLOCK) == 0) {
            read_end = ends[0];
            write_end = ends[1];
            watch = purple_input_add(read_end, PURPLE_INPUT_READ, arrived, this);
        }
    }
    ~Mailbox() {
        if (watch != 0) {
            purple_input_remove(watch);
            ::close(read_end);
            ::close(write_end);
        }
    }
    Mailbox(const Mailbox&) = delete;
    Mailbox& operator=(const Mailbox&) = delete;

    void put(std::function<void()> action) {
        const std::scoped_lock lock(mutex);
        actions.push_back(std::move(action));
        // A full pipe means that the main thread has been woken up already.
        static_cast<void>(!::write(write_end, "", 1));
    }

    static void arrived(gpointer data, gint, PurpleInputCondition) {
        util::guarded("mailbox", [&] { static_cast<Mailbox*>(data)->run(); });
    }

    void run() {
        char buffer[64];
        while (::read(read_end, buffer, sizeof buffer) > 0) {
        }
        std::vector<std::function<void()>> arrived_actions;
        {
            const std::scoped_lock lock(mutex);
            arrived_actions.swap(actions);
        }
        for (const std::function<void()>& action : arrived_actions) {
            util::guarded("posted", action);
        }
    }
};

PurpleHost::PurpleHost(Plugin& plugin)
    : m_plugin(plugin), m_sizes(std::make_unique<MessageSizes>(purple_user_dir())),
      m_mailbox(std::make_unique<Mailbox>()) {}

PurpleHost::~PurpleHost() = default;

// --- Network -----------------------------------------------------------------------------------

bool PurpleHost::is_connected(const model::AccountId& account) const {
    return find_connection(account) != nullptr;
}

bool PurpleHost::send_raw(const model::PeerId& peer, std::string_view wire) {
    PurpleConnection* connection = find_connection(peer.account);
    if (connection == nullptr) {
        return false;
    }
    // A conversation is bound to the resource that wrote last; all pieces go to the same place.
    PurpleConversation* conversation = find_conversation(peer);
    const std::string who = conversation != nullptr ? purple_conversation_get_name(conversation)
                                                    : peer.username.c_str();
    return m_plugin.network_out().send(connection, who.c_str(), wire);
}

std::size_t PurpleHost::max_message_size(const model::PeerId& peer) const {
    std::string_view own_name = peer.account.username;
    // On IRC it is part of every line that the server passes on.
    if (peer.account.protocol == "prpl-irc") {
        PurpleConnection* connection = find_connection(peer.account);
        const char* shown =
            connection != nullptr ? purple_connection_get_display_name(connection) : nullptr;
        own_name = shown != nullptr ? shown : own_name;
    }
    return m_sizes->size_for(peer.account.protocol, own_name, peer.username);
}

// --- Settings ----------------------------------------------------------------------------------

model::Policy PurpleHost::policy_for(const model::PeerId& peer) const {
    return m_plugin.settings().policy(peer);
}

std::uint64_t PurpleHost::settings_version() const {
    return m_plugin.settings().version();
}

bool PurpleHost::takes_files_of_unverified() const {
    return m_plugin.settings().takes_files_of_unverified();
}

bool PurpleHost::says_goodbye() const {
    return m_plugin.settings().says_goodbye();
}

std::string PurpleHost::peer_text(const model::AccountId& account, core::PeerText which) const {
    // The server reads all of them but the question, and would learn which language is spoken here.
    PurpleAccount* found = find_account(account);
    const bool is_neutral =
        which != core::PeerText::PinQuestion && found != nullptr &&
        NetworkGuard::instance().record(found).state != core::Record::State::Absent;
    const char* text = plugin::peer_text(which);
    return is_neutral ? text : tr(text);
}

// --- The user ----------------------------------------------------------------------------------

void PurpleHost::write_line(PurpleConversation* conversation, const std::string& html,
                            PurpleMessageFlags extra) {
    const int flags = PURPLE_MESSAGE_SYSTEM | PURPLE_MESSAGE_NO_LOG | extra;
    purple_conversation_write(conversation, nullptr, html.c_str(),
                              static_cast<PurpleMessageFlags>(flags), std::time(nullptr));
}

PurpleConversation* PurpleHost::open_conversation(const model::PeerId& peer) const {
    PurpleConversation* conversation = find_conversation(peer);
    // For libpurple, a new one without a connection is a programming error.
    if (conversation == nullptr && is_connected(peer.account)) {
        conversation = purple_conversation_new(PURPLE_CONV_TYPE_IM, find_account(peer.account),
                                               peer.username.c_str());
    }
    return conversation;
}

void PurpleHost::write_text(const model::PeerId& peer, std::string_view plain) {
    if (PurpleConversation* conversation = find_conversation(peer)) {
        write_line(conversation, core::markup::escape(plain));
    }
}

void PurpleHost::tell(const model::PeerId& peer, const model::Notice& notice) {
    m_plugin.ui().told(peer, notice);
    PurpleConversation* conversation = find_conversation(peer);
    if (conversation == nullptr && opens_conversation(notice.kind) && find_buddy(peer) != nullptr) {
        conversation = open_conversation(peer);
    }
    if (conversation == nullptr) {
        auto& kept = m_pending[peer];
        kept.push_back(notice);
        if (kept.size() > limits::pending_notices_per_peer) {
            kept.pop_front();
        }
        if (m_pending.size() > limits::idle_sessions) {
            m_pending.erase(m_pending.begin()->first == peer ? std::next(m_pending.begin())
                                                             : m_pending.begin());
        }
        return;
    }
    const auto extra = is_urgent(notice.kind) ? PURPLE_MESSAGE_NICK : PurpleMessageFlags{};
    write_line(conversation, core::markup::escape(text_of(notice, display_name(peer))), extra);
    if (notice.kind == model::NoticeKind::VerificationAsked ||
        notice.kind == model::NoticeKind::VerificationAskedSecret) {
        m_plugin.notifications().announce(conversation, tr("(wants to verify you, and waits)"));
    }
    if (const auto note = first_note(peer, notice.kind)) {
        write_line(conversation, core::markup::escape(*note));
    }
    if (const auto hint = address_hint(peer, notice.kind)) {
        write_line(conversation, core::markup::escape(*hint));
    }
}

void PurpleHost::conversation_opened(const model::PeerId& peer) {
    const auto kept = m_pending.extract(peer);
    if (kept.empty()) {
        return;
    }
    for (const model::Notice& notice : kept.mapped()) {
        tell(peer, notice);
    }
}

void PurpleHost::tell_account(const model::AccountId& account, const model::Notice& notice) {
    const std::string text = text_of(notice, account.username);
    if (notice.kind == model::NoticeKind::KeyFailed) {
        purple_notify_error(m_plugin.handle(), "OTR Guard", text.c_str(), account.username.c_str());
    } else {
        purple_debug_info("otr-guard", "%s\n", text.c_str());
    }
    m_plugin.ui().own_keys_changed();
}

void PurpleHost::tell_user(const model::Notice& notice) {
    purple_notify_warning(m_plugin.handle(), "OTR Guard", text_of(notice, "").c_str(), nullptr);
}

void PurpleHost::show_waiting(const model::PeerId& peer, std::string_view html) {
    if (PurpleConversation* conversation = find_conversation(peer)) {
        write_line(conversation,
                   core::markup::escape(tr("Waiting, not sent yet:")) + " " + std::string(html));
    }
}

void PurpleHost::show_sent(const model::PeerId& peer, std::string_view html) {
    if (PurpleConversation* conversation = find_conversation(peer)) {
        const std::string text(html);
        purple_conv_im_write(PURPLE_CONV_IM(conversation), nullptr, text.c_str(),
                             PURPLE_MESSAGE_SEND, std::time(nullptr));
    }
}

void PurpleHost::show_received(const model::PeerId& peer, std::string_view html) {
    if (PurpleConversation* conversation = open_conversation(peer)) {
        const std::string text(html);
        purple_conv_im_write(PURPLE_CONV_IM(conversation), peer.username.c_str(), text.c_str(),
                             PURPLE_MESSAGE_RECV, std::time(nullptr));
    }
}

void PurpleHost::state_changed(const model::PeerId& peer) {
    m_plugin.logging().update(peer);
    m_plugin.refresh_display();
    m_plugin.ui().state_changed(peer);
}

// --- Time and threads --------------------------------------------------------------------------

core::SteadyTime PurpleHost::now() const {
    return std::chrono::steady_clock::now();
}

core::WallTime PurpleHost::wall_clock() const {
    return std::chrono::time_point_cast<std::chrono::seconds>(std::chrono::system_clock::now());
}

core::TimerId PurpleHost::schedule(std::chrono::milliseconds delay, std::function<void()> action) {
    const core::TimerId id = m_next_timer++;
    auto timer = std::make_unique<PendingTimer>(*this, id, std::move(action));
    timer->source =
        purple_timeout_add(static_cast<guint>(delay.count()), PendingTimer::fired, timer.get());
    m_timers.emplace(id, std::move(timer));
    return id;
}

void PurpleHost::cancel(core::TimerId timer) {
    m_timers.erase(timer);
}

void PurpleHost::post(std::function<void()> action) {
    m_mailbox->put(std::move(action));
}

} // namespace otr_guard::plugin
