// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// The core's Host on top of libpurple. Never opens a window for somebody who is not on the buddy
// list; text that comes from a peer is escaped before it becomes HTML.

#include <functional>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>

#include "core/host.h"
#include "purple.h"

namespace otr_guard::plugin {

class MessageSizes;
class Plugin;

class PurpleHost final : public core::Host {
public:
    explicit PurpleHost(Plugin& plugin);
    ~PurpleHost() override;
    PurpleHost(const PurpleHost&) = delete;
    PurpleHost& operator=(const PurpleHost&) = delete;

    [[nodiscard]] bool is_connected(const model::AccountId& account) const override;
    bool send_raw(const model::PeerId& peer, std::string_view wire) override;
    [[nodiscard]] std::size_t max_message_size(const model::PeerId& peer) const override;
    [[nodiscard]] model::Policy policy_for(const model::PeerId& peer) const override;
    [[nodiscard]] std::uint64_t settings_version() const override;
    [[nodiscard]] bool takes_files_of_unverified() const override;
    [[nodiscard]] bool says_goodbye() const override;
    [[nodiscard]] std::string peer_text(const model::AccountId& account,
                                        core::PeerText which) const override;
    void tell(const model::PeerId& peer, const model::Notice& notice) override;
    void tell_account(const model::AccountId& account, const model::Notice& notice) override;
    void tell_user(const model::Notice& notice) override;
    void show_waiting(const model::PeerId& peer, std::string_view html) override;
    void show_sent(const model::PeerId& peer, std::string_view html) override;
    void show_received(const model::PeerId& peer, std::string_view html) override;
    void state_changed(const model::PeerId& peer) override;
    [[nodiscard]] core::SteadyTime now() const override;
    [[nodiscard]] core::WallTime wall_clock() const override;
    core::TimerId schedule(std::chrono::milliseconds delay, std::function<void()> action) override;
    void cancel(core::TimerId timer) override;
    void post(std::function<void()> action) override;

    /// The conversation there is, or a new one; null while the account is offline.
    PurpleConversation* open_conversation(const model::PeerId& peer) const;
    /// A system line of ours in an open conversation; `html` must be escaped where it is a peer's.
    void write_line(PurpleConversation* conversation, const std::string& html,
                    PurpleMessageFlags extra = static_cast<PurpleMessageFlags>(0));
    /// The same as plain text, for commands: opens no conversation.
    void write_text(const model::PeerId& peer, std::string_view plain);
    /// Shows what was kept while this conversation was not open.
    void conversation_opened(const model::PeerId& peer);

private:
    struct PendingTimer;
    struct Mailbox;

    Plugin& m_plugin;
    std::unique_ptr<MessageSizes> m_sizes;
    std::unordered_map<model::PeerId, std::list<model::Notice>> m_pending;
    std::map<core::TimerId, std::unique_ptr<PendingTimer>> m_timers;
    core::TimerId m_next_timer = 1;
    std::unique_ptr<Mailbox> m_mailbox;
};

} // namespace otr_guard::plugin
