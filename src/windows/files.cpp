// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "windows/files.h"

#include <memory>
#include <utility>

#include "util/c_ptr.h"

namespace otr_guard::windows {

using util::ErrorCode;

void read_file(const Glib::RefPtr<Gio::File>& file, std::size_t limit, FileRead done) {
    const auto is_within = std::make_shared<bool>(true);
    const auto read_more = [limit, is_within](const char*, goffset read) {
        *is_within = static_cast<std::size_t>(read) <= limit;
        return *is_within;
    };
    file->load_partial_contents_async(read_more, [file, limit, is_within, done = std::move(done)](
                                                     Glib::RefPtr<Gio::AsyncResult>& result) {
        char* contents = nullptr;
        gsize size = 0;
        try {
            file->load_partial_contents_finish(result, contents, size);
        } catch (const Glib::Error& error) {
            done(util::failure(ErrorCode::Io, error.what().raw()));
            return;
        }
        const util::CPtr<char, g_free> owned(contents);
        if (!*is_within || size > limit) {
            done(util::failure(ErrorCode::TooLarge, "too large"));
            return;
        }
        done(std::string(contents, size));
    });
}

void write_file(const Glib::RefPtr<Gio::File>& file, std::string contents, FileWritten done) {
    const auto kept = std::make_shared<const std::string>(std::move(contents));
    file->replace_contents_async(
        [file, kept, done = std::move(done)](Glib::RefPtr<Gio::AsyncResult>& result) {
            try {
                file->replace_contents_finish(result);
            } catch (const Glib::Error& error) {
                done(error.what().raw());
                return;
            }
            done({});
        },
        *kept, std::string(), false,
        Gio::FILE_CREATE_PRIVATE | Gio::FILE_CREATE_REPLACE_DESTINATION);
}

} // namespace otr_guard::windows
