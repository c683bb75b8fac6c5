// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "util/parts.h"

#include <dlfcn.h>
#include <libintl.h>
#include <system_error>

#include "util/i18n.h"

namespace otr_guard::util {

std::filesystem::path find_part(const std::filesystem::path& name,
                                const std::filesystem::path& installed) {
    Dl_info here{};
    std::error_code error;
    if (::dladdr(reinterpret_cast<void*>(&find_part), &here) != 0) {
        const auto binary = std::filesystem::canonical(here.dli_fname, error);
        auto beside = binary.parent_path() / name;
        if (!error && std::filesystem::exists(beside, error)) {
            return beside;
        }
    }
    return installed;
}

void bind_translations(const std::filesystem::path& installed) {
    bindtextdomain(text_domain, find_part("locale", installed).c_str());
    bind_textdomain_codeset(text_domain, "UTF-8");
}

} // namespace otr_guard::util
