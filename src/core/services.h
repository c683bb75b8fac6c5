// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// What a session works with and does not own, and what libotr tells it.

#include <chrono>
#include <functional>
#include <string_view>

#include "core/file_desk.h"
#include "core/fragments.h"
#include "core/host.h"
#include "core/identity.h"
#include "core/libotr.h"
#include "core/rate_limiter.h"
#include "core/trust_store.h"
#include "core/worker.h"
#include "model/account.h"
#include "model/limits.h"

namespace otr_guard::core {

/// What people whom we don't know may make us do, all of them together.
struct StrangerLimits {
    RateLimiter exchanges{model::limits::stranger_exchanges, std::chrono::seconds(10)};
    RateLimiter daily_exchanges{model::limits::stranger_exchanges_per_day, std::chrono::hours(24)};
    RateLimiter complaints{model::limits::stranger_complaints, std::chrono::minutes(1)};
};

/// What every session works with; owned by the Engine, which outlives its sessions.
struct Services {
    Host& host;
    Identity& identity;
    TrustStore& trust;
    Reassembler& reassembler;
    Worker& prover; ///< takes the steps of verifications
    const OtrlMessageAppOps& ops;
    void* opdata;
    std::function<void(const model::AccountId&)> request_key;
    std::function<void()> trust_changed; ///< the store wants to be written
    /// A record about a file came in a private message.
    std::function<void(const FileEnd& from, unsigned short type, std::string_view)> file_record;
    std::function<void(const model::PeerId&)> session_changed;
    StrangerLimits strangers{};
};

/// Something libotr told us during one of its calls.
struct LibotrEvent {
    enum class Kind { GoneSecure, StillSecure, Message };
    Kind kind;
    model::InstanceTag instance = 0;
    OtrlMessageEvent message_event = OTRL_MSGEVENT_NONE;
};

} // namespace otr_guard::core
