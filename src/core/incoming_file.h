// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// A file that somebody offers: nothing is asked for or written before the user agrees, and then it
// is fetched piece by piece into a temporary file. Believes nothing: each piece must have the
// length that was asked for, and the whole the hashes that were promised, or nothing stays. Never
// opens what it receives.

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/file_desk.h"
#include "core/file_store.h"
#include "core/otrdata_frame.h"

namespace otr_guard::core {

class IncomingFile : public std::enable_shared_from_this<IncomingFile> {
public:
    IncomingFile(FileDesk& desk, unsigned number, FileEnd end, otrdata::Offer offer);

    /// The user agrees, and has chosen where it goes.
    void accept(const std::filesystem::path& folder);
    /// The user does not want it, or no more of it.
    void cancel();

    /// The same offer once more. What is answered to it.
    [[nodiscard]] otrdata::Answer offered_again(const std::string& request_id);
    /// False when it is the answer to something else.
    bool take_answer(const otrdata::Answer& answer);
    void take_note(otrdata::Word word);

    /// The conversation may be open again, or time has passed.
    void go_on();
    /// Asks for at most so many pieces more.
    void ask(std::size_t most);
    /// Pieces asked for, or come and not written yet.
    [[nodiscard]] std::size_t awaited() const { return m_asked.size() + m_writing; }

    [[nodiscard]] const FileEnd& end() const { return m_end; }
    [[nodiscard]] const otrdata::Offer& offer() const { return m_offer; }
    [[nodiscard]] bool is_over() const;
    [[nodiscard]] FileStatus status() const;

private:
    enum class Block : std::uint8_t { Missing, Asked, Written };
    struct Request {
        std::size_t block = 0;
        SteadyTime when{};
    };

    void created(std::shared_ptr<PartFile> file);
    [[nodiscard]] std::size_t size_of(std::size_t block) const;
    bool ask_for(std::size_t block);
    void put_back(std::size_t block);
    void forget_asked();
    void take_block(std::size_t block, std::string_view bytes);
    void written(std::size_t block, const util::Expected<void>& result);
    void learn_speed(SteadyTime asked);
    void watch();
    void ask_again();
    void check();
    void checked(const util::Expected<FileHashes>& hashes);
    void finish();
    void finished(const util::Expected<std::filesystem::path>& path);
    void say(otrdata::Word word);
    void stop(std::string_view reason, const std::string& detail = {});
    /// The temporary file goes, in a worker.
    void drop_file();
    void tell(model::NoticeKind kind, std::vector<std::string> more = {});

    FileDesk& m_desk;
    unsigned m_number;
    FileEnd m_end;
    otrdata::Offer m_offer;
    std::string m_name;
    FileState m_state = FileState::Asked;
    bool m_is_declined = false;
    std::shared_ptr<PartFile> m_file;
    std::filesystem::path m_path;
    std::vector<Block> m_blocks;
    std::size_t m_next = 0; ///< no block before it is missing
    std::size_t m_written_count = 0;
    std::map<std::string, Request> m_asked; ///< by request id
    std::size_t m_writing = 0;
    std::size_t m_window = 2; ///< pieces to ask for at the same time
    unsigned m_short_blocks = 0;
    unsigned m_told_quarters = 0;
    Timer m_block_timer;
    bool m_is_watching = false;
    SteadyTime m_last_used;
};

} // namespace otr_guard::core
