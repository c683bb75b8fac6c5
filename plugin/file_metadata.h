// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// What a file tells beside its content (where a picture was taken, who wrote a document), found
// out and taken out by mat2, for whoever is about to send one. mat2 reads the file, so it is
// another program's business, see confinement.h; nothing here opens it, and nothing waits.

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "confinement.h"
#include "core/host.h"
#include "core/metadata_report.h"
#include "owned_program.h"
#include "util/expected.h"

namespace otr_guard::plugin {

/// The answer to "is there something in it that its sender may not want to pass on?".
struct MetadataAnswer {
    enum class Outcome {
        None,    ///< nothing was found
        Found,   ///< see report
        Unknown, ///< of a kind that mat2 does not know, or damaged, or mat2 took too long
        NoTool,  ///< mat2 is not installed, and files of this kind often hold metadata
    };
    Outcome outcome = Outcome::Unknown;
    core::MetadataReport report{};
    /// Files with this name usually hold metadata.
    bool is_likely = false;
    /// Whether "send without" can be offered: metadata was found and this is one file.
    bool can_be_cleaned = false;

    /// A sentence for the user, plain text; empty when there is nothing worth saying.
    [[nodiscard]] std::string sentence() const;
};

/// A copy of a file without metadata, under the same name in a folder of its own (mode 0700).
/// Removed together with the folder when nobody holds it any more.
class CleanCopy {
public:
    CleanCopy(std::string folder, std::string path)
        : m_folder(std::move(folder)), m_path(std::move(path)) {}
    ~CleanCopy();
    CleanCopy(const CleanCopy&) = delete;
    CleanCopy& operator=(const CleanCopy&) = delete;

    [[nodiscard]] const std::string& path() const { return m_path; }

private:
    std::string m_folder;
    std::string m_path;
};

class FileMetadata {
public:
    using Checked = std::function<void(const MetadataAnswer&)>;
    /// Why not is a sentence for the user.
    using Cleaned =
        std::function<void(tl::expected<std::shared_ptr<const CleanCopy>, std::string>)>;

    /// Copies are made in `folder`; those that a killed process left there are removed.
    FileMetadata(core::Host& host, std::string folder);
    /// Ends what is under way; nothing is called back any more.
    ~FileMetadata();
    FileMetadata(const FileMetadata&) = delete;
    FileMetadata& operator=(const FileMetadata&) = delete;

    /// Asks about a file, or all files in a folder. `path` is a whole one. Answers once, later,
    /// from the main loop.
    void check(const std::string& path, const Checked& done);
    /// Copies the file and takes the metadata out of the copy; answers as above.
    void make_clean_copy(const std::string& path, Cleaned done);

private:
    struct Task;
    struct Copying;
    using Number = unsigned;

    /// `done`: what the program wrote, and its exit code; unknown_exit_code when it did not start
    /// or was too slow.
    void run(std::vector<std::string> command, std::chrono::milliseconds longest,
             std::function<void(const std::string& output, int exit_code)> done);
    void clean(const std::shared_ptr<Copying>& copying);
    /// mat2 with what a stranger may have made: confined, where that works.
    void run_tool(const std::vector<std::string>& command, const Opening& opening,
                  std::chrono::milliseconds longest,
                  std::function<void(const std::string& output, int exit_code)> done);

    core::Host& m_host;
    std::string m_folder;
    std::map<Number, std::unique_ptr<Task>> m_tasks;
    Number m_next = 1;
    std::optional<bool> m_can_confine; ///< nothing until it was tried
};

} // namespace otr_guard::plugin
