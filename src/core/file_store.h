// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// The files of a transfer on the disk, in pieces: never whole in memory. Every call may wait for a
// disk and belongs into a worker. What is received is written into a temporary file that only the
// user can read, in the folder that they chose, and gets its name last, which must never be one
// that is taken.

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "util/descriptor.h"
#include "util/expected.h"

namespace otr_guard::core {

struct FileHashes {
    std::string sha1;   ///< 40 lower-case hex digits
    std::string sha256; ///< 64
};

/// A file that is sent. It must stay as it was: one that changes meanwhile is not sent on.
class SourceFile {
    struct Key {}; ///< for open() alone

public:
    SourceFile(Key, util::Descriptor file) : m_file(std::move(file)) {}
    /// TooLarge beyond limits::file_bytes; Io for folders, devices and whatever else is no file.
    [[nodiscard]] static util::Expected<std::shared_ptr<SourceFile>>
    open(const std::filesystem::path& path);

    [[nodiscard]] std::uint64_t size() const { return m_size; }
    [[nodiscard]] util::Expected<FileHashes> hash() const;
    /// Refused when the file is another one than it was.
    [[nodiscard]] util::Expected<std::string> read(std::uint64_t start, std::size_t length) const;

private:
    [[nodiscard]] bool is_unchanged() const;

    util::Descriptor m_file;
    std::uint64_t m_size = 0;
    std::int64_t m_changed_seconds = 0;
    std::int64_t m_changed_nanoseconds = 0;
};

/// A file that is received. Has no name before it is finished, where the filesystem can do that, so
/// that nothing stays when the process is killed; otherwise a temporary one, which is removed.
class PartFile {
    struct Key {}; ///< for create() alone

public:
    PartFile(Key, util::Descriptor file, std::filesystem::path folder, std::filesystem::path path)
        : m_file(std::move(file)), m_folder(std::move(folder)), m_path(std::move(path)) {}
    [[nodiscard]] static util::Expected<std::shared_ptr<PartFile>>
    create(const std::filesystem::path& folder);
    ~PartFile();
    PartFile(const PartFile&) = delete;
    PartFile& operator=(const PartFile&) = delete;

    [[nodiscard]] util::Expected<void> write(std::uint64_t start, std::string_view bytes);
    /// Of what was written, read back.
    [[nodiscard]] util::Expected<FileHashes> hash() const;
    /// Gives it `name`, or the next free one like it; returns its path. Io when the disk does not
    /// take it, Refused when all such names are taken.
    [[nodiscard]] util::Expected<std::filesystem::path> finish(const std::string& name);

private:
    /// EEXIST when something has that name; never replaces it.
    [[nodiscard]] bool give_name(const std::filesystem::path& name) const;
    [[nodiscard]] util::Expected<std::filesystem::path> take_free_name(const std::string& name);
    /// Into a temporary file that has a name.
    [[nodiscard]] bool move_to_named();

    util::Descriptor m_file;
    std::filesystem::path m_folder;
    std::filesystem::path m_path; ///< the temporary name, if it has one
};

} // namespace otr_guard::core
