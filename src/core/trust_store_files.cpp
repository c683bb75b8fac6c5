// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "core/trust_store.h"

#include <algorithm>
#include <array>
#include <sys/stat.h>

#include "core/fingerprint_line.h"
#include "core/trust_notes.h"
#include "model/limits.h"
#include "util/file.h"

namespace otr_guard::core {

namespace limits = model::limits;
using util::ErrorCode;
using util::Expected;
using util::failure;

namespace {

std::size_t count_lines(std::string_view text) {
    std::size_t lines = 1;
    for (auto end = text.find('\n'); end != std::string_view::npos;
         end = text.find('\n', end + 1)) {
        ++lines;
    }
    return lines;
}

/// Whether the last line is the beginning of one: the file was cut, and nobody knows how much is
/// missing. libotr ends every line; people who wrote the last one by hand may not have.
bool stops_short(std::string_view content) {
    if (content.empty() || content.back() == '\n') {
        return false;
    }
    const std::string_view last = content.substr(content.find_last_of('\n') + 1);
    if (last.find('\t') == std::string_view::npos) {
        return false; // no key, cut or not
    }
    const auto parsed = parse_fingerprint_line(last);
    if (!parsed) {
        return true;
    }
    const std::string_view word = parsed->trust_word;
    return !word.empty() &&
           std::ranges::any_of(std::array{verified_word, smp_word}, [word](std::string_view whole) {
               return word != whole && whole.starts_with(word);
           });
}

bool has_notes(const SidePeer& peer) {
    return peer.expected || peer.policy || !peer.other.empty();
}

} // namespace

// --- Reading -----------------------------------------------------------------------------------

std::vector<FileProblem> TrustStore::load() {
    clear();
    std::vector<FileProblem> problems;
    const bool knows_all_keys = load_fingerprints(problems);
    load_side(problems, knows_all_keys);
    return problems;
}

FileProblem TrustStore::put_aside(FileState& file, std::string reason) const {
    const auto kept = m_is_read_only ? failure(ErrorCode::Refused, "belongs to another process")
                                     : util::set_aside(file.path);
    file.is_blocked = !kept.has_value();
    return {file.path.filename().string(), kept ? kept->filename().string() : "",
            std::move(reason)};
}

std::optional<std::string> TrustStore::read(FileState& file, std::size_t max_bytes,
                                            std::vector<FileProblem>& problems) const {
    auto content = util::read_file(file.path, max_bytes);
    if (content) {
        if (!m_is_read_only) {
            util::make_private(file.path);
        }
        return std::move(*content);
    }
    if (content.error().code == ErrorCode::TooLarge) {
        problems.push_back(put_aside(file, content.error().detail));
    } else if (content.error().code != ErrorCode::NotFound) {
        // It may be fine: nothing is known about what is in it.
        file.is_blocked = true;
        problems.push_back({file.path.filename().string(), "", content.error().detail});
    }
    return std::nullopt;
}

bool TrustStore::load_fingerprints(std::vector<FileProblem>& problems) {
    const std::size_t problems_before = problems.size();
    const auto content = read(m_fingerprints, limits::fingerprint_file_bytes, problems);
    if (!content) {
        return problems.size() == problems_before;
    }
    const bool has_zeros = content->find('\0') != std::string::npos;
    const bool is_damaged = has_zeros || stops_short(*content);
    const std::size_t most_keys =
        std::min(count_lines(*content), content->size() / (2 * model::Fingerprint::size));
    m_lines.reserve(most_keys);
    m_peers.reserve(most_keys);
    std::string_view rest = *content;
    while (!rest.empty()) {
        const std::size_t end = std::min(rest.find('\n'), rest.size());
        const std::string_view line = rest.substr(0, end);
        rest.remove_prefix(std::min(end + 1, rest.size()));
        if (is_damaged && !has_zeros && rest.empty()) {
            static_cast<void>(read_line(line.substr(0, line.rfind('\t')))); // perhaps a whole key
        } else if (line.find('\0') == std::string_view::npos && !read_line(line)) {
            keep_other_line(line);
        }
    }
    if (is_damaged) {
        problems.push_back(
            put_aside(m_fingerprints, has_zeros ? "holds zero bytes" : "ends within a line"));
        m_fingerprints.is_dirty = true;
        static_cast<void>(save(m_fingerprints, &TrustStore::fingerprints_text));
    }
    return !is_damaged;
}

bool TrustStore::read_line(std::string_view line) {
    const auto parsed = parse_fingerprint_line(line);
    if (!parsed) {
        return false;
    }
    // As in libotr, the last line about a key counts.
    insert(intern(parsed->account, parsed->protocol), parsed->username, parsed->fingerprint)
        .trust_word = intern_word(parsed->trust_word);
    return true;
}

void TrustStore::keep_other_line(std::string_view line) {
    if (m_other_lines.empty() || m_other_lines.back().before != m_lines.size()) {
        m_other_lines.push_back({m_lines.size(), {}});
    }
    m_other_lines.back().text.append(line).append("\n");
}

void TrustStore::load_side(std::vector<FileProblem>& problems, bool knows_all_keys) {
    const auto content = read(m_side, limits::side_file_bytes, problems);
    if (!content) {
        return;
    }
    auto parsed = parse_side_file(*content);
    if (!parsed) {
        problems.push_back(put_aside(m_side, parsed.error().detail));
        return;
    }
    const std::size_t odd_entries =
        parsed->odd_keys.size() + parsed->odd_peers.size() + parsed->odd_own_keys.size();
    if (odd_entries > 0) {
        problems.push_back({m_side.path.filename().string(), "",
                            std::to_string(odd_entries) + " entries make no sense"});
    }
    take_side(std::move(*parsed), knows_all_keys);
}

void TrustStore::take_side(SideContents contents, bool knows_all_keys) {
    std::vector<SideKey> unclaimed;
    for (SideKey& entry : contents.keys) {
        KnownKey* key = find_mutable(entry.peer, entry.key.fingerprint);
        if (key == nullptr) {
            if (!knows_all_keys) {
                unclaimed.push_back(std::move(entry));
            }
            continue; // forgotten by another program in the meantime
        }
        key->first_seen = entry.key.first_seen;
        key->last_failed_check = entry.key.last_failed_check;
        key->last_used = entry.key.last_used;
        key->verified_us = entry.key.verified_us;
        // Another program may have taken the mark away or verified the key itself.
        if (key->is_verified() && entry.key.method &&
            word_for(*entry.key.method) == key->trust_word) {
            key->method = entry.key.method;
            key->verified_at = entry.key.verified_at;
        }
        if (!entry.other.empty()) {
            m_notes->other_members[{entry.peer, entry.key.fingerprint}] = std::move(entry.other);
        }
    }
    for (SidePeer& entry : contents.peers) {
        if (has_notes(entry)) {
            m_notes->peers.insert_or_assign(entry.peer, std::move(entry));
        }
    }
    for (SideOwnKey& entry : contents.own_keys) {
        m_notes->own_keys.insert_or_assign(entry.account, std::move(entry));
    }
    contents.keys = std::move(unclaimed);
    contents.peers.clear();
    contents.own_keys.clear();
    m_notes->rest = std::move(contents);
}

// --- Writing -----------------------------------------------------------------------------------

void TrustStore::mark_dirty() {
    ++m_version;
    m_fingerprints.is_dirty = true;
    m_side.is_dirty = true;
}

Expected<void> TrustStore::check_writable(FileState& file) {
    struct stat status {};
    if (file.is_blocked && ::lstat(file.path.c_str(), &status) == 0) {
        return failure(ErrorCode::Refused,
                       file.path.string() + ": could not be read, and is not written over");
    }
    file.is_blocked = false;
    return {};
}

std::vector<PendingFile> TrustStore::take_pending() {
    std::vector<PendingFile> files;
    if (m_is_read_only) {
        return files;
    }
    if (m_fingerprints.is_dirty && check_writable(m_fingerprints)) {
        files.push_back({m_fingerprints.path, fingerprints_text()});
        m_fingerprints.is_dirty = false;
    }
    if (m_side.is_dirty && check_writable(m_side)) {
        files.push_back({m_side.path, side_text()});
        m_side.is_dirty = false;
    }
    return files;
}

Expected<void> TrustStore::save(FileState& file, std::string (TrustStore::*text)() const) {
    if (!file.is_dirty || m_is_read_only) {
        return {};
    }
    Expected<void> result = check_writable(file);
    if (result) {
        result = util::write_file_atomically(file.path, (this->*text)());
    }
    file.is_dirty = !result.has_value();
    return result;
}

Expected<void> TrustStore::save() {
    Expected<void> fingerprints = save(m_fingerprints, &TrustStore::fingerprints_text);
    Expected<void> side = save(m_side, &TrustStore::side_text);
    return fingerprints ? side : fingerprints;
}

std::string TrustStore::fingerprints_text() const {
    constexpr std::size_t usual_line = 100;
    std::string text;
    text.reserve(m_lines.size() * usual_line);
    auto other = m_other_lines.begin();
    for (std::size_t i = 0; i <= m_lines.size(); ++i) {
        for (; other != m_other_lines.end() && other->before == i; ++other) {
            text.append(other->text);
        }
        if (i == m_lines.size()) {
            break;
        }
        const auto& [name, keys] = *m_lines[i].peer;
        const KnownKey& key = keys[m_lines[i].index];
        append_fingerprint_line(text, {name.username, name.account->username,
                                       name.account->protocol, key.fingerprint, key.trust_word});
    }
    return text;
}

std::string TrustStore::side_text() const {
    SideWriter writer(m_notes->rest.other);
    const OtherMembers none;
    const auto& others = m_notes->other_members;
    for (const Line& line : m_lines) {
        const auto& [name, keys] = *line.peer;
        const KnownKey& key = keys[line.index];
        const auto other = others.empty()
                               ? others.end()
                               : others.find({{*name.account, name.username}, key.fingerprint});
        const bool has_other = other != others.end();
        if (key.method || key.first_seen || key.last_failed_check || key.last_used ||
            key.verified_us || has_other) {
            writer.add_key(*name.account, name.username, key, has_other ? other->second : none);
        }
    }
    for (const SideKey& entry : m_notes->rest.keys) {
        writer.add_key(entry.peer.account, entry.peer.username, entry.key, entry.other);
    }
    std::ranges::for_each(m_notes->rest.odd_keys,
                          [&](const OddEntry& entry) { writer.add_odd(entry); });
    writer.begin_peers();
    for (const auto& [peer, notes] : m_notes->peers) {
        if (has_notes(notes)) {
            writer.add_peer(notes);
        }
    }
    std::ranges::for_each(m_notes->rest.odd_peers,
                          [&](const OddEntry& entry) { writer.add_odd(entry); });
    if (!m_notes->own_keys.empty() || !m_notes->rest.odd_own_keys.empty()) {
        writer.begin_own_keys();
        for (const auto& [account, key] : m_notes->own_keys) {
            writer.add_own_key(key);
        }
        std::ranges::for_each(m_notes->rest.odd_own_keys,
                              [&](const OddEntry& entry) { writer.add_odd(entry); });
    }
    return std::move(writer).finish();
}

} // namespace otr_guard::core
