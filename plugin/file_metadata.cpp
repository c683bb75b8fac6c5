// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "file_metadata.h"

#include <charconv>
#include <csignal>
#include <filesystem>
#include <system_error>
#include <unistd.h>
#include <utility>
#include <vector>

#include "i18n.h"
#include "model/sharing_limits.h"
#include "util/log.h"

namespace otr_guard::plugin {

namespace {

namespace fs = std::filesystem;
namespace limits = model::limits;
using Outcome = MetadataAnswer::Outcome;
using Report = core::MetadataReport;

std::string joined(const std::vector<std::string>& parts) {
    std::string result;
    for (const std::string& part : parts) {
        result += result.empty() ? part : ", " + part;
    }
    return result;
}

std::string what_it_tells(const Report& report) {
    std::vector<std::string> parts;
    if (report.tells_place) {
        parts.push_back(tr("the place where it was made"));
    }
    if (report.tells_person) {
        parts.push_back(tr("who made it"));
    }
    if (report.tells_device) {
        parts.push_back(tr("the device or program"));
    }
    if (report.tells_time) {
        parts.push_back(tr("the time"));
    }
    return joined(parts);
}

std::string found_text(const Report& report) {
    const std::string names =
        isolated(joined(report.names)) + (report.count > report.names.size() ? ", ..." : "");
    const std::string told = what_it_tells(report);
    return told.empty() ? format(tr("It holds more than it shows: {names}."), {{"names", names}})
                        : format(tr("It holds more than it shows: {told} ({names})."),
                                 {{"told", told}, {"names", names}});
}

/// What is in a folder is not known.
bool is_likely(const std::string& path) {
    std::error_code error;
    return core::may_carry_metadata(path) || fs::is_directory(path, error);
}

/// Without links on the way to it; its own name stays, because mat2 goes by that.
std::string whole_path(const std::string& path) {
    std::error_code error;
    const fs::path given =
        fs::path(path).has_filename() ? fs::path(path) : fs::path(path).parent_path();
    const fs::path folder = fs::canonical(given.parent_path(), error);
    return error ? path : (folder / given.filename()).string();
}

MetadataAnswer answer_from(const std::string& path, const std::string& output, int exit_code) {
    MetadataAnswer answer;
    answer.is_likely = is_likely(path);
    answer.report = core::parse_metadata_report(output);
    std::error_code error;
    switch (answer.report.outcome) {
    case Report::Outcome::Found:
        answer.outcome = Outcome::Found;
        answer.can_be_cleaned = fs::is_regular_file(path, error);
        break;
    case Report::Outcome::None:
        // Cut short, it may not have got to what there is.
        answer.outcome = exit_code == 0 ? Outcome::None : Outcome::Unknown;
        break;
    case Report::Outcome::Unsupported:
    case Report::Outcome::Unreadable:
        break;
    }
    return answer;
}

/// "1234-abcdef": made by process 1234, which is no more.
bool is_leftover(const std::string& name) {
    pid_t process = 0;
    const auto [rest, error] = std::from_chars(name.data(), name.data() + name.size(), process);
    return error == std::errc{} && rest != name.data() + name.size() && *rest == '-' &&
           process > 0 && ::kill(process, 0) != 0 && errno == ESRCH;
}

/// Also from a worker, which must not log; what stays is tried again at the next start.
void remove_folder(const fs::path& folder) noexcept {
    std::error_code error;
    fs::remove_all(folder, error);
}

/// Empty when it cannot be made.
std::string make_folder(const std::string& parent) {
    std::error_code error;
    fs::create_directory(parent, error);
    fs::permissions(parent, fs::perms::owner_all, error);
    std::string name = parent + "/" + std::to_string(::getpid()) + "-XXXXXX";
    return ::mkdtemp(name.data()) != nullptr ? name : std::string();
}

} // namespace

// --- Answers -----------------------------------------------------------------------------------

std::string MetadataAnswer::sentence() const {
    switch (outcome) {
    case Outcome::Found:
        return found_text(report);
    case Outcome::Unknown:
        return is_likely
                   ? tr("Its metadata could not be read; it may hold more than it shows, such "
                        "as where a picture was taken or who wrote a document.")
                   : std::string();
    case Outcome::NoTool:
        return tr("Files of this kind often hold more than they show, such as where a picture was "
                  "taken or who wrote a document. To be told before you send one, install the "
                  "package mat2.");
    case Outcome::None:
        break;
    }
    return {};
}

CleanCopy::~CleanCopy() {
    remove_folder(m_folder);
}

// --- Programs ----------------------------------------------------------------------------------

struct FileMetadata::Task {
    std::unique_ptr<OwnedProgram> program{};
    std::string output{};
    core::Timer timer{};
    std::function<void(const std::string&, int)> done{};
};

/// From the copy to the file without metadata.
struct FileMetadata::Copying {
    std::shared_ptr<const CleanCopy> copy;
    std::string tool;
    Cleaned done;
};

FileMetadata::FileMetadata(core::Host& host, std::string folder)
    : m_host(host), m_folder(std::move(folder)) {
    std::error_code error;
    for (fs::directory_iterator entry(m_folder, error); !error && entry != fs::directory_iterator();
         entry.increment(error)) {
        if (is_leftover(entry->path().filename())) {
            remove_folder(entry->path());
        }
    }
}

FileMetadata::~FileMetadata() = default;

void FileMetadata::run(std::vector<std::string> command, std::chrono::milliseconds longest,
                       std::function<void(const std::string&, int)> done) {
    const Number number = m_next++;
    Task& task = *m_tasks.emplace(number, std::make_unique<Task>()).first->second;
    task.done = std::move(done);
    const auto ended = [this, number](int exit_code) {
        const auto over = m_tasks.extract(number);
        over.mapped()->done(over.mapped()->output, exit_code);
    };
    auto started = OwnedProgram::start(
        std::move(command), {.said =
                                 [&task](std::string_view bytes) {
                                     if (task.output.size() < limits::metadata_report_bytes) {
                                         task.output += bytes;
                                     }
                                 },
                             .ended = ended});
    if (!started) {
        util::log_warning("file_metadata", started.error().detail);
        task.timer = core::Timer(m_host, std::chrono::milliseconds(0),
                                 [ended] { ended(OwnedProgram::unknown_exit_code); });
        return;
    }
    task.program = std::move(*started);
    task.timer = core::Timer(m_host, longest, [&task] { task.program->stop(); });
}

void FileMetadata::run_tool(const std::vector<std::string>& command, const Opening& opening,
                            std::chrono::milliseconds longest,
                            std::function<void(const std::string&, int)> done) {
    const auto inside = m_can_confine.value_or(true) ? confined(command, opening) : std::nullopt;
    if (!inside || m_can_confine) {
        run(inside.value_or(command), longest, std::move(done));
        return;
    }
    // Not every system allows it.
    run(*confined({command.front(), "--version"}, {}), limits::confinement_trial_timeout,
        [this, command, opening, longest, done = std::move(done)](const std::string& output,
                                                                  int exit_code) {
            m_can_confine = exit_code == 0;
            if (exit_code != 0) {
                util::log_warning("file_metadata", "no confinement: " + output);
            }
            run_tool(command, opening, longest, done);
        });
}

void FileMetadata::check(const std::string& path, const Checked& done) {
    const auto tool = find_program("mat2");
    if (tool) {
        const std::string whole = whole_path(path);
        run_tool({*tool, "--show", whole}, {.path = whole}, limits::metadata_check_timeout,
                 [path, done](const std::string& output, int exit_code) {
                     done(answer_from(path, output, exit_code));
                 });
        return;
    }
    // Later, as with the program: whoever asks has not come back yet.
    const Number number = m_next++;
    Task& task = *m_tasks.emplace(number, std::make_unique<Task>()).first->second;
    task.timer = core::Timer(m_host, std::chrono::milliseconds(0), [this, number, path, done] {
        m_tasks.erase(number);
        MetadataAnswer answer;
        answer.is_likely = is_likely(path);
        answer.outcome = answer.is_likely ? Outcome::NoTool : Outcome::Unknown;
        done(answer);
    });
}

void FileMetadata::make_clean_copy(const std::string& path, Cleaned done) {
    const auto tool = find_program("mat2");
    const auto copier = find_program("cp");
    const std::string folder = tool && copier ? make_folder(m_folder) : std::string();
    if (folder.empty()) {
        const std::string reason =
            tool ? tr("The copy could not be made: there is no place for it on this computer.")
                 : tr("Taking metadata out of files needs the package mat2, which is not "
                      "installed.");
        const Number number = m_next++;
        Task& task = *m_tasks.emplace(number, std::make_unique<Task>()).first->second;
        task.timer =
            core::Timer(m_host, std::chrono::milliseconds(0), [this, number, reason, done] {
                m_tasks.erase(number);
                done(tl::unexpected(reason));
            });
        return;
    }
    const std::string target = folder + "/" + fs::path(path).filename().string();
    auto copying = std::make_shared<Copying>();
    copying->copy = std::make_shared<const CleanCopy>(folder, target);
    copying->tool = *tool;
    copying->done = std::move(done);
    run({*copier, "--no-preserve=mode", "--", path, target}, limits::metadata_removal_timeout,
        [this, copying](const std::string& output, int exit_code) {
            if (exit_code != 0) {
                util::log_warning("file_metadata", output);
                copying->done(tl::unexpected(
                    tr("The file could not be copied. Is it readable, and is there enough room?")));
                return;
            }
            clean(copying);
        });
}

void FileMetadata::clean(const std::shared_ptr<Copying>& copying) {
    const std::string path = whole_path(copying->copy->path());
    const auto checked = [copying](const MetadataAnswer& left) {
        if (left.outcome != Outcome::None) {
            copying->done(
                tl::unexpected(tr("mat2 could not take all of the metadata out of this file.")));
        } else {
            copying->done(copying->copy);
        }
    };
    const auto cleaned = [this, copying, path, checked](const std::string&, int exit_code) {
        if (exit_code != 0) {
            copying->done(tl::unexpected(tr("mat2 could not take the metadata out of this "
                                            "file.")));
        } else {
            check(path, checked);
        }
    };
    run_tool({copying->tool, "--inplace", path},
             {.path = fs::path(path).parent_path(), .is_writable = true},
             limits::metadata_removal_timeout, cleaned);
}

} // namespace otr_guard::plugin
