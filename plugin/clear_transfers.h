// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Stops what would pass beside a private conversation: files, calls and pictures of libpurple's
// own, which are in clear and tell addresses. Acts before anything is sent or opened. Nothing
// passes but what the user has allowed, once.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "core/host.h"
#include "core/rate_limiter.h"
#include "guarded_protocols.h"
#include "model/account.h"

namespace otr_guard::plugin {

class Plugin;

/// HTML without its pictures.
[[nodiscard]] std::string without_picture_tags(const std::string& html);

class ClearTransfers final : public TransferKeeper {
public:
    explicit ClearTransfers(Plugin& plugin);
    ~ClearTransfers() override;
    ClearTransfers(const ClearTransfers&) = delete;
    ClearTransfers& operator=(const ClearTransfers&) = delete;

    /// The next file or call with this peer may pass in clear, if it comes soon and the
    /// conversation has become neither private nor public until then.
    void allow_once(const model::PeerId& peer);

    /// `html` without pictures, when there are any that must not go; the user is told.
    [[nodiscard]] std::optional<std::string> without_pictures(const model::PeerId& peer,
                                                              std::string_view html);

    // TransferKeeper
    bool may_send_file(PurpleConnection* connection, const char* who, const char* file) override;
    bool has_private_way(PurpleConnection* connection, const char* who) override;
    bool may_call(PurpleAccount* account, const char* who) override;
    bool may_have_calls(PurpleAccount* account, const char* who) override;

private:
    enum class Direction : std::uint8_t { Incoming, Outgoing };
    struct Allowance {
        core::SteadyTime until{};
        bool is_incoming_too = false;
        bool was_private = false; ///< what the user knew when it was given
    };

    static void receiving_file(PurpleXfer* transfer, ClearTransfers* self);
    static void receiving_xml(PurpleConnection* connection, xmlnode** packet, ClearTransfers* self);

    [[nodiscard]] bool is_stopped(const model::PeerId& peer) const;
    [[nodiscard]] bool is_private(const model::PeerId& peer) const;
    void allow(const model::PeerId& peer, bool is_incoming_too);
    [[nodiscard]] bool has_allowance(const model::PeerId& peer, Direction direction) const;
    /// True once after it was allowed.
    [[nodiscard]] bool use_allowance(const model::PeerId& peer, Direction direction);
    void tell(const model::PeerId& peer, const char* word);

    Plugin& m_plugin;
    std::map<model::PeerId, Allowance> m_allowed;
    core::RateLimiter m_told;
};

} // namespace otr_guard::plugin
