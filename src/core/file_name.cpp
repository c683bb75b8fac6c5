// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "core/file_name.h"

#include <algorithm>
#include <array>
#include <utility>

#include "core/text_cleaner.h"
#include "core/utf8.h"
#include "model/file_limits.h"

namespace otr_guard::core {

namespace limits = model::limits;

namespace {

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

std::string lower(std::string_view text) {
    std::string result(text);
    std::ranges::transform(result, result.begin(), [](char c) { return lower(c); });
    return result;
}

/// Characters without a picture of their own: what stands behind them looks as if it stood
/// elsewhere.
bool is_invisible(char32_t c) {
    return (c >= 0x200b && c <= 0x200f) || (c >= 0x2060 && c <= 0x206f) || c == 0xfeff ||
           c == 0x00ad || c == 0x034f || c == 0x061c || c == 0x180e || c == 0x115f || c == 0x1160 ||
           c == 0x3164 || c == 0xffa0 || (c >= 0xfe00 && c <= 0xfe0f) ||
           (c >= 0xe0000 && c <= 0xe0fff);
}

bool is_space(char32_t c) {
    return c == ' ' || c == '\t' || c == 0xa0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200a) ||
           c == 0x202f || c == 0x205f || c == 0x3000 || c == 0x2800;
}

bool is_reserved_character(char32_t c) {
    constexpr std::u32string_view reserved = U"<>:\"/\\|?*";
    return reserved.find(c) != std::u32string_view::npos;
}

/// Without the folder, in characters that are seen.
std::string visible_part(std::string_view untrusted) {
    if (const std::size_t slash = untrusted.find_last_of("/\\"); slash != std::string_view::npos) {
        untrusted.remove_prefix(slash + 1);
    }
    std::string name;
    bool is_after_space = true;
    while (!untrusted.empty()) {
        const utf8::Decoded next = utf8::decode(untrusted);
        untrusted.remove_prefix(next.length);
        const char32_t c = next.code_point;
        // A long row of spaces moves the end of the name out of sight.
        if (is_space(c)) {
            name += std::exchange(is_after_space, true) ? "" : " ";
            continue;
        }
        if (is_control(c) || is_direction_control(c) || is_line_separator(c) || is_invisible(c)) {
            continue;
        }
        is_after_space = false;
        if (!next.is_valid || is_reserved_character(c)) {
            name += '_';
        } else {
            utf8::append(name, c);
        }
    }
    return name;
}

/// Devices of Windows, with any end.
bool is_device(std::string_view name) {
    const std::string stem = lower(name.substr(0, name.find('.')));
    constexpr std::array<std::string_view, 6> devices{"con", "prn",    "aux",
                                                      "nul", "conin$", "conout$"};
    const bool is_port = stem.size() == 4 && (stem.starts_with("com") || stem.starts_with("lpt")) &&
                         stem[3] >= '0' && stem[3] <= '9';
    return is_port || std::ranges::find(devices, stem) != devices.end();
}

std::size_t end_position(std::string_view name) {
    const std::size_t dot = name.rfind('.');
    return dot == std::string_view::npos || dot == 0 ? name.size() : dot;
}

std::string_view end_of(std::string_view name) {
    const std::size_t dot = end_position(name);
    return dot == name.size() ? std::string_view() : name.substr(dot + 1);
}

std::string shortened(const std::string& name) {
    constexpr std::size_t longest_end = 20;
    if (name.size() <= limits::file_name_bytes) {
        return name;
    }
    const std::size_t dot = end_position(name);
    const bool keeps_end = name.size() - dot <= longest_end;
    const std::string_view end = keeps_end ? std::string_view(name).substr(dot) : "";
    return std::string(utf8::cut(std::string_view(name).substr(0, keeps_end ? dot : name.size()),
                                 limits::file_name_bytes - end.size()))
        .append(end);
}

/// Short enough, and with something to see at its end.
std::string fitted(const std::string& name) {
    std::string result = shortened(name);
    result.erase(result.find_last_not_of(". ") + 1);
    return result;
}

constexpr std::array<std::string_view, 77> programs{
    "exe",         "com",   "scr",  "bat",     "cmd",      "pif",         "msi",      "msp",
    "mst",         "dll",   "lnk",  "vbs",     "vbe",      "vb",          "js",       "jse",
    "mjs",         "wsf",   "wsh",  "ws",      "hta",      "ps1",         "psm1",     "ps1xml",
    "jar",         "jnlp",  "apk",  "app",     "dmg",      "pkg",         "deb",      "rpm",
    "run",         "sh",    "bash", "zsh",     "csh",      "ksh",         "fish",     "py",
    "pyc",         "pyw",   "pl",   "rb",      "php",      "desktop",     "appimage", "bin",
    "elf",         "so",    "cpl",  "reg",     "inf",      "scf",         "url",      "iso",
    "img",         "vhd",   "vhdx", "command", "workflow", "action",      "html",     "htm",
    "xhtml",       "shtml", "svg",  "chm",     "gadget",   "application", "msc",      "flatpakref",
    "flatpakrepo", "snap",  "xpi",  "crx",     "ipa"};

constexpr std::array<std::string_view, 27> documents_with_macros{
    "doc",  "docm", "dot", "dotm",  "xls", "xlsm", "xlsb", "xlt",  "xltm",
    "xlam", "xla",  "ppt", "pptm",  "pot", "potm", "pps",  "ppsm", "ppa",
    "ppam", "sldm", "mdb", "accdb", "odt", "ods",  "odp",  "odb",  "slk"};

constexpr std::array<std::pair<std::string_view, std::string_view>, 24> media_types{{
    {"jpg", "image/jpeg"},
    {"jpeg", "image/jpeg"},
    {"png", "image/png"},
    {"gif", "image/gif"},
    {"webp", "image/webp"},
    {"heic", "image/heic"},
    {"tif", "image/tiff"},
    {"tiff", "image/tiff"},
    {"pdf", "application/pdf"},
    {"txt", "text/plain"},
    {"csv", "text/csv"},
    {"zip", "application/zip"},
    {"gz", "application/gzip"},
    {"mp3", "audio/mpeg"},
    {"m4a", "audio/mp4"},
    {"ogg", "audio/ogg"},
    {"wav", "audio/wav"},
    {"mp4", "video/mp4"},
    {"mov", "video/quicktime"},
    {"webm", "video/webm"},
    {"doc", "application/msword"},
    {"docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"},
    {"odt", "application/vnd.oasis.opendocument.text"},
    {"asc", "application/pgp-encrypted"},
}};

} // namespace

std::string safe_file_name(std::string_view untrusted) {
    std::string name = visible_part(untrusted);
    const std::size_t first = name.find_first_not_of(". ");
    name.erase(0, first);
    name = fitted(name);
    if (name.empty()) {
        return "file";
    }
    // Programs would take these for an option or somebody's folder.
    if (name.front() == '-' || name.front() == '~') {
        name.front() = '_';
    }
    return is_device(name) ? fitted("_" + name) : name;
}

std::string numbered_file_name(std::string_view name, unsigned number) {
    if (number < 2) {
        return std::string(name);
    }
    const std::size_t dot = end_position(name);
    return std::string(name.substr(0, dot))
        .append(" (" + std::to_string(number) + ")")
        .append(name.substr(dot));
}

FileRisk risk_of_file(std::string_view name) {
    const std::string end = lower(end_of(name));
    if (std::ranges::find(programs, end) != programs.end()) {
        return FileRisk::Program;
    }
    return std::ranges::find(documents_with_macros, end) != documents_with_macros.end()
               ? FileRisk::Macros
               : FileRisk::None;
}

std::string safe_media_type(std::string_view untrusted) {
    const std::string_view type = untrusted.substr(0, untrusted.find(';'));
    const bool is_plain = std::ranges::all_of(type, [](char c) {
        const char small = lower(c);
        return (small >= 'a' && small <= 'z') || (c >= '0' && c <= '9') || c == '/' || c == '-' ||
               c == '+' || c == '.' || c == '_';
    });
    const bool is_type = std::ranges::count(type, '/') == 1 && type.front() != '/' &&
                         type.back() != '/' && type.size() <= limits::media_type_characters;
    return is_plain && is_type ? lower(type) : std::string();
}

std::string_view media_type_of(std::string_view name) {
    const std::string end = lower(end_of(name));
    for (const auto& [candidate, type] : media_types) {
        if (candidate == end) {
            return type;
        }
    }
    return {};
}

} // namespace otr_guard::core
