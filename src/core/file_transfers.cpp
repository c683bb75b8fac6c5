// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "core/file_transfers.h"

#include <algorithm>
#include <array>
#include <exception>
#include <memory>
#include <utility>

#include <gcrypt.h>

#include "core/file_name.h"
#include "model/file_limits.h"
#include "model/limits.h"
#include "util/guarded.h"

namespace otr_guard::core {

namespace limits = model::limits;
using model::NoticeKind;

FileTransfers::FileTransfers(Host& host, Hooks hooks) : m_host(host), m_hooks(std::move(hooks)) {}

FileTransfers::~FileTransfers() {
    *m_alive = false;
}

// --- The desk ----------------------------------------------------------------------------------

void FileTransfers::in_worker(std::function<std::function<void()>()> job) {
    const auto after = std::make_shared<std::function<void()>>();
    const auto work = [after, job = std::move(job)] {
        util::guarded("file", [&] { *after = job(); });
    };
    const auto deliver = [this, after, alive = m_alive] {
        m_host.post([after, alive] {
            if (*alive && *after) {
                (*after)();
            }
        });
    };
    try {
        m_worker.submit(work, deliver);
    } catch (const std::exception&) { // no thread to be had
        work();
        deliver();
    }
}

std::string FileTransfers::new_id() {
    std::array<unsigned char, 16> bytes{};
    gcry_create_nonce(bytes.data(), bytes.size());
    constexpr std::string_view digits = "0123456789abcdef";
    std::string id;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        if (i == 4 || i == 6 || i == 8 || i == 10) {
            id += '-';
        }
        id += digits[bytes[i] >> 4U];
        id += digits[bytes[i] & 15U];
    }
    return id;
}

void FileTransfers::changed(const FileEnd& end) {
    m_host.state_changed(end.peer);
}

// One window for all files of a peer: what is on its way stands before the peer's text.
void FileTransfers::has_room(const FileEnd& end) {
    std::size_t awaited = 0;
    std::vector<std::shared_ptr<IncomingFile>> files;
    for (const auto& [number, file] : m_incoming) {
        if (file->end().peer == end.peer && !file->is_over()) {
            awaited += file->awaited();
            files.push_back(file);
        }
    }
    for (const auto& file : files) {
        if (awaited >= limits::file_blocks_asked) {
            return;
        }
        const std::size_t before = file->awaited();
        file->ask(limits::file_blocks_asked - awaited);
        awaited += file->awaited() - before;
    }
}

// --- The user ----------------------------------------------------------------------------------

void FileTransfers::tell_refused(const model::PeerId& peer, std::string_view reason) {
    m_host.tell(peer, {NoticeKind::FileRefused, {std::string(reason)}});
}

template <typename Files>
std::size_t FileTransfers::count_open(const Files& files, const model::PeerId& peer) {
    return static_cast<std::size_t>(std::ranges::count_if(files, [&peer](const auto& entry) {
        return entry.second->end().peer == peer && !entry.second->is_over();
    }));
}

template <typename Files> std::size_t FileTransfers::count_open(const Files& files) {
    return static_cast<std::size_t>(
        std::ranges::count_if(files, [](const auto& entry) { return !entry.second->is_over(); }));
}

/// The oldest that is over makes room.
template <typename Files> void FileTransfers::forget_old(Files& files, const model::PeerId& peer) {
    const auto count = std::ranges::count_if(
        files, [&peer](const auto& entry) { return entry.second->end().peer == peer; });
    const bool is_full = files.size() >= limits::files_total;
    if (static_cast<std::size_t>(count) < limits::files_per_peer && !is_full) {
        return;
    }
    const auto old = std::ranges::find_if(files, [&](const auto& entry) {
        return entry.second->is_over() && (is_full || entry.second->end().peer == peer);
    });
    if (old != files.end()) {
        files.erase(old);
    }
}

std::optional<std::string_view> FileTransfers::refusal(const model::PeerId& peer) const {
    const auto end = m_hooks.current(peer);
    const std::size_t longest = m_host.max_message_size(peer);
    if (!end) {
        return file_reason::not_private;
    }
    if (!m_host.takes_files_of_unverified() && !m_hooks.is_verified(*end)) {
        return file_reason::not_verified;
    }
    if (longest != 0 && longest < limits::file_message_bytes) {
        return file_reason::short_messages;
    }
    if (count_open(m_outgoing, peer) >= limits::files_per_peer ||
        count_open(m_outgoing) >= limits::files_total) {
        return file_reason::full;
    }
    return std::nullopt;
}

void FileTransfers::offer(const model::PeerId& peer, const std::filesystem::path& path,
                          std::shared_ptr<const void> keep) {
    forget_old(m_outgoing, peer);
    if (const auto reason = refusal(peer)) {
        tell_refused(peer, *reason);
        return;
    }
    const unsigned number = m_next_number++;
    FileDesk& desk = *this;
    const auto file = std::make_shared<OutgoingFile>(desk, number, *m_hooks.current(peer),
                                                     path.filename().string());
    m_outgoing[number] = file;
    file->start(path, std::move(keep));
    keep_watch();
}

void FileTransfers::accept(const model::PeerId& peer, std::optional<unsigned> number,
                           const std::filesystem::path& folder) {
    std::shared_ptr<IncomingFile> wanted;
    std::size_t count = 0;
    for (const auto& [candidate, file] : m_incoming) {
        if (file->end().peer == peer && file->status().state == FileState::Asked &&
            (!number || number == candidate)) {
            wanted = file;
            ++count;
        }
    }
    if (count == 1) {
        wanted->accept(folder);
    } else {
        tell_refused(peer, count == 0 ? file_reason::nothing : file_reason::too_many);
    }
}

void FileTransfers::cancel(const model::PeerId& peer, std::optional<unsigned> number) {
    std::vector<std::function<void()>> found;
    const auto look_at = [&](const auto& files) {
        for (const auto& [candidate, file] : files) {
            if (file->end().peer == peer && !file->is_over() && (!number || number == candidate)) {
                found.push_back([file = file] { file->cancel(); });
            }
        }
    };
    look_at(m_incoming);
    look_at(m_outgoing);
    if (found.size() == 1) {
        found.front()();
    } else {
        tell_refused(peer, found.empty() ? file_reason::nothing : file_reason::too_many);
    }
}

std::vector<FileStatus> FileTransfers::all() const {
    std::vector<FileStatus> files;
    files.reserve(m_incoming.size() + m_outgoing.size());
    for (const auto& [number, file] : m_incoming) {
        files.push_back(file->status());
    }
    for (const auto& [number, file] : m_outgoing) {
        files.push_back(file->status());
    }
    std::ranges::sort(files, {}, &FileStatus::number);
    return files;
}

std::vector<FileStatus> FileTransfers::files_of(const model::PeerId& peer) const {
    std::vector<FileStatus> files = all();
    std::erase_if(files, [&peer](const FileStatus& file) { return file.peer != peer; });
    return files;
}

// --- Records -----------------------------------------------------------------------------------

std::shared_ptr<OutgoingFile> FileTransfers::find_outgoing(const FileEnd& end,
                                                           const otrdata::Url& url) const {
    for (const auto& [number, file] : m_outgoing) {
        if (file->end() == end && file->url() == url) {
            return file;
        }
    }
    return nullptr;
}

std::shared_ptr<IncomingFile> FileTransfers::find_incoming(const FileEnd& end,
                                                           const otrdata::Url& url) const {
    for (const auto& [number, file] : m_incoming) {
        if (file->end() == end && file->offer().url == url) {
            return file;
        }
    }
    return nullptr;
}

void FileTransfers::answer(const FileEnd& to, const otrdata::Answer& answer) {
    send(to, otrdata::response_tlv_type, otrdata::write(answer));
}

void FileTransfers::answer(const FileEnd& to, const otrdata::Refusal& refusal) {
    const std::string record = otrdata::write(refusal);
    if (!record.empty() && m_refusals.allow(m_host.now())) {
        send(to, otrdata::response_tlv_type, record);
    }
}

void FileTransfers::take_record(const FileEnd& from, unsigned short type, std::string_view record) {
    if (type == otrdata::request_tlv_type) {
        take_request(from, record);
        return;
    }
    const auto answer = otrdata::read_answer(record);
    if (type != otrdata::response_tlv_type || !answer) {
        return;
    }
    for (const auto& [number, file] : m_incoming) {
        if (file->end() == from && file->take_answer(*answer)) {
            return;
        }
    }
    for (const auto& [number, file] : m_outgoing) {
        if (file->end() == from && file->take_answer(*answer)) {
            return;
        }
    }
}

void FileTransfers::take_request(const FileEnd& from, std::string_view record) {
    auto request = otrdata::read_request(record);
    if (!request) {
        answer(from, request.error());
    } else if (auto* offer = std::get_if<otrdata::Offer>(&*request)) {
        take_offer(from, std::move(*offer));
    } else if (const auto* get = std::get_if<otrdata::Get>(&*request)) {
        if (const auto file = find_outgoing(from, get->url)) {
            file->take_get(*get);
        } else {
            answer(from, otrdata::Refusal{400, "No such offer made", get->request_id});
        }
    } else if (const auto* note = std::get_if<otrdata::Note>(&*request)) {
        if (const auto file = find_outgoing(from, note->url)) {
            file->take_note(note->word);
        } else if (const auto other = find_incoming(from, note->url)) {
            other->take_note(note->word);
        }
    }
}

void FileTransfers::take_offer(const FileEnd& from, otrdata::Offer offer) {
    const auto known = find_incoming(from, offer.url);
    // ChatSecure for Android makes the address of the name alone.
    const bool is_anew = known != nullptr && known->is_over() && !offer.is_from_guard;
    if (is_anew) {
        std::erase_if(m_incoming, [&](const auto& entry) { return entry.second == known; });
    } else if (known != nullptr) {
        const bool is_same = known->offer().sha1 == offer.sha1 &&
                             known->offer().length == offer.length &&
                             known->offer().sha256 == offer.sha256;
        if (is_same) {
            answer(from, known->offered_again(offer.request_id));
        } else {
            answer(from, otrdata::Refusal{400, "Another file was offered", offer.request_id});
        }
        return;
    }
    if (const auto refusal = judge(from, offer)) {
        answer(from, *refusal);
        return;
    }
    const unsigned number = m_next_number++;
    const std::string request_id = offer.request_id;
    FileDesk& desk = *this;
    const auto file = std::make_shared<IncomingFile>(desk, number, from, std::move(offer));
    m_incoming[number] = file;
    answer(from, file->offered_again(request_id));
    const FileStatus status = file->status();
    constexpr std::array risks{"", "program", "macros"};
    m_host.tell(from.peer, {NoticeKind::FileOffered,
                            {std::to_string(number), status.name, std::to_string(status.size),
                             status.media_type, risks.at(static_cast<std::size_t>(status.risk)),
                             m_hooks.is_verified(from) ? "verified" : "unverified"}});
    changed(from);
    keep_watch();
}

std::optional<otrdata::Refusal> FileTransfers::judge(const FileEnd& from,
                                                     const otrdata::Offer& offer) {
    const std::size_t longest = m_host.max_message_size(from.peer);
    if (!m_offerers.contains(from.peer) && m_offerers.size() >= limits::idle_sessions) {
        m_offerers.erase(m_offerers.begin());
    }
    forget_old(m_incoming, from.peer);
    if (!m_host.takes_files_of_unverified() && !m_hooks.is_verified(from)) {
        refuse_offer(from, offer, file_reason::not_verified);
        return otrdata::Refusal{403, "Only from verified people", offer.request_id};
    }
    if (offer.length > limits::file_bytes) {
        refuse_offer(from, offer, file_reason::too_large);
        return otrdata::Refusal{413, "The file is too large", offer.request_id};
    }
    if (longest != 0 && longest < limits::file_message_bytes) {
        refuse_offer(from, offer, file_reason::short_messages);
        return otrdata::Refusal{403, "Messages are too short here", offer.request_id};
    }
    if (count_open(m_incoming, from.peer) >= limits::files_per_peer ||
        m_incoming.size() >= limits::files_total ||
        !m_offerers[from.peer].offers.allow(m_host.now())) {
        refuse_offer(from, offer, file_reason::too_many);
        return otrdata::Refusal{503, "Too many offers", offer.request_id};
    }
    return std::nullopt;
}

void FileTransfers::refuse_offer(const FileEnd& from, const otrdata::Offer& offer,
                                 std::string_view reason) {
    if (m_offerers[from.peer].told.allow(m_host.now())) {
        m_host.tell(from.peer, {NoticeKind::FileOfferRefused,
                                {safe_file_name(offer.name), std::string(reason)}});
    }
}

// --- Sessions and time -------------------------------------------------------------------------

void FileTransfers::session_changed(const model::PeerId& peer) {
    const auto is_theirs = [&peer](const auto& entry) { return entry.second->end().peer == peer; };
    const bool has_files =
        std::ranges::any_of(m_incoming, is_theirs) || std::ranges::any_of(m_outgoing, is_theirs);
    // Not now: the session is in the middle of something.
    if (has_files && m_changed.insert(peer).second) {
        m_host.post([this, peer, alive = m_alive] {
            if (*alive) {
                m_changed.erase(peer);
                go_on(peer);
            }
        });
    }
}

void FileTransfers::go_on(const model::PeerId& peer) {
    std::optional<FileEnd> end;
    const auto all_of = [&](auto files) { // a copy: something may be forgotten meanwhile
        for (const auto& [number, file] : files) {
            if (file->end().peer == peer) {
                file->go_on();
                end = file->end();
                if (m_hooks.is_open(file->end())) {
                    m_reopened.erase(peer);
                }
            }
        }
    };
    all_of(m_incoming);
    all_of(m_outgoing);
    if (end) {
        has_room(*end);
    }
}

bool FileTransfers::waits_for(const model::PeerId& peer) const {
    const auto waits = [&](const auto& entry) {
        const FileStatus status = entry.second->status();
        return status.peer == peer && status.state == FileState::Running && status.is_interrupted;
    };
    return std::ranges::any_of(m_incoming, waits) || std::ranges::any_of(m_outgoing, waits);
}

void FileTransfers::keep_watch() {
    if (!std::exchange(m_is_watching, true)) {
        m_watch = Timer(m_host, std::chrono::milliseconds(limits::file_retry), [this] {
            m_is_watching = false;
            look_after_all();
        });
    }
}

void FileTransfers::look_after_all() {
    std::set<model::PeerId> peers;
    for (const FileStatus& file : all()) {
        if (file.state != FileState::Done && file.state != FileState::Stopped) {
            peers.insert(file.peer);
        }
    }
    for (const model::PeerId& peer : peers) {
        go_on(peer);
        if (waits_for(peer) && m_host.is_connected(peer.account) &&
            m_reopened.insert(peer).second) {
            m_hooks.reopen(peer);
        }
    }
    if (!peers.empty()) {
        keep_watch();
    }
}

void FileTransfers::shut_down() {
    const auto end_all = [](auto files) {
        for (const auto& [number, file] : files) {
            file->cancel();
        }
    };
    end_all(m_incoming);
    end_all(m_outgoing);
    m_watch.stop();
    static_cast<void>(m_worker.drain()); // a disk that does not answer keeps nobody from ending
}

} // namespace otr_guard::core
