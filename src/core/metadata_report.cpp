// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "core/metadata_report.h"

#include <algorithm>
#include <array>
#include <set>

#include "core/html_tokens.h"
#include "core/markup.h"
#include "model/sharing_limits.h"

namespace otr_guard::core {

namespace {

namespace limits = model::limits;
using Outcome = MetadataReport::Outcome;

/// In front of a name; values have none, because mat2 shows each on the line of its name.
constexpr std::string_view indent = "    ";

constexpr std::array<std::string_view, 42> endings{
    ".aif",     ".aiff", ".avi",  ".bmp",  ".doc", ".docx", ".epub", ".flac", ".gif",
    ".heic",    ".heif", ".html", ".jfif", ".jpe", ".jpeg", ".jpg",  ".m4a",  ".mov",
    ".mp3",     ".mp4",  ".odf",  ".odg",  ".odp", ".ods",  ".odt",  ".ogg",  ".opus",
    ".pdf",     ".png",  ".ppt",  ".pptx", ".rtf", ".svg",  ".tar",  ".tif",  ".tiff",
    ".torrent", ".wav",  ".webp", ".wmv",  ".xls", ".xlsx"};

std::string lower(std::string_view text) {
    std::string result(text);
    std::ranges::transform(result, result.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    return result;
}

template <std::size_t size>
bool holds_one_of(std::string_view name, const std::array<std::string_view, size>& words) {
    return std::ranges::any_of(
        words, [name](std::string_view word) { return name.find(word) != std::string_view::npos; });
}

class Reader {
public:
    void line(std::string_view text) {
        if (text.starts_with("[-] ")) {
            m_is_partial = true; // files that it skips are said in this way
            m_is_unsupported = m_is_unsupported || text.ends_with(" is not supported");
            return;
        }
        const std::string_view inner =
            text.substr(std::min(text.find_first_not_of(' '), text.size()));
        if (inner.starts_with("No metadata found in ")) {
            m_is_clean = true;
        } else if (text.starts_with(indent)) {
            name(inner.substr(0, inner.find(": ")));
        }
    }

    [[nodiscard]] MetadataReport take() {
        if (m_report.count > 0) {
            m_report.outcome = Outcome::Found;
        } else if (m_is_clean && !m_is_partial) {
            m_report.outcome = Outcome::None;
        } else if (m_is_unsupported) {
            m_report.outcome = Outcome::Unsupported;
        }
        for (std::string& other : m_others) {
            if (m_report.names.size() < limits::metadata_names) {
                m_report.names.push_back(std::move(other));
            }
        }
        return std::move(m_report);
    }

private:
    void name(std::string_view text) {
        const std::string shown = markup::to_single_line(text, limits::metadata_name_characters);
        if (shown.empty() || m_seen.size() >= limits::metadata_different_names ||
            !m_seen.insert(shown).second) {
            return;
        }
        ++m_report.count;
        auto& names = classify(lower(shown)) ? m_report.names : m_others;
        if (names.size() < limits::metadata_names) {
            names.push_back(shown);
        }
    }

    /// Whether it tells one of the things that everybody would think twice about.
    bool classify(std::string_view name) {
        static constexpr std::array<std::string_view, 8> places{
            "gps",  "location", "latitude",    "longitude",
            "city", "country",  "sublocation", "altitude"};
        static constexpr std::array<std::string_view, 9> persons{
            "author",    "artist",         "creator", "by-line", "owner",
            "copyright", "lastmodifiedby", "credit",  "contact"};
        static constexpr std::array<std::string_view, 9> devices{
            "model", "make",      "serial", "software",   "producer",
            "lens",  "generator", "camera", "application"};
        static constexpr std::array<std::string_view, 3> times{"date", "time", "created"};
        const bool is_date = name.find("date") != std::string_view::npos;
        const bool is_program = name.starts_with("creatortool");
        const bool is_place = holds_one_of(name, places);
        const bool is_person = holds_one_of(name, persons) && !is_program && !is_date;
        const bool is_device = holds_one_of(name, devices) || is_program;
        const bool is_time = holds_one_of(name, times);
        m_report.tells_place = m_report.tells_place || is_place;
        m_report.tells_person = m_report.tells_person || is_person;
        m_report.tells_device = m_report.tells_device || is_device;
        m_report.tells_time = m_report.tells_time || is_time;
        return is_place || is_person || is_device || is_time;
    }

    MetadataReport m_report;
    std::vector<std::string> m_others;
    std::set<std::string> m_seen;
    bool m_is_clean = false;
    bool m_is_partial = false;
    bool m_is_unsupported = false;
};

} // namespace

MetadataReport parse_metadata_report(std::string_view output) {
    Reader reader;
    while (!output.empty()) {
        const std::size_t end = std::min(output.find('\n'), output.size());
        reader.line(output.substr(0, end));
        output.remove_prefix(std::min(end + 1, output.size()));
    }
    return reader.take();
}

bool may_carry_metadata(std::string_view file_name) {
    return std::ranges::any_of(endings, [file_name](std::string_view ending) {
        return file_name.size() > ending.size() &&
               html::equal_ignoring_case(file_name.substr(file_name.size() - ending.size()),
                                         ending);
    });
}

} // namespace otr_guard::core
