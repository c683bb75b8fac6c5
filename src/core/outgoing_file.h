// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// A file that the user sends: hashed, offered, then handed out piece by piece as the receiver asks.
// Must never hand out anything but this file's bytes as they were when it was offered, nor anything
// at all once it was cancelled.

#include <deque>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "core/file_desk.h"
#include "core/file_store.h"
#include "core/otrdata_frame.h"

namespace otr_guard::core {

class OutgoingFile : public std::enable_shared_from_this<OutgoingFile> {
public:
    OutgoingFile(FileDesk& desk, unsigned number, FileEnd end, const std::string& name);

    /// Reads it in a worker, then offers it.
    /// `keep` is let go once the file is open.
    void start(const std::filesystem::path& path, std::shared_ptr<const void> keep);
    /// The user wants no more of it.
    void cancel();

    /// False when it is the answer to something else.
    bool take_answer(const otrdata::Answer& answer);
    void take_get(const otrdata::Get& get);
    void take_note(otrdata::Word word);

    /// The conversation may be open again, or time has passed.
    void go_on();

    [[nodiscard]] const FileEnd& end() const { return m_end; }
    [[nodiscard]] const otrdata::Url& url() const { return m_offer.url; }
    [[nodiscard]] bool is_over() const;
    [[nodiscard]] FileStatus status() const;

private:
    [[nodiscard]] bool is_served() const;
    void prepared(std::shared_ptr<SourceFile> source, const FileHashes& hashes);
    void offer();
    void answer_is_overdue();
    void serve();
    void send_block(const otrdata::Get& get, const util::Expected<std::string>& bytes);
    void refuse(const std::string& request_id, unsigned status, const char* reason);
    void note_served(const otrdata::Get& get);
    void finish(bool is_checked);
    void stop(std::string_view reason, const std::string& detail = {});
    void tell(model::NoticeKind kind, std::vector<std::string> more = {});

    FileDesk& m_desk;
    unsigned m_number;
    FileEnd m_end;
    FileState m_state = FileState::Preparing;
    otrdata::Offer m_offer;
    std::shared_ptr<SourceFile> m_source;
    bool m_is_offered = false;
    bool m_is_away = false; ///< the conversation was interrupted since the last offer
    bool m_is_answered = false;
    bool m_is_told_silent = false;
    bool m_has_guard = false; ///< the receiver's program is OTR Guard as well
    Timer m_answer_timer;
    std::deque<otrdata::Get> m_requests;
    bool m_is_reading = false;
    Timer m_pause;
    std::vector<bool> m_served; ///< blocks whose last byte has gone out
    std::size_t m_served_count = 0;
    unsigned m_told_quarters = 0;
    SteadyTime m_last_used;
};

} // namespace otr_guard::core
