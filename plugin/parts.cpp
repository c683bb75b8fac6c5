// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "parts.h"

#include <dlfcn.h>
#include <system_error>

namespace otr_guard::plugin {

std::filesystem::path find_part(const std::filesystem::path& name,
                                const std::filesystem::path& installed) {
    Dl_info here{};
    std::error_code error;
    if (::dladdr(reinterpret_cast<void*>(&find_part), &here) != 0) {
        const auto plugin = std::filesystem::canonical(here.dli_fname, error);
        auto beside = plugin.parent_path() / name;
        if (!error && std::filesystem::exists(beside, error)) {
            return beside;
        }
    }
    return installed;
}

} // namespace otr_guard::plugin
