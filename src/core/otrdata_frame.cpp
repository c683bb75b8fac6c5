// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "core/otrdata_frame.h"

#include <algorithm>
#include <charconv>
#include <utility>
#include <vector>

#include "model/file_limits.h"

namespace otr_guard::core::otrdata {

namespace limits = model::limits;

namespace {

constexpr std::string_view line_end = "\r\n";
constexpr std::string_view scheme = "otr-in-band:";
constexpr std::string_view guard_header = "Otr-Guard";

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool is_same_name(std::string_view one, std::string_view other) {
    return std::ranges::equal(one, other, {}, lower, lower);
}

bool is_control(char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7f;
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool is_letter_or_digit(char c) {
    return is_digit(c) || (lower(c) >= 'a' && lower(c) <= 'z');
}

/// The start of an HTTP message; views into what was read.
struct Head {
    std::string_view first_line;
    std::vector<std::pair<std::string_view, std::string_view>> headers;
    std::string_view body;

    [[nodiscard]] std::optional<std::string_view> find(std::string_view name) const {
        for (const auto& [candidate, value] : headers) {
            if (is_same_name(candidate, name)) {
                return value;
            }
        }
        return std::nullopt;
    }
    [[nodiscard]] std::string id() const { return std::string(find("Request-Id").value_or("")); }
    [[nodiscard]] bool is_from_guard() const { return find(guard_header).has_value(); }
};

std::string_view trimmed(std::string_view text) {
    const std::size_t first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos) {
        return {};
    }
    return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

bool add_header(Head& head, std::string_view line) {
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || colon == 0) {
        return false;
    }
    const std::string_view name = line.substr(0, colon);
    const bool is_name =
        std::ranges::all_of(name, [](char c) { return is_letter_or_digit(c) || c == '-'; });
    // Which of two would count is a matter of taste, so none does.
    if (!is_name || head.find(name)) {
        return false;
    }
    head.headers.emplace_back(name, trimmed(line.substr(colon + 1)));
    return head.headers.size() <= limits::otrdata_headers;
}

std::optional<Head> read_head(std::string_view bytes) {
    Head head;
    const std::size_t longest = std::min(bytes.size(), limits::otrdata_head_bytes);
    std::size_t at = 0;
    for (bool is_first = true;; is_first = false) {
        const std::size_t end = bytes.substr(0, longest).find(line_end, at);
        if (end == std::string_view::npos) {
            return std::nullopt;
        }
        const std::string_view line = bytes.substr(at, end - at);
        at = end + line_end.size();
        if (line.empty() && !is_first) {
            head.body = bytes.substr(at);
            return head;
        }
        if (std::ranges::any_of(line, is_control)) {
            return std::nullopt;
        }
        if (is_first) {
            head.first_line = line;
        } else if (!add_header(head, line)) {
            return std::nullopt;
        }
    }
}

bool is_http(std::string_view version) {
    return version == "HTTP/1.1" || version == "HTTP/1.0";
}

std::optional<std::uint64_t> number_in(std::string_view text) {
    constexpr std::size_t most_digits = 15;
    std::uint64_t number = 0;
    if (text.empty() || text.size() > most_digits || !std::ranges::all_of(text, is_digit)) {
        return std::nullopt;
    }
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

/// Hex digits of exactly this length, in lower case.
std::optional<std::string> hash_in(std::optional<std::string_view> text, std::size_t digits) {
    if (!text || text->size() != digits) {
        return std::nullopt;
    }
    std::string hash(*text);
    std::ranges::transform(hash, hash.begin(), lower);
    const auto is_hex = [](char c) { return is_digit(c) || (c >= 'a' && c <= 'f'); };
    return std::ranges::all_of(hash, is_hex) ? std::optional(hash) : std::nullopt;
}

int hex_value(char c) {
    return is_digit(c) ? c - '0' : (lower(c) >= 'a' && lower(c) <= 'f') ? lower(c) - 'a' + 10 : -1;
}

std::string without_escapes(std::string_view text) {
    std::string plain;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '%' && i + 2 < text.size() && hex_value(text[i + 1]) >= 0 &&
            hex_value(text[i + 2]) >= 0) {
            plain += static_cast<char>(hex_value(text[i + 1]) * 16 + hex_value(text[i + 2]));
            i += 2;
        } else {
            plain += text[i];
        }
    }
    return plain;
}

std::string name_in_url(std::string_view url) {
    const std::size_t slash = url.rfind('/');
    return without_escapes(slash == std::string_view::npos ? url : url.substr(slash + 1));
}

using Read = tl::expected<Request, Refusal>;

Read refused(unsigned status, std::string reason, const Head& head) {
    return tl::unexpected(Refusal{status, std::move(reason), head.id()});
}

Read read_offer(const Head& head, Url url) {
    const auto length = number_in(head.find("File-Length").value_or(""));
    if (!length) {
        return refused(400, "File-Length must be supplied", head);
    }
    const auto sha1 = hash_in(head.find("File-Hash-SHA1"), 40);
    if (!sha1) {
        return refused(400, "File-Hash-SHA1 must be supplied", head);
    }
    const auto wide_hash = head.find("File-Hash-SHA256");
    const auto sha256 = hash_in(wide_hash, 64);
    if (wide_hash && !sha256) {
        return refused(400, "File-Hash-SHA256 is malformed", head);
    }
    const auto said_name = head.find("File-Name");
    std::string name = said_name ? std::string(*said_name) : name_in_url(url);
    return Offer{.url = std::move(url),
                 .request_id = head.id(),
                 .length = *length,
                 .sha1 = *sha1,
                 .sha256 = sha256,
                 .name = std::move(name),
                 .media_type = std::string(head.find("Mime-Type").value_or("")),
                 .is_from_guard = head.is_from_guard()};
}

Read read_get(const Head& head, Url url) {
    const auto range = head.find("Range");
    constexpr std::string_view unit = "bytes=";
    if (!range) {
        return refused(400, "Must have Range header", head);
    }
    if (!range->starts_with(unit)) {
        return refused(400, "Range must start with bytes=", head);
    }
    const std::string_view numbers = range->substr(unit.size());
    const std::size_t dash = numbers.find('-');
    if (dash == std::string_view::npos) {
        return refused(400, "Range must be START-END", head);
    }
    const auto start = number_in(numbers.substr(0, dash));
    const auto end = number_in(numbers.substr(dash + 1));
    if (!start || !end || *end < *start) {
        return refused(400, "Invalid Range", head);
    }
    return Get{std::move(url), head.id(), *start, *end, head.is_from_guard()};
}

bool is_usable_id(std::string_view id) {
    return !id.empty() && id.size() <= limits::otrdata_id_bytes;
}

/// Control characters and line ends in it would be lines of its own.
std::string one_line(std::string_view text) {
    std::string line(text);
    std::ranges::replace_if(line, is_control, ' ');
    return line;
}

std::string header(std::string_view name, std::string_view value) {
    return std::string(name).append(": ").append(one_line(value)).append(line_end);
}

std::string start_of(std::string_view method, const Url& url, std::string_view id) {
    return std::string(method)
        .append(" ")
        .append(url)
        .append(" HTTP/1.1")
        .append(line_end)
        .append(header("Request-Id", id));
}

std::string mark_of_guard(bool is_from_guard) {
    return is_from_guard ? header(guard_header, "1") : std::string();
}

} // namespace

tl::expected<Request, Refusal> read_request(std::string_view bytes) {
    const auto head = read_head(bytes);
    if (!head) {
        return refused(400, "Malformed request", {});
    }
    const std::string_view line = head->first_line;
    const std::size_t first = line.find(' ');
    const std::size_t last = line.rfind(' ');
    if (!is_usable_id(head->id())) {
        return refused(400, "Request-Id must be supplied", {});
    }
    if (first == std::string_view::npos || first == last || !is_http(line.substr(last + 1))) {
        return refused(400, "Malformed request", *head);
    }
    const std::string_view method = line.substr(0, first);
    Url url(line.substr(first + 1, last - first - 1));
    if (!url.starts_with(scheme)) {
        return refused(400, "Unknown scheme", *head);
    }
    if (url.size() > limits::otrdata_url_bytes || url.find(' ') != Url::npos ||
        !head->body.empty()) {
        return refused(400, "Malformed request", *head);
    }
    if (method == "OFFER") {
        return read_offer(*head, std::move(url));
    }
    if (method == "GET") {
        return read_get(*head, std::move(url));
    }
    if (method == "CANCEL" || method == "DONE") {
        return Note{method == "DONE" ? Word::Done : Word::Cancel, std::move(url), head->id()};
    }
    return refused(400, "Unknown method", *head);
}

util::Expected<Answer> read_answer(std::string_view bytes) {
    const auto head = read_head(bytes);
    const std::size_t first = head ? head->first_line.find(' ') : std::string_view::npos;
    if (first == std::string_view::npos || !is_http(head->first_line.substr(0, first)) ||
        !is_usable_id(head->id())) {
        return util::failure(util::ErrorCode::Malformed, "no HTTP response");
    }
    const std::string_view rest = head->first_line.substr(first + 1);
    const auto status = number_in(rest.substr(0, rest.find(' ')));
    if (!status || *status < 100 || *status > 599) {
        return util::failure(util::ErrorCode::Malformed, "no HTTP status");
    }
    const std::size_t space = rest.find(' ');
    return Answer{.status = static_cast<unsigned>(*status),
                  .reason = std::string(space == std::string_view::npos ? std::string_view()
                                                                        : rest.substr(space + 1)),
                  .request_id = head->id(),
                  .body = head->body,
                  .is_from_guard = head->is_from_guard()};
}

std::string write(const Offer& offer) {
    std::string text = start_of("OFFER", offer.url, offer.request_id);
    text += header("File-Length", std::to_string(offer.length));
    text += header("File-Hash-SHA1", offer.sha1);
    if (offer.sha256) {
        text += header("File-Hash-SHA256", *offer.sha256);
    }
    if (!offer.media_type.empty()) {
        text += header("Mime-Type", offer.media_type);
    }
    return text.append(header("File-Name", offer.name))
        .append(mark_of_guard(offer.is_from_guard))
        .append(line_end);
}

std::string write(const Get& get) {
    const std::string range = "bytes=" + std::to_string(get.start) + "-" + std::to_string(get.end);
    return start_of("GET", get.url, get.request_id)
        .append(header("Range", range))
        .append(mark_of_guard(get.is_from_guard))
        .append(line_end);
}

std::string write(const Note& note) {
    return start_of(note.word == Word::Done ? "DONE" : "CANCEL", note.url, note.request_id)
        .append(mark_of_guard(true))
        .append(line_end);
}

std::string write(const Answer& answer) {
    return "HTTP/1.1 " + std::to_string(answer.status) + " " +
           one_line(answer.reason)
               .append(line_end)
               .append(header("Request-Id", answer.request_id))
               .append(mark_of_guard(answer.is_from_guard))
               .append(line_end)
               .append(answer.body);
}

std::string write(const Refusal& refusal) {
    if (refusal.request_id.empty()) {
        return {};
    }
    return write(Answer{refusal.status, refusal.reason, refusal.request_id, {}, true});
}

Url make_url(std::string_view id, std::string_view name) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    constexpr std::string_view harmless = "-._~";
    Url url = std::string(scheme).append("/storage/").append(id).append("/");
    for (const char c : name) {
        const auto byte = static_cast<unsigned char>(c);
        if (is_letter_or_digit(c) || harmless.find(c) != std::string_view::npos) {
            url += c;
        } else {
            url.append("%").append(1, digits[byte >> 4U]).append(1, digits[byte & 15U]);
        }
    }
    return url;
}

} // namespace otr_guard::core::otrdata
