// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// The messages of OTRDATA, the file transfer of ChatSecure: one HTTP/1.1 message without
// Content-Length in the value of a TLV, inside an OTR data message whose text is empty. Reads what
// a peer sends, strictly and within limits; decides nothing, and must never copy a body that is
// larger than a record can be.
//
// Two OTR Guards know each other by a header of ours, which other programs pass over, and only they
// use the verbs CANCEL (either side wants no more of this file) and DONE (received and checked).

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "util/expected.h"

namespace otr_guard::core::otrdata {

inline constexpr unsigned short request_tlv_type = 0x0100;
inline constexpr unsigned short response_tlv_type = 0x0101;

/// What tells one file from all others: both sides repeat it byte for byte.
using Url = std::string;

struct Offer {
    Url url;
    std::string request_id;
    std::uint64_t length = 0;
    std::string sha1;                  ///< 40 lower-case hex digits
    std::optional<std::string> sha256; ///< 64 lower-case hex digits; OTR Guard alone sends it
    std::string name;                  ///< untrusted, as sent: see file_name.h
    std::string media_type;            ///< untrusted; empty when not said
    bool is_from_guard = false;
};

struct Get {
    Url url;
    std::string request_id;
    std::uint64_t start = 0;
    std::uint64_t end = 0; ///< inclusive; never before `start`
    bool is_from_guard = false;
};

enum class Word { Cancel, Done };

struct Note {
    Word word;
    Url url;
    std::string request_id;
};

using Request = std::variant<Offer, Get, Note>;

/// Why a request is refused, in the words that ChatSecure uses; goes back to whoever sent it.
struct Refusal {
    unsigned status;
    std::string reason;
    std::string request_id; ///< empty when there was none that could be repeated
};

struct Answer {
    unsigned status = 0;
    std::string reason; ///< untrusted
    std::string request_id;
    std::string_view body; ///< a part of what was read
    bool is_from_guard = false;
};

[[nodiscard]] tl::expected<Request, Refusal> read_request(std::string_view bytes);
[[nodiscard]] util::Expected<Answer> read_answer(std::string_view bytes);

[[nodiscard]] std::string write(const Offer& offer);
[[nodiscard]] std::string write(const Get& get);
[[nodiscard]] std::string write(const Note& note);
[[nodiscard]] std::string write(const Answer& answer);
/// Empty when there is no request id to answer to.
[[nodiscard]] std::string write(const Refusal& refusal);

/// The address of a file that is offered: `id` is its own, `name` is escaped.
[[nodiscard]] Url make_url(std::string_view id, std::string_view name);

} // namespace otr_guard::core::otrdata
