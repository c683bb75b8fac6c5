// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include <array>
#include <filesystem>
#include <string>

#include "core/identity.h"
#include "core/trust_store.h"
#include "fuzz.h"
#include "util/file.h"

namespace {

using namespace otr_guard;
namespace fs = std::filesystem;

/// In memory, and gone with the program.
class Folder {
public:
    Folder() {
        std::string name =
            fs::exists("/dev/shm") ? "/dev/shm/otr-guard-XXXXXX" : "/tmp/otr-guard-XXXXXX";
        fuzz::check(::mkdtemp(name.data()) != nullptr, "there is a folder");
        m_path = name;
    }
    ~Folder() {
        std::error_code ignored;
        fs::remove_all(m_path, ignored);
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    [[nodiscard]] const fs::path& path() const { return m_path; }

private:
    fs::path m_path;
};

/// Everything that was in the file is still somewhere in the folder.
void check_kept(const fs::path& folder, std::size_t bytes) {
    std::size_t kept = 0;
    for (const auto& entry : fs::directory_iterator(folder)) {
        kept += entry.file_size();
    }
    fuzz::check(kept >= bytes, "no file is lost");
}

} // namespace

/// The first byte chooses which file of a profile it is.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const Folder folder;
    static const bool is_ready = core::initialise_libotr().has_value();
    constexpr std::array names{"otr.private_key", "otr.instance_tags", "otr.fingerprints",
                               "otr-guard.json"};
    if (!is_ready || size == 0) {
        return 0;
    }
    for (const auto& entry : fs::directory_iterator(folder.path())) {
        fs::remove(entry.path());
    }
    const std::string_view content = fuzz::text_of(data + 1, size - 1);
    const std::size_t choice = data[0] % names.size();
    fuzz::check(util::write_file_atomically(folder.path() / names.at(choice), content).has_value(),
                "the folder can be written");
    if (choice < 2) {
        core::Identity identity(folder.path());
        static_cast<void>(identity.load());
        check_kept(folder.path(), choice == 0 ? content.size() : 0);
        return 0;
    }
    core::TrustStore store(folder.path());
    static_cast<void>(store.load());
    check_kept(folder.path(), content.size());
    const std::string text = store.fingerprints_text();
    store.mark_dirty();
    if (store.save()) {
        static_cast<void>(store.load());
        fuzz::check(store.fingerprints_text() == text, "what was written is read back");
    }
    return 0;
}
