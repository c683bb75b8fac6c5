// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "core/incoming_file.h"

#include <algorithm>
#include <utility>

#include "core/file_progress.h"
#include "core/markup.h"
#include "model/file_limits.h"

namespace otr_guard::core {

namespace limits = model::limits;
using model::NoticeKind;

IncomingFile::IncomingFile(FileDesk& desk, unsigned number, FileEnd end, otrdata::Offer offer)
    : m_desk(desk), m_number(number), m_end(std::move(end)), m_offer(std::move(offer)),
      m_name(safe_file_name(m_offer.name)), m_last_used(desk.host().now()) {
    m_offer.media_type = safe_media_type(m_offer.media_type);
}

bool IncomingFile::is_over() const {
    return m_state == FileState::Done || m_state == FileState::Stopped;
}

FileStatus IncomingFile::status() const {
    const std::uint64_t written = m_written_count * limits::file_block_bytes;
    return {.number = m_number,
            .peer = m_end.peer,
            .is_incoming = true,
            .state = m_state,
            .is_interrupted = !is_over() && !m_desk.is_open(m_end),
            .name = m_name,
            .size = m_offer.length,
            .done = std::min(written, m_offer.length),
            .media_type = m_offer.media_type,
            .risk = risk_of_file(m_name),
            .path = m_path};
}

void IncomingFile::tell(NoticeKind kind, std::vector<std::string> more) {
    std::vector<std::string> arguments{std::to_string(m_number), m_name};
    std::ranges::move(more, std::back_inserter(arguments));
    m_desk.host().tell(m_end.peer, {kind, std::move(arguments)});
    m_desk.changed(m_end);
}

// --- Consent -----------------------------------------------------------------------------------

otrdata::Answer IncomingFile::offered_again(const std::string& request_id) {
    m_last_used = m_desk.host().now();
    if (m_state == FileState::Stopped) {
        return {403, m_is_declined ? "Declined" : "Stopped", request_id, {}, true};
    }
    if (m_state == FileState::Done) {
        say(otrdata::Word::Done); // it was lost
    } else if (m_state == FileState::Running) {
        // The sender has been away: what was asked for meanwhile is lost.
        forget_asked();
        m_desk.has_room(m_end);
    }
    return {200, "OK", request_id, {}, true};
}

void IncomingFile::accept(const std::filesystem::path& folder) {
    if (m_state != FileState::Asked) {
        return;
    }
    m_state = FileState::Running;
    m_last_used = m_desk.host().now();
    m_blocks.assign(block_count(m_offer.length), Block::Missing);
    tell(NoticeKind::FileStarted, {"in"});
    m_desk.in_worker([folder, weak = weak_from_this()]() -> std::function<void()> {
        return [weak, file = PartFile::create(folder)] {
            const auto self = weak.lock();
            if (self == nullptr || self->is_over()) {
                return;
            }
            if (file) {
                self->created(*file);
            } else {
                self->say(otrdata::Word::Cancel);
                self->stop(file_reason::disk, file.error().detail);
            }
        };
    });
}

void IncomingFile::created(std::shared_ptr<PartFile> file) {
    m_file = std::move(file);
    if (m_blocks.empty()) {
        check();
    } else {
        m_desk.has_room(m_end);
    }
}

void IncomingFile::say(otrdata::Word word) {
    if (m_offer.is_from_guard) { // others know no such words
        m_desk.send(m_end, otrdata::request_tlv_type,
                    otrdata::write(otrdata::Note{word, m_offer.url, m_desk.new_id()}));
    }
}

void IncomingFile::cancel() {
    if (is_over()) {
        return;
    }
    m_is_declined = true;
    say(otrdata::Word::Cancel);
    stop(m_state == FileState::Asked ? file_reason::declined : file_reason::cancelled);
}

void IncomingFile::take_note(otrdata::Word word) {
    if (word == otrdata::Word::Cancel && !is_over() && m_state != FileState::Checking) {
        stop(file_reason::by_peer);
    }
}

// --- Asking ------------------------------------------------------------------------------------

std::size_t IncomingFile::size_of(std::size_t block) const {
    const std::uint64_t start = block * std::uint64_t{limits::file_block_bytes};
    return static_cast<std::size_t>(
        std::min<std::uint64_t>(limits::file_block_bytes, m_offer.length - start));
}

void IncomingFile::ask(std::size_t most) {
    if (m_state != FileState::Running || m_file == nullptr || !m_desk.is_open(m_end)) {
        return;
    }
    std::size_t block = m_next;
    for (; most > 0 && awaited() < m_window; --most) {
        while (block < m_blocks.size() && m_blocks[block] != Block::Missing) {
            ++block;
        }
        if (block == m_blocks.size() || !ask_for(block)) {
            break;
        }
    }
    m_next = block;
    if (!m_asked.empty() && !m_is_watching) {
        watch();
    }
}

bool IncomingFile::ask_for(std::size_t block) {
    const std::uint64_t start = block * std::uint64_t{limits::file_block_bytes};
    const otrdata::Get get{m_offer.url, m_desk.new_id(), start, start + size_of(block) - 1, true};
    if (!m_desk.send(m_end, otrdata::request_tlv_type, otrdata::write(get))) {
        return false;
    }
    m_blocks[block] = Block::Asked;
    m_asked[get.request_id] = {block, m_desk.host().now()};
    return true;
}

void IncomingFile::put_back(std::size_t block) {
    m_blocks[block] = Block::Missing;
    m_next = std::min(m_next, block);
}

void IncomingFile::watch() {
    m_is_watching = true;
    m_block_timer =
        Timer(m_desk.host(), std::chrono::milliseconds(limits::file_block_timeout), [this] {
            m_is_watching = false;
            ask_again();
        });
}

void IncomingFile::ask_again() {
    const SteadyTime now = m_desk.host().now();
    std::erase_if(m_asked, [&](const auto& asked) {
        const bool is_overdue = now - asked.second.when >= limits::file_block_timeout / 2;
        if (is_overdue) {
            put_back(asked.second.block);
            m_window = 1;
        }
        return is_overdue;
    });
    m_desk.has_room(m_end);
    if (!m_asked.empty() && !m_is_watching) {
        watch();
    }
}

void IncomingFile::go_on() {
    if (is_over() || m_state == FileState::Checking) {
        return;
    }
    if (m_desk.host().now() - m_last_used > limits::file_lifetime) {
        say(otrdata::Word::Cancel);
        stop(file_reason::expired);
        return;
    }
    if (!m_desk.is_open(m_end)) {
        forget_asked();
    }
}

// What was on its way is lost, or comes and is not known any more.
void IncomingFile::forget_asked() {
    for (const auto& [id, asked] : m_asked) {
        put_back(asked.block);
    }
    m_asked.clear();
    m_window = 1;
}

// --- Receiving ---------------------------------------------------------------------------------

void IncomingFile::learn_speed(SteadyTime asked) {
    const auto took = m_desk.host().now() - asked;
    if (took < limits::file_quick_block) {
        m_window = std::min(m_window + 1, limits::file_blocks_asked);
    } else if (took > limits::file_slow_block && m_window > 1) {
        --m_window;
    }
}

bool IncomingFile::take_answer(const otrdata::Answer& answer) {
    const auto found = m_asked.find(answer.request_id);
    if (found == m_asked.end()) {
        return false;
    }
    const Request request = found->second;
    m_asked.erase(found);
    if (m_state != FileState::Running) {
        return true;
    }
    m_last_used = m_desk.host().now();
    if (answer.status == 200 && answer.body.size() == size_of(request.block)) {
        learn_speed(request.when);
        take_block(request.block, answer.body);
        return true;
    }
    put_back(request.block);
    if (answer.status != 200) {
        constexpr std::size_t longest = 100;
        stop(file_reason::by_peer, markup::to_single_line(answer.reason, longest));
    } else if (answer.body.size() > size_of(request.block) ||
               ++m_short_blocks > limits::file_block_retries) {
        say(otrdata::Word::Cancel);
        stop(file_reason::range);
    } else {
        m_desk.has_room(m_end);
    }
    return true;
}

void IncomingFile::take_block(std::size_t block, std::string_view bytes) {
    ++m_writing;
    const std::uint64_t start = block * std::uint64_t{limits::file_block_bytes};
    m_desk.in_worker([start, block, file = m_file, bytes = std::string(bytes),
                      weak = weak_from_this()]() -> std::function<void()> {
        return [weak, block, result = file->write(start, bytes)] {
            if (const auto self = weak.lock()) {
                self->written(block, result);
            }
        };
    });
}

void IncomingFile::written(std::size_t block, const util::Expected<void>& result) {
    --m_writing;
    if (m_state != FileState::Running) {
        return;
    }
    if (!result) {
        say(otrdata::Word::Cancel);
        stop(file_reason::disk, result.error().detail);
        return;
    }
    m_blocks[block] = Block::Written;
    if (++m_written_count == m_blocks.size()) {
        check();
        return;
    }
    if (const unsigned quarters = quarter_to_tell(m_written_count, m_blocks.size());
        quarters > m_told_quarters) {
        m_told_quarters = quarters;
        tell(NoticeKind::FileProgress, {std::to_string(quarters * 25), "in"});
    }
    m_desk.has_room(m_end);
}

// --- The end -----------------------------------------------------------------------------------

void IncomingFile::check() {
    m_state = FileState::Checking;
    m_block_timer.stop();
    m_desk.in_worker([file = m_file, weak = weak_from_this()]() -> std::function<void()> {
        return [weak, hashes = file->hash()] {
            if (const auto self = weak.lock()) {
                self->checked(hashes);
            }
        };
    });
}

void IncomingFile::checked(const util::Expected<FileHashes>& hashes) {
    if (is_over()) {
        return;
    }
    if (!hashes) {
        say(otrdata::Word::Cancel);
        stop(file_reason::disk, hashes.error().detail);
    } else if (hashes->sha1 != m_offer.sha1 ||
               (m_offer.sha256 && hashes->sha256 != *m_offer.sha256)) {
        say(otrdata::Word::Cancel);
        stop(file_reason::hash);
    } else {
        finish();
    }
}

void IncomingFile::finish() {
    m_desk.in_worker(
        [file = m_file, name = m_name, weak = weak_from_this()]() -> std::function<void()> {
            return [weak, path = file->finish(name)] {
                if (const auto self = weak.lock()) {
                    self->finished(path);
                }
            };
        });
}

void IncomingFile::finished(const util::Expected<std::filesystem::path>& path) {
    if (!path) {
        if (!is_over()) {
            say(otrdata::Word::Cancel);
            stop(file_reason::disk, path.error().detail);
        }
        return;
    }
    // Cancelled too late: it lies there, and the user must know.
    m_path = *path;
    m_state = FileState::Done;
    m_file.reset();
    say(otrdata::Word::Done);
    tell(NoticeKind::FileReceived, {m_path.string()});
    m_desk.has_room(m_end);
}

void IncomingFile::drop_file() {
    if (m_file != nullptr) {
        m_desk.in_worker([file = std::exchange(m_file, nullptr)]() mutable {
            file.reset();
            return std::function<void()>();
        });
    }
}

void IncomingFile::stop(std::string_view reason, const std::string& detail) {
    m_state = FileState::Stopped;
    m_asked.clear();
    m_block_timer.stop();
    drop_file();
    tell(NoticeKind::FileStopped, {std::string(reason), detail});
    m_desk.has_room(m_end);
}

} // namespace otr_guard::core
