// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "core/fragments.h"

#include <algorithm>
#include <charconv>
#include <numeric>
#include <utility>

#include "model/limits.h"

namespace otr_guard::core {

namespace {

namespace limits = model::limits;

constexpr std::string_view v3_prefix = "?OTR|";
constexpr std::string_view v2_prefix = "?OTR,";
/// Smaller instance tags are reserved (OTRv3, "Instance tags").
constexpr model::InstanceTag smallest_instance_tag = 0x100;
constexpr unsigned most_pieces = 65535;

struct Fragment {
    model::InstanceTag sender;
    model::InstanceTag receiver;
    unsigned number;
    unsigned total;
    std::string_view piece;
};

/// Takes digits and the `end` behind them off the front of `text`.
std::optional<std::uint32_t> take_number(std::string_view& text, int base, char end) {
    std::uint32_t value = 0;
    const char* const last = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), last, value, base);
    if (error != std::errc() || stop == last || *stop != end) {
        return std::nullopt;
    }
    text.remove_prefix(static_cast<std::size_t>(stop - text.data()) + 1);
    return value;
}

bool is_possible(const Fragment& fragment, bool is_v3) {
    const auto is_tag = [](model::InstanceTag tag) { return tag >= smallest_instance_tag; };
    const bool has_tags =
        is_tag(fragment.sender) && (fragment.receiver == 0 || is_tag(fragment.receiver));
    return fragment.number >= 1 && fragment.number <= fragment.total &&
           fragment.total <= most_pieces && (!is_v3 || has_tags);
}

/// `text` begins behind the prefix.
std::optional<Fragment> parse(std::string_view text, bool is_v3) {
    Fragment fragment{};
    if (is_v3) {
        const auto sender = take_number(text, 16, '|');
        const auto receiver = sender ? take_number(text, 16, ',') : std::nullopt;
        if (!receiver) {
            return std::nullopt;
        }
        fragment.sender = *sender;
        fragment.receiver = *receiver;
    }
    const auto number = take_number(text, 10, ',');
    const auto total = number ? take_number(text, 10, ',') : std::nullopt;
    const std::size_t end = text.find(',');
    if (!total || end == std::string_view::npos) {
        return std::nullopt;
    }
    fragment.number = *number;
    fragment.total = *total;
    fragment.piece = text.substr(0, end);
    return is_possible(fragment, is_v3) ? std::optional(fragment) : std::nullopt;
}

} // namespace

Reassembler::Result Reassembler::add(const model::PeerId& peer, std::string_view message,
                                     model::InstanceTag our_instance, Clock::time_point now) {
    const std::size_t v3_at = message.find(v3_prefix);
    const bool is_v3 = v3_at != std::string_view::npos;
    const std::size_t at = is_v3 ? v3_at : message.find(v2_prefix);
    if (at == std::string_view::npos) {
        return {Outcome::NotAFragment, {}};
    }
    const auto fragment = parse(message.substr(at + v3_prefix.size()), is_v3);
    const bool is_for_us = fragment && (our_instance == 0 || fragment->receiver == 0 ||
                                        fragment->receiver == our_instance);
    if (!is_for_us) {
        return {Outcome::Dropped, {}};
    }
    drop_old(now);
    auto partial = std::ranges::find_if(m_partials, [&](const Partial& candidate) {
        return candidate.sender == fragment->sender && candidate.peer == peer;
    });
    if (fragment->number == 1) {
        if (partial != m_partials.end()) {
            m_partials.erase(partial);
        }
        make_room(peer);
        m_partials.push_front({peer, fragment->sender, 1, fragment->total, {}, now});
        partial = m_partials.begin();
    } else if (partial == m_partials.end()) {
        return {Outcome::Dropped, {}};
    }
    m_partials.splice(m_partials.begin(), m_partials, partial);
    return append(m_partials.begin(), fragment->number, fragment->total, fragment->piece, now);
}

Reassembler::Result Reassembler::append(std::list<Partial>::iterator partial, unsigned number,
                                        unsigned total, std::string_view piece,
                                        Clock::time_point now) {
    // A network that delivers twice must not cost the message.
    if (number + 1 == partial->next && total == partial->total && partial->text.ends_with(piece)) {
        return {Outcome::Incomplete, {}};
    }
    if (number != partial->next || total != partial->total ||
        piece.size() > limits::reassembly_bytes - partial->text.size()) {
        m_partials.erase(partial);
        return {Outcome::Dropped, {}, true};
    }
    partial->text += piece;
    partial->next = number + 1;
    partial->last = now;
    if (number < total) {
        return {Outcome::Incomplete, {}};
    }
    Result result{Outcome::Complete, std::move(partial->text)};
    m_partials.erase(partial);
    return result;
}

void Reassembler::drop_old(Clock::time_point now) {
    std::erase_if(m_partials, [now](const Partial& partial) {
        return now - partial.last > limits::reassembly_age;
    });
}

void Reassembler::make_room(const model::PeerId& peer) {
    const auto is_of_peer = [&](const Partial& partial) { return partial.peer == peer; };
    if (std::ranges::count_if(m_partials, is_of_peer) >=
        static_cast<std::ptrdiff_t>(limits::reassemblies_per_peer)) {
        const auto oldest = std::find_if(m_partials.rbegin(), m_partials.rend(), is_of_peer);
        m_partials.erase(std::next(oldest).base());
    }
    if (m_partials.size() >= limits::reassemblies_total) {
        m_partials.pop_back();
    }
}

void Reassembler::forget(const model::PeerId& peer) {
    std::erase_if(m_partials, [&](const Partial& partial) { return partial.peer == peer; });
}

std::size_t Reassembler::bytes_held() const {
    return std::accumulate(
        m_partials.begin(), m_partials.end(), std::size_t{0},
        [](std::size_t sum, const Partial& partial) { return sum + partial.text.size(); });
}

} // namespace otr_guard::core
