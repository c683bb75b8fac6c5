// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "file_texts.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>

#include "i18n.h"

namespace otr_guard::plugin {

using core::FileState;
using model::NoticeKind;
namespace reason = core::file_reason;

namespace {

struct Words {
    std::string_view word;
    const char* sentence;
};

/// Why a file that was on its way, or offered, is not any more.
constexpr std::array stop_words{
    Words{reason::cancelled, mark("You have cancelled file {number}, {file}.")},
    Words{reason::declined, mark("File {number}, {file}, was declined.")},
    Words{reason::hash, mark("File {number}, {file}, did not arrive as it was offered, so it was "
                             "deleted. Ask {name} to send it again.")},
    Words{reason::size, mark("File {number}, {file}, is not as large as was said, so it was "
                             "deleted. Ask {name} to send it again.")},
    Words{reason::range, mark("The program of {name} sent something else than the parts of file "
                              "{number}, {file}, that were asked for, so it was stopped and "
                              "deleted. Ask {name} to send it again.")},
    Words{reason::changed, mark("File {number}, {file}, has changed since it was offered, so it "
                                "was stopped. To send it as it is now: /otr send.")},
    Words{reason::expired, mark("File {number}, {file}, was given up: nothing was heard of it for "
                                "a day.")},
    Words{reason::peer_limit, mark("File {number}, {file}, was stopped: the program of {name} "
                                   "takes files up to 64 MiB.")},
    Words{reason::too_large, mark("{file} was not sent: files of up to 1 GiB can be.")},
    Words{reason::no_file, mark("{file} was not sent, because it is not a file (a folder, "
                                "perhaps), or changed while it was read.")},
};

/// Why the user's act did nothing.
constexpr std::array refusal_words{
    Words{reason::not_private, mark("Files need a private conversation with {name}. Start one with "
                                    "/otr start, then send the file again.")},
    Words{reason::not_verified, mark("Files go to verified people only, and {name} is not "
                                     "verified. Verify with /otr verify, then send the file again. "
                                     "To change that: OTR Guard's preferences.")},
    Words{reason::short_messages, mark("Files cannot be sent privately here: messages of this "
                                       "protocol are too short. Use another protocol, such as "
                                       "XMPP.")},
    Words{reason::too_many, mark("There are too many files, or more than one that this could be "
                                 "about. Say which one by its number: /otr files shows them.")},
    Words{reason::full, mark("As many files as can be at the same time are on their way to {name}, "
                             "or wait. Send it again when one of them has arrived or is "
                             "stopped.")},
    Words{reason::nothing, mark("There is no such file waiting. All files: /otr files.")},
};

constexpr std::array offer_refusal_words{
    Words{reason::not_verified, mark("{name} wanted to send you the file {file}. It was refused, "
                                     "because {name} is not verified. Verify with /otr verify, and "
                                     "ask for it again.")},
    Words{reason::short_messages, mark("{name} wanted to send you the file {file}. It was refused: "
                                       "messages of this protocol are too short for files.")},
    Words{reason::too_large, mark("{name} wanted to send you the file {file}. It was refused: it "
                                  "is larger than 1 GiB.")},
    Words{reason::too_many, mark("{name} offers many files. Some, like {file}, were refused; "
                                 "answer the others first: /otr files.")},
};

/// What was going to pass in clear.
constexpr std::array transfer_words{
    Words{"out", mark("A file for {name} was stopped, because it would have gone in clear. To send "
                      "it privately: /otr send, with its path. To let one pass in clear: /otr "
                      "files allow.")},
    Words{"in", mark("A file from {name} was stopped, because it would have come in clear. Ask "
                     "{name} to send it with OTR Guard or ChatSecure. To let one pass in clear: "
                     "/otr files allow.")},
    Words{"call", mark("A voice or video call with {name} was stopped, because it would not be "
                       "private and tells your address. To let one pass: /otr files allow.")},
    Words{"picture", mark("The picture in your message to {name} was not sent, because pictures in "
                          "messages are not private. Send it as a file: /otr send, with its "
                          "path.")},
};

/// The last one for a word that is not known.
template <std::size_t size>
const char* sentence_for(const std::array<Words, size>& all, std::string_view word) {
    const auto found = std::ranges::find(all, word, &Words::word);
    return found != all.end() ? found->sentence : all.back().sentence;
}

std::string argument(const model::Notice& notice, std::size_t index) {
    return index < notice.arguments.size() ? notice.arguments[index] : std::string();
}

std::uint64_t number_in(const std::string& text) {
    std::uint64_t number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

core::FileRisk risk_from(std::string_view word) {
    return word == "program"  ? core::FileRisk::Program
           : word == "macros" ? core::FileRisk::Macros
                              : core::FileRisk::None;
}

/// Number and name of the file, and whose it is.
std::string filled(const std::string& pattern, const model::Notice& notice, std::string_view name) {
    return format(
        pattern,
        {{"number", argument(notice, 0)}, {"file", isolated(argument(notice, 1))}, {"name", name}});
}

std::string offered_text(const model::Notice& notice, std::string_view name) {
    const std::string type = argument(notice, 3);
    std::string text =
        format(argument(notice, 5) == "verified"
                   ? tr("{name} (verified) offers you file {number}: {file}, {size}{type}.")
                   : tr("{name} (NOT verified) offers you file {number}: {file}, {size}{type}."),
               {{"number", argument(notice, 0)},
                {"file", isolated(argument(notice, 1))},
                {"name", name},
                {"size", size_text(number_in(argument(notice, 2)))},
                {"type", type.empty() ? std::string() : ", " + type}});
    if (const std::string warning = warning_about(risk_from(argument(notice, 4)));
        !warning.empty()) {
        text += " " + warning;
    }
    return text + " " +
           format(tr("To take it: /otr accept {number}. If not: /otr decline {number}."),
                  {{"number", argument(notice, 0)}});
}

std::string stopped_text(const model::Notice& notice, std::string_view name) {
    const std::string word = argument(notice, 2);
    const std::string detail = argument(notice, 3);
    if (word == reason::by_peer) {
        std::string text =
            filled(tr("File {number}, {file}, was stopped by {name}."), notice, name);
        if (!detail.empty()) {
            text +=
                " " + format(tr("Their program says: \"{text}\"."), {{"text", isolated(detail)}});
        }
        return text;
    }
    if (word != reason::disk) {
        return filled(tr(sentence_for(stop_words, word)), notice, name);
    }
    return format(tr("File {number}, {file}, was stopped, because of the disk or its folder: "
                     "{reason}."),
                  {{"number", argument(notice, 0)},
                   {"file", isolated(argument(notice, 1))},
                   {"reason", detail}});
}

std::string progress_text(const model::Notice& notice, std::string_view name) {
    return format(argument(notice, 3) == "in"
                      ? tr("File {number}, {file}: {percent} % have arrived.")
                      : tr("File {number}, {file}: {percent} % are on their way to {name}."),
                  {{"number", argument(notice, 0)},
                   {"file", isolated(argument(notice, 1))},
                   {"name", name},
                   {"percent", argument(notice, 2)}});
}

std::string offer_sent_text(const model::Notice& notice, std::string_view name) {
    return format(tr("File {number}, {file} ({size}), was offered to {name}, privately. To take it "
                     "back: /otr decline {number}."),
                  {{"number", argument(notice, 0)},
                   {"file", isolated(argument(notice, 1))},
                   {"name", name},
                   {"size", size_text(number_in(argument(notice, 2)))}});
}

std::string no_answer_text(const model::Notice& notice, std::string_view name) {
    return filled(tr("The program of {name} does not react to file {number}, {file}: it may not "
                     "know private files (OTR Guard and ChatSecure do). To take it back: /otr "
                     "decline {number}."),
                  notice, name);
}

std::string started_text(const model::Notice& notice, std::string_view name) {
    return filled(argument(notice, 2) == "in"
                      ? tr("File {number}, {file}, is being fetched. To stop it: /otr decline "
                           "{number}.")
                      : tr("{name} has accepted file {number}, {file}. To stop it: /otr decline "
                           "{number}."),
                  notice, name);
}

std::string sent_text(const model::Notice& notice, std::string_view name) {
    return filled(argument(notice, 2) == "checked"
                      ? tr("File {number}, {file}, has arrived whole at {name}.")
                      : tr("File {number}, {file}, was sent to {name}. Their program does not say "
                           "whether it has arrived whole; ask."),
                  notice, name);
}

std::string received_text(const model::Notice& notice, std::string_view name) {
    return format(
        tr("File {number} of {name} has arrived whole, and is here: {path}"),
        {{"number", argument(notice, 0)}, {"name", name}, {"path", isolated(argument(notice, 2))}});
}

std::string refused_text(const model::Notice& notice, std::string_view name) {
    const std::string text =
        filled(tr(sentence_for(refusal_words, argument(notice, 0))), notice, name);
    const std::uint64_t files = number_in(argument(notice, 1));
    return files < 2 ? text
                     : format(tr_n("{number} file was not sent.", "{number} files were not sent.",
                                   static_cast<unsigned long>(files)),
                              {{"number", std::to_string(files)}}) +
                           " " + text;
}

std::string offer_refused_text(const model::Notice& notice, std::string_view name) {
    return format(tr(sentence_for(offer_refusal_words, argument(notice, 1))),
                  {{"file", isolated(argument(notice, 0))}, {"name", name}});
}

std::string transfer_text(const model::Notice& notice, std::string_view name) {
    return filled(tr(sentence_for(transfer_words, argument(notice, 0))), notice, name);
}

struct Writer {
    NoticeKind kind;
    std::string (*write)(const model::Notice& notice, std::string_view name);
};

constexpr std::array writers{Writer{NoticeKind::FileOffered, offered_text},
                             Writer{NoticeKind::FileOfferSent, offer_sent_text},
                             Writer{NoticeKind::FileNoAnswer, no_answer_text},
                             Writer{NoticeKind::FileStarted, started_text},
                             Writer{NoticeKind::FileProgress, progress_text},
                             Writer{NoticeKind::FileSent, sent_text},
                             Writer{NoticeKind::FileReceived, received_text},
                             Writer{NoticeKind::FileStopped, stopped_text},
                             Writer{NoticeKind::FileRefused, refused_text},
                             Writer{NoticeKind::FileOfferRefused, offer_refused_text},
                             Writer{NoticeKind::TransferStopped, transfer_text}};

std::string state_text(const core::FileStatus& file) {
    if (file.is_interrupted && file.state == FileState::Running) {
        return tr("waits for the private conversation");
    }
    switch (file.state) {
    case FileState::Preparing:
        return tr("being read");
    case FileState::Offered:
        return tr("offered, not accepted yet");
    case FileState::Asked:
        return tr("offered to you");
    case FileState::Running:
        return tr("on its way");
    case FileState::Checking:
        return tr("being checked");
    case FileState::Done:
        return file.is_incoming ? tr("received") : tr("sent");
    case FileState::Stopped:
        return tr("stopped");
    }
    return {};
}

} // namespace

std::string size_text(std::uint64_t bytes) {
    constexpr std::array units{mark("{number} bytes"), mark("{number} kB"), mark("{number} MB"),
                               mark("{number} GB")};
    auto value = static_cast<double>(bytes);
    std::size_t unit = 0;
    while (value >= 1000 && unit + 1 < units.size()) {
        value /= 1000;
        ++unit;
    }
    std::array<char, 32> number{};
    static_cast<void>(std::snprintf(number.data(), number.size(),
                                    unit == 0 || value >= 100 ? "%.0f" : "%.1f", value));
    return format(tr(units.at(unit)), {{"number", number.data()}});
}

std::string warning_about(core::FileRisk risk) {
    switch (risk) {
    case core::FileRisk::Program:
        return tr("Be careful: opening it can run a program on your computer.");
    case core::FileRisk::Macros:
        return tr("Be careful: a document of this kind can contain programs (macros).");
    case core::FileRisk::None:
        break;
    }
    return {};
}

std::optional<std::string> file_text_of(const model::Notice& notice, std::string_view name) {
    const auto writer = std::ranges::find(writers, notice.kind, &Writer::kind);
    return writer != writers.end() ? std::optional(writer->write(notice, name)) : std::nullopt;
}

unsigned percent_of(const core::FileStatus& file) {
    if (file.state == FileState::Done) {
        return 100;
    }
    return file.size == 0 ? 0 : static_cast<unsigned>(file.done * 100 / file.size);
}

std::string file_state_text(const core::FileStatus& file) {
    const bool is_running = file.state == FileState::Running;
    return state_text(file) +
           (is_running ? ", " + std::to_string(percent_of(file)) + " %" : std::string());
}

std::string offer_remarks(const core::FileStatus& file, bool is_verified, std::string_view name) {
    const std::string type = file.media_type.empty() ? tr("unknown") : file.media_type;
    std::string text = format(tr("Size: {size}. Type, as they say: {type}."),
                              {{"size", size_text(file.size)}, {"type", type}});
    if (const std::string warning = warning_about(file.risk); !warning.empty()) {
        text += "\n" + warning;
    }
    if (!is_verified) {
        text += "\n" +
                format(tr("{name} is not verified: it could be somebody else."), {{"name", name}});
    }
    return text;
}

std::string list_of_files(const std::vector<core::FileStatus>& files) {
    if (files.empty()) {
        return tr("There are no files. To send one privately: /otr send, with its path.");
    }
    std::string text;
    for (const core::FileStatus& file : files) {
        text += text.empty() ? "" : "\n";
        text += format(file.is_incoming ? tr("{number}, to you: {file}, {size}: {state}")
                                        : tr("{number}, from you: {file}, {size}: {state}"),
                       {{"number", std::to_string(file.number)},
                        {"file", isolated(file.name)},
                        {"size", size_text(file.size)},
                        {"state", file.state == FileState::Asked
                                      ? tr("offered to you: /otr accept, /otr decline")
                                      : file_state_text(file)}});
        text += file.path.empty() ? std::string() : ", " + isolated(file.path.string());
    }
    return text;
}

} // namespace otr_guard::plugin
