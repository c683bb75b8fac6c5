// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "ipc/user_files.h"

#include <memory>
#include <utility>

#include "ipc/gobject_ptr.h"
#include "util/guarded.h"

namespace otr_guard::ipc {

namespace {

struct Reading {
    std::size_t limit;
    FileRead done;
    bool is_too_large = false;
};

struct Writing {
    std::string contents; ///< GIO writes from here
    FileWritten done;
};

gboolean read_more(const char*, goffset read, gpointer data) {
    auto& reading = *static_cast<Reading*>(data);
    reading.is_too_large = static_cast<std::size_t>(read) > reading.limit;
    return static_cast<gboolean>(!reading.is_too_large);
}

void read_done(GObject* source, GAsyncResult* result, gpointer data) {
    const std::unique_ptr<Reading> reading(static_cast<Reading*>(data));
    ErrorOut error;
    char* contents = nullptr;
    gsize size = 0;
    g_file_load_partial_contents_finish(G_FILE(source), result, &contents, &size, nullptr, error);
    const util::CPtr<char, g_free> owned(contents);
    util::guarded("read_user_file", [&] {
        if (error.is_set()) {
            reading->done(util::failure(util::ErrorCode::Io, error.text()));
        } else if (reading->is_too_large || size > reading->limit) {
            reading->done(util::failure(util::ErrorCode::TooLarge, "too large"));
        } else {
            reading->done(std::string(contents, size));
        }
    });
}

void write_done(GObject* source, GAsyncResult* result, gpointer data) {
    const std::unique_ptr<Writing> writing(static_cast<Writing*>(data));
    ErrorOut error;
    g_file_replace_contents_finish(G_FILE(source), result, nullptr, error);
    util::guarded("write_user_file", [&] { writing->done(error.text()); });
}

} // namespace

void read_user_file(GFile* file, std::size_t limit, FileRead done) {
    auto reading = std::make_unique<Reading>(Reading{limit, std::move(done)});
    g_file_load_partial_contents_async(file, nullptr, read_more, read_done, reading.release());
}

void write_user_file(GFile* file, std::string contents, FileWritten done) {
    auto writing = std::make_unique<Writing>(Writing{std::move(contents), std::move(done)});
    const std::string& kept = writing->contents;
    const char* text = kept.data();
    const gsize size = kept.size();
    g_file_replace_contents_async(
        file, text, size, nullptr, FALSE,
        static_cast<GFileCreateFlags>(G_FILE_CREATE_PRIVATE | G_FILE_CREATE_REPLACE_DESTINATION),
        nullptr, write_done, writing.release());
}

} // namespace otr_guard::ipc
