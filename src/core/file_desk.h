// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// What one file on its way needs from those around it, and the words that both directions share. A
// transfer belongs to one device of one peer and to the key in use when it was offered; with
// anybody else it has nothing to do.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

#include "core/file_name.h"
#include "core/host.h"
#include "model/account.h"
#include "model/fingerprint.h"
#include "model/states.h"

namespace otr_guard::core {

/// Who is at the other end.
struct FileEnd {
    model::PeerId peer;
    model::InstanceTag tag = 0;
    model::Fingerprint key;

    bool operator==(const FileEnd&) const = default;
};

enum class FileState {
    Preparing, ///< ours is being read for its hashes
    Offered,   ///< ours; nobody has asked for a part of it yet
    Asked,     ///< theirs; the user has not decided yet
    Running,
    Checking, ///< theirs has come, and is compared with what was promised
    Done,
    Stopped,
};

struct FileStatus {
    unsigned number = 0; ///< as in `/otr accept N`; never used twice
    model::PeerId peer;
    bool is_incoming = false;
    FileState state = FileState::Preparing;
    bool is_interrupted = false; ///< waits for a private conversation with the same key
    std::string name;            ///< fit for one line
    std::uint64_t size = 0;
    std::uint64_t done = 0;
    std::string media_type; ///< untrusted, but one line of letters; may be empty
    FileRisk risk = FileRisk::None;
    std::filesystem::path path; ///< where it is, once received
};

/// Words for model::NoticeKind::FileStopped and FileRefused.
namespace file_reason {
inline constexpr std::string_view cancelled = "cancelled";
inline constexpr std::string_view declined = "declined";
inline constexpr std::string_view by_peer = "by-peer";
inline constexpr std::string_view hash = "hash";
inline constexpr std::string_view size = "size";
inline constexpr std::string_view range = "range";
inline constexpr std::string_view changed = "changed";
inline constexpr std::string_view disk = "disk";
inline constexpr std::string_view expired = "expired";
inline constexpr std::string_view peer_limit = "peer-limit";
inline constexpr std::string_view not_private = "not-private";
inline constexpr std::string_view not_verified = "not-verified";
inline constexpr std::string_view short_messages = "short-messages";
inline constexpr std::string_view too_large = "too-large";
inline constexpr std::string_view too_many = "too-many";
inline constexpr std::string_view full = "full";
inline constexpr std::string_view no_file = "no-file";
inline constexpr std::string_view nothing = "nothing";
} // namespace file_reason

class FileDesk {
public:
    virtual ~FileDesk() = default;

    [[nodiscard]] virtual Host& host() = 0;
    /// Whether the conversation with this end carries anything right now.
    [[nodiscard]] virtual bool is_open(const FileEnd& end) const = 0;
    /// One record of OTRDATA; false when it did not go out.
    virtual bool send(const FileEnd& end, unsigned short type, std::string_view record) = 0;
    /// Runs `job` in a worker, and what it returns on the main loop unless everything is over then.
    virtual void in_worker(std::function<std::function<void()>()> job) = 0;
    /// Nobody can guess it.
    [[nodiscard]] virtual std::string new_id() = 0;
    /// Something that is shown of a transfer has changed.
    virtual void changed(const FileEnd& end) = 0;
    /// There is room for more requests to this peer.
    virtual void has_room(const FileEnd& end) = 0;
};

} // namespace otr_guard::core
