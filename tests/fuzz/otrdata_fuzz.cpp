// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
//
// A record about a file as a peer can send it, and the name in it.
#include <string>
#include <variant>

#include "core/file_name.h"
#include "core/otrdata_frame.h"
#include "fuzz.h"
#include "model/file_limits.h"

namespace {

using namespace otr_guard;
using namespace otr_guard::core::otrdata;

bool has_control(std::string_view text) {
    for (const char c : text) {
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
            return true;
        }
    }
    return false;
}

void check_name(std::string_view given) {
    const std::string name = core::safe_file_name(given);
    fuzz::check(!name.empty() && name.size() <= model::limits::file_name_bytes,
                "a name has a length");
    fuzz::check(name.find('/') == std::string::npos && name.front() != '.' && !has_control(name),
                "a name stays in its folder and is seen");
    fuzz::check(core::safe_file_name(name) == name, "a safe name stays as it is");
}

void check_request(std::string_view bytes) {
    const auto request = read_request(bytes);
    if (!request) {
        fuzz::check(read_answer(write(request.error())).has_value() ||
                        request.error().request_id.empty(),
                    "a refusal can be read");
        return;
    }
    if (const auto* offer = std::get_if<Offer>(&*request)) {
        check_name(offer->name);
        fuzz::check(offer->sha1.size() == 40, "an offer has a hash");
        // A name that was only in the URL has a line of its own then; ours are far from the limit.
        const std::string written = write(*offer);
        const auto again = read_request(written);
        fuzz::check(written.size() > model::limits::otrdata_head_bytes ||
                        (again && std::get<Offer>(*again).url == offer->url &&
                         std::get<Offer>(*again).length == offer->length),
                    "an offer is read back");
        fuzz::check(core::safe_media_type(offer->media_type).find('<') == std::string::npos,
                    "a type is no markup");
    } else if (const auto* get = std::get_if<Get>(&*request)) {
        fuzz::check(get->start <= get->end, "a range does not end before it begins");
    }
}

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes = fuzz::text_of(data, size);
    check_request(bytes);
    if (const auto answer = read_answer(bytes)) {
        fuzz::check(answer->body.size() <= bytes.size() && bytes.ends_with(answer->body),
                    "a body is what stands at the end");
        fuzz::check(!has_control(answer->reason), "a reason is one line");
    }
    check_name(bytes);
    return 0;
}
