// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
//
// What onionshare-cli and mat2 write, and messages with onion addresses.

#include <algorithm>
#include <string>

#include "core/metadata_report.h"
#include "core/onion_share.h"
#include "fuzz.h"

namespace {

using namespace otr_guard;

void check_address(const core::OnionShareAddress& share, std::string_view all) {
    const std::string host = share.address.substr(std::min<std::size_t>(7, share.address.size()));
    fuzz::check(share.is_local ? host.starts_with("127.0.0.1:") : core::is_onion_host(host),
                "an address is one");
    fuzz::check(all.find(host) != std::string_view::npos, "an address was written");
    fuzz::check(share.key.empty() || share.key.size() == 52, "a key is one");
}

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view all = fuzz::text_of(data, size);
    std::size_t first_count = 0;
    for (const std::size_t piece : {std::max<std::size_t>(size, 1), std::size_t{1}}) {
        core::OnionShareOutput output;
        std::size_t count = 0;
        for (std::size_t at = 0; at < size; at += piece) {
            output.take(all.substr(at, piece));
            while (const auto news = output.next()) {
                ++count;
                if (const auto* ready = std::get_if<core::OnionShareOutput::Ready>(&*news)) {
                    check_address(ready->share, all);
                }
            }
        }
        fuzz::check(piece == std::max<std::size_t>(size, 1) || size > 4000 || count == first_count,
                    "pieces make no difference");
        first_count = count;
    }
    if (const auto found = core::find_onion_address(all)) {
        check_address(*found, all);
        fuzz::check(!found->is_local, "nobody sends a local address");
    }
    const core::MetadataReport report = core::parse_metadata_report(all);
    fuzz::check(report.names.size() <= 8, "few names are shown");
    fuzz::check((report.outcome == core::MetadataReport::Outcome::Found) == (report.count > 0),
                "found means that there is something");
    return 0;
}
