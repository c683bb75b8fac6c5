// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "core/outgoing_file.h"

#include <algorithm>
#include <utility>

#include "core/file_progress.h"
#include "core/markup.h"
#include "model/file_limits.h"

namespace otr_guard::core {

namespace limits = model::limits;
using model::NoticeKind;

OutgoingFile::OutgoingFile(FileDesk& desk, unsigned number, FileEnd end, const std::string& name)
    : m_desk(desk), m_number(number), m_end(std::move(end)), m_last_used(desk.host().now()) {
    m_offer.name = safe_file_name(name);
    m_offer.media_type = media_type_of(m_offer.name);
    m_offer.is_from_guard = true;
    m_offer.url = otrdata::make_url(desk.new_id(), m_offer.name);
}

bool OutgoingFile::is_over() const {
    return m_state == FileState::Done || m_state == FileState::Stopped;
}

// Programs that do not say that a file has arrived may ask for a part of it once more.
bool OutgoingFile::is_served() const {
    return m_source != nullptr && m_state != FileState::Preparing;
}

FileStatus OutgoingFile::status() const {
    const std::uint64_t served = m_served_count * limits::file_block_bytes;
    return {.number = m_number,
            .peer = m_end.peer,
            .is_incoming = false,
            .state = m_state,
            .is_interrupted = !is_over() && !m_desk.is_open(m_end),
            .name = m_offer.name,
            .size = m_offer.length,
            .done = std::min(served, m_offer.length),
            .media_type = m_offer.media_type,
            .risk = risk_of_file(m_offer.name),
            .path = {}};
}

void OutgoingFile::tell(NoticeKind kind, std::vector<std::string> more) {
    std::vector<std::string> arguments{std::to_string(m_number), m_offer.name};
    std::ranges::move(more, std::back_inserter(arguments));
    m_desk.host().tell(m_end.peer, {kind, std::move(arguments)});
    m_desk.changed(m_end);
}

// --- Offering ----------------------------------------------------------------------------------

void OutgoingFile::start(const std::filesystem::path& path, std::shared_ptr<const void> keep) {
    m_desk.in_worker(
        [path, keep = std::move(keep), weak = weak_from_this()]() -> std::function<void()> {
            auto source = SourceFile::open(path);
            auto hashes = source ? (*source)->hash() : tl::unexpected(source.error());
            return [weak, source = std::move(source), hashes = std::move(hashes)] {
                const auto self = weak.lock();
                if (self == nullptr || self->is_over()) {
                    return;
                }
                if (hashes) {
                    self->prepared(*source, *hashes);
                    return;
                }
                const util::Error& error = hashes.error();
                self->stop(error.code == util::ErrorCode::TooLarge  ? file_reason::too_large
                           : error.code == util::ErrorCode::Refused ? file_reason::no_file
                                                                    : file_reason::disk,
                           error.detail);
            };
        });
}

void OutgoingFile::prepared(std::shared_ptr<SourceFile> source, const FileHashes& hashes) {
    m_source = std::move(source);
    m_offer.length = m_source->size();
    m_offer.sha1 = hashes.sha1;
    m_offer.sha256 = hashes.sha256;
    m_served.assign(block_count(m_offer.length), false);
    m_state = FileState::Offered;
    offer();
    tell(NoticeKind::FileOfferSent, {std::to_string(m_offer.length)});
}

void OutgoingFile::offer() {
    m_offer.request_id = m_desk.new_id();
    m_is_away = !m_desk.send(m_end, otrdata::request_tlv_type, otrdata::write(m_offer));
    if (m_is_away || std::exchange(m_is_offered, true)) {
        return;
    }
    m_answer_timer = Timer(m_desk.host(), std::chrono::milliseconds(limits::file_answer_timeout),
                           [this] { answer_is_overdue(); });
}

void OutgoingFile::answer_is_overdue() {
    if (!is_over() && !m_is_answered && !std::exchange(m_is_told_silent, true)) {
        tell(NoticeKind::FileNoAnswer);
    }
}

bool OutgoingFile::take_answer(const otrdata::Answer& answer) {
    if (answer.request_id != m_offer.request_id || is_over()) {
        return false;
    }
    m_last_used = m_desk.host().now();
    m_is_answered = true;
    m_has_guard = m_has_guard || answer.is_from_guard;
    if (answer.status != 200) {
        constexpr std::size_t longest = 100;
        stop(file_reason::by_peer, markup::to_single_line(answer.reason, longest));
    } else if (!m_has_guard && m_offer.length > limits::chatsecure_file_bytes) {
        stop(file_reason::peer_limit);
    }
    return true;
}

void OutgoingFile::go_on() {
    if (is_over() || m_state == FileState::Preparing) {
        return;
    }
    const SteadyTime now = m_desk.host().now();
    if (now - m_last_used > limits::file_lifetime) {
        stop(file_reason::expired);
        return;
    }
    if (!m_desk.is_open(m_end)) {
        m_is_away = true;
        m_requests.clear(); // they come again
        return;
    }
    // A program that was restarted knows nothing of the file; ChatSecure would begin anew with it.
    const bool was_missed = m_is_away && (m_has_guard || m_state == FileState::Offered);
    // Nobody says that it has arrived: perhaps that was lost.
    const bool is_overdue = m_has_guard && m_state == FileState::Running &&
                            m_served_count == m_served.size() &&
                            now - m_last_used > limits::file_block_timeout;
    if (was_missed || is_overdue) {
        offer();
    }
    m_is_away = false;
    serve();
}

// --- Handing out -------------------------------------------------------------------------------

void OutgoingFile::refuse(const std::string& request_id, unsigned status, const char* reason) {
    m_desk.send(m_end, otrdata::response_tlv_type,
                otrdata::write(otrdata::Refusal{status, reason, request_id}));
}

void OutgoingFile::take_get(const otrdata::Get& get) {
    if (!is_served()) {
        refuse(get.request_id, 400, "No such offer made");
        return;
    }
    if (get.end >= m_offer.length || get.end - get.start >= limits::file_range_bytes) {
        refuse(get.request_id, 400, "Invalid Range");
        return;
    }
    if (m_requests.size() >= limits::file_requests_waiting) {
        refuse(get.request_id, 400, "Too many requests");
        return;
    }
    m_last_used = m_desk.host().now();
    m_is_answered = true;
    m_has_guard = m_has_guard || get.is_from_guard;
    if (m_state == FileState::Offered) {
        m_state = FileState::Running;
        tell(NoticeKind::FileStarted, {"out"});
    }
    m_requests.push_back(get);
    serve();
}

void OutgoingFile::serve() {
    if (m_is_reading || m_requests.empty() || !is_served()) {
        return;
    }
    m_is_reading = true;
    const otrdata::Get get = m_requests.front();
    m_requests.pop_front();
    const auto length = static_cast<std::size_t>(get.end - get.start + 1);
    m_desk.in_worker(
        [get, length, source = m_source, weak = weak_from_this()]() -> std::function<void()> {
            return [weak, get, bytes = source->read(get.start, length)] {
                if (const auto self = weak.lock()) {
                    self->send_block(get, bytes);
                }
            };
        });
}

void OutgoingFile::send_block(const otrdata::Get& get, const util::Expected<std::string>& bytes) {
    if (!is_served()) {
        m_is_reading = false;
        return;
    }
    if (!bytes) {
        refuse(get.request_id, 400, "The file has changed");
        stop(file_reason::changed);
        return;
    }
    const otrdata::Answer answer{200, "OK", get.request_id, *bytes, true};
    if (m_desk.send(m_end, otrdata::response_tlv_type, otrdata::write(answer))) {
        note_served(get);
    } else {
        m_is_away = true;
    }
    // Whatever else the client has to send comes between.
    m_pause = Timer(m_desk.host(), limits::file_block_interval, [this] {
        m_is_reading = false;
        serve();
    });
}

void OutgoingFile::note_served(const otrdata::Get& get) {
    const auto block = static_cast<std::size_t>(get.end / limits::file_block_bytes);
    const bool is_last = get.end + 1 == m_offer.length;
    const bool is_whole = is_last || (get.end + 1) % limits::file_block_bytes == 0;
    if (!is_whole || m_served[block]) {
        return;
    }
    m_served[block] = true;
    ++m_served_count;
    if (m_served_count == m_served.size()) {
        if (!m_has_guard) { // nobody will say that it has arrived
            finish(false);
        }
    } else if (const unsigned quarters = quarter_to_tell(m_served_count, m_served.size());
               quarters > m_told_quarters) {
        m_told_quarters = quarters;
        tell(NoticeKind::FileProgress, {std::to_string(quarters * 25), "out"});
    }
}

void OutgoingFile::take_note(otrdata::Word word) {
    if (is_over()) {
        return;
    }
    m_has_guard = true;
    if (word == otrdata::Word::Cancel) {
        stop(m_state == FileState::Offered ? file_reason::declined : file_reason::by_peer);
    } else if (m_served_count == m_served.size()) {
        finish(true);
    }
}

void OutgoingFile::finish(bool is_checked) {
    m_state = FileState::Done;
    m_answer_timer.stop();
    if (is_checked) {
        m_source.reset();
    }
    tell(NoticeKind::FileSent, {is_checked ? "checked" : "sent"});
}

void OutgoingFile::cancel() {
    if (is_over()) {
        return;
    }
    if (m_has_guard) { // others know no such word, and will be refused what they ask for
        m_desk.send(
            m_end, otrdata::request_tlv_type,
            otrdata::write(otrdata::Note{otrdata::Word::Cancel, m_offer.url, m_desk.new_id()}));
    }
    stop(file_reason::cancelled);
}

void OutgoingFile::stop(std::string_view reason, const std::string& detail) {
    m_state = FileState::Stopped;
    m_answer_timer.stop();
    m_requests.clear();
    m_source.reset();
    tell(NoticeKind::FileStopped, {std::string(reason), detail});
}

} // namespace otr_guard::core
