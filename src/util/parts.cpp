// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "util/parts.h"

#include <dlfcn.h>
#include <libintl.h>
#include <link.h>
#include <system_error>

#include "util/i18n.h"

namespace fs = std::filesystem;

namespace otr_guard::util {

namespace {

/// Of the plugin or program that this is in; empty when it cannot be found out.
fs::path own_folder() {
    Dl_info here{};
    void* object = nullptr;
    if (::dladdr1(reinterpret_cast<void*>(&own_folder), &here, &object, RTLD_DL_LINKMAP) == 0) {
        return {};
    }
    // A program is known there as it was called, which can be without its folder.
    const bool is_program = static_cast<const link_map*>(object)->l_name[0] == '\0';
    std::error_code error;
    const auto binary = fs::canonical(is_program ? "/proc/self/exe" : here.dli_fname, error);
    return error ? fs::path() : binary.parent_path();
}

/// What is before `end` in `path`; empty when it does not end so.
fs::path without_end(fs::path path, const fs::path& end) {
    for (auto name = end.end(); name != end.begin();) {
        --name;
        if (path.filename() != *name) {
            return {};
        }
        path = path.parent_path();
    }
    return path;
}

bool is_below(const fs::path& relative) {
    return !relative.empty() && *relative.begin() != "..";
}

} // namespace

fs::path moved(const fs::path& installed, const fs::path& folder, const Layout& layout) {
    const fs::path part = installed.lexically_relative(layout.prefix);
    if (!is_below(part)) {
        return installed;
    }
    for (const fs::path& own : layout.binary_folders) {
        const fs::path within = own.lexically_relative(layout.prefix);
        const fs::path prefix = is_below(within) ? without_end(folder, within) : fs::path();
        if (!prefix.empty()) {
            return prefix / part;
        }
    }
    return installed;
}

fs::path installed_part(const fs::path& installed) {
    const Layout layout{
        .prefix = OTR_GUARD_PREFIX,
        .binary_folders = {OTR_GUARD_PLUGIN_DIR, OTR_GUARD_PROGRAM_DIR, OTR_GUARD_BINARY_DIR}};
    const fs::path here = moved(installed, own_folder(), layout);
    std::error_code error;
    return fs::exists(here, error) ? here : installed;
}

fs::path find_part(const fs::path& name, const fs::path& installed) {
    const fs::path folder = own_folder();
    std::error_code error;
    if (!folder.empty() && fs::exists(folder / name, error)) {
        return folder / name;
    }
    return installed_part(installed);
}

void bind_translations(const fs::path& installed) {
    bindtextdomain(text_domain, find_part("locale", installed).c_str());
    bind_textdomain_codeset(text_domain, "UTF-8");
}

} // namespace otr_guard::util
