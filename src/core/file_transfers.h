// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// All files on their way in private conversations: who may offer one, to whom each belongs, and in
// which order pieces are asked for. What a peer can make grow here has limits; what it says about
// files that are not its own is answered as if there were none.

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string_view>
#include <vector>

#include "core/file_desk.h"
#include "core/incoming_file.h"
#include "core/outgoing_file.h"
#include "core/rate_limiter.h"
#include "core/worker.h"
#include "model/file_limits.h"
#include "model/limits.h"

namespace otr_guard::core {

class FileTransfers final : private FileDesk {
public:
    /// What it needs of the conversations.
    struct Hooks {
        std::function<bool(const FileEnd&)> is_open;
        std::function<bool(const FileEnd&, unsigned short type, std::string_view record)> send;
        /// The device that text goes to now, if that is private and nothing is held.
        std::function<std::optional<FileEnd>(const model::PeerId&)> current;
        std::function<bool(const FileEnd&)> is_verified;
        /// Starts the conversation again after our own account was away.
        std::function<void(const model::PeerId&)> reopen;
    };
    FileTransfers(Host& host, Hooks hooks);
    /// Temporary files are gone afterwards.
    ~FileTransfers() override;
    FileTransfers(const FileTransfers&) = delete;
    FileTransfers& operator=(const FileTransfers&) = delete;

    // The user's actions. Each tells the user what came of it.
    /// Offers a file to the device that text goes to now.
    /// `keep` is let go once the file is open; it may be what removes it.
    void offer(const model::PeerId& peer, const std::filesystem::path& path,
               std::shared_ptr<const void> keep = nullptr);
    /// Why offer() would not even try, a word of file_reason; nothing when it would.
    [[nodiscard]] std::optional<std::string_view> refusal(const model::PeerId& peer) const;
    /// Without a number: the only one that waits for an answer.
    void accept(const model::PeerId& peer, std::optional<unsigned> number,
                const std::filesystem::path& folder);
    /// Declines, or cancels in either direction. Without a number: the only one that is not over.
    void cancel(const model::PeerId& peer, std::optional<unsigned> number);

    /// Oldest first; what is over is remembered for a while.
    [[nodiscard]] std::vector<FileStatus> files_of(const model::PeerId& peer) const;
    [[nodiscard]] std::vector<FileStatus> all() const;

    // Things that happen.
    void take_record(const FileEnd& from, unsigned short type, std::string_view record);
    void session_changed(const model::PeerId& peer);
    /// A file waits for the conversation with this peer.
    [[nodiscard]] bool waits_for(const model::PeerId& peer) const;
    /// Tells peers that nothing more will come.
    void shut_down();

private:
    struct Offerer { ///< what one peer has done
        RateLimiter offers{model::limits::file_offers_per_minute, std::chrono::minutes(1)};
        RateLimiter told{1, std::chrono::minutes(1)};
    };

    // FileDesk
    Host& host() override { return m_host; }
    bool is_open(const FileEnd& end) const override { return m_hooks.is_open(end); }
    bool send(const FileEnd& end, unsigned short type, std::string_view record) override {
        return m_hooks.send(end, type, record);
    }
    void in_worker(std::function<std::function<void()>()> job) override;
    std::string new_id() override;
    void changed(const FileEnd& end) override;
    void has_room(const FileEnd& end) override;

    void take_request(const FileEnd& from, std::string_view record);
    void take_offer(const FileEnd& from, otrdata::Offer offer);
    /// Why an offer is not shown to the user, as an HTTP status and its words; nothing when it is.
    [[nodiscard]] std::optional<otrdata::Refusal> judge(const FileEnd& from,
                                                        const otrdata::Offer& offer);
    void refuse_offer(const FileEnd& from, const otrdata::Offer& offer, std::string_view reason);
    void answer(const FileEnd& to, const otrdata::Answer& answer);
    void answer(const FileEnd& to, const otrdata::Refusal& refusal);
    [[nodiscard]] std::shared_ptr<OutgoingFile> find_outgoing(const FileEnd& end,
                                                              const otrdata::Url& url) const;
    [[nodiscard]] std::shared_ptr<IncomingFile> find_incoming(const FileEnd& end,
                                                              const otrdata::Url& url) const;
    template <typename Files>
    [[nodiscard]] static std::size_t count_open(const Files& files, const model::PeerId& peer);
    template <typename Files> [[nodiscard]] static std::size_t count_open(const Files& files);
    template <typename Files> static void forget_old(Files& files, const model::PeerId& peer);
    void tell_refused(const model::PeerId& peer, std::string_view reason);
    void go_on(const model::PeerId& peer);
    void keep_watch();
    void look_after_all();

    Host& m_host;
    Hooks m_hooks;
    std::map<unsigned, std::shared_ptr<OutgoingFile>> m_outgoing;
    std::map<unsigned, std::shared_ptr<IncomingFile>> m_incoming;
    std::map<model::PeerId, Offerer> m_offerers;
    RateLimiter m_refusals{60, std::chrono::minutes(1)};
    unsigned m_next_number = 1;
    std::set<model::PeerId> m_reopened; ///< tried once since the conversation was interrupted
    std::set<model::PeerId> m_changed;  ///< go_on() is on its way
    Timer m_watch;
    bool m_is_watching = false;
    std::shared_ptr<bool> m_alive = std::make_shared<bool>(true);
    Worker m_worker; ///< goes first: it ends what it was given
};

} // namespace otr_guard::core
