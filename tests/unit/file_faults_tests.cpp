// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later

// Every system call by which keys, tags and trust are written fails once, or the process is killed
// before it. The linker puts the functions below in place of the calls (see CMakeLists.txt).

#include <boost/test/unit_test.hpp>

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <filesystem>
#include <string>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/identity.h"
#include "core/key_text.h"
#include "core/trust_store.h"
#include "temporary_folder.h"
#include "util/file.h"

using namespace otr_guard;
using core::Identity;
using core::TrustStore;
using model::AccountId;
using model::PeerId;

namespace {

enum class Fault { Kill, DiskFull, DiskBroken, Interrupted };

constexpr int killed = 9;

Fault fault = Fault::Kill;
int calls_left = -1; ///< until the one that fails; negative: none does

/// Whether this call is the one. The process does not outlive it when it is to be killed.
bool strikes() {
    if (calls_left < 0 || calls_left-- > 0) {
        return false;
    }
    if (fault == Fault::Kill) {
        ::_exit(killed);
    }
    errno = fault == Fault::DiskFull ? ENOSPC : fault == Fault::DiskBroken ? EIO : EINTR;
    return true;
}

} // namespace

// NOLINTBEGIN: the linker's names
extern "C" {
int __real_mkostemp(char* name, int flags);
int __wrap_mkostemp(char* name, int flags) {
    return strikes() ? -1 : __real_mkostemp(name, flags);
}
int __real_fchmod(int file, mode_t mode);
int __wrap_fchmod(int file, mode_t mode) {
    return strikes() ? -1 : __real_fchmod(file, mode);
}
ssize_t __real_write(int file, const void* data, size_t size);
ssize_t __wrap_write(int file, const void* data, size_t size) {
    if (!strikes()) {
        return __real_write(file, data, size);
    }
    const int reason = errno;
    if (reason != EINTR) {
        static_cast<void>(__real_write(file, data, size / 2)); // what fitted in
    }
    errno = reason;
    return -1;
}
int __real_fsync(int file);
int __wrap_fsync(int file) {
    return strikes() ? -1 : __real_fsync(file);
}
int __real_close(int file);
int __wrap_close(int file) {
    const bool fails = strikes();
    const int reason = errno;
    const int result = __real_close(file);
    errno = fails ? reason : errno;
    return fails ? -1 : result;
}
int __real_rename(const char* from, const char* to);
int __wrap_rename(const char* from, const char* to) {
    return strikes() ? -1 : __real_rename(from, to);
}
int __real_unlink(const char* name);
int __wrap_unlink(const char* name) {
    return strikes() ? -1 : __real_unlink(name);
}
}
// NOLINTEND

namespace {

const AccountId alice{"alice@example.org/", "prpl-jabber"};
const AccountId added{"added@example.org/", "prpl-jabber"};
const PeerId bob{alice, "bob@example.org"};
const PeerId carol{alice, "carol@example.org"};
const auto key_of_bob = *model::Fingerprint::from_hex("00c1d2e3f4a5b6c7d8e9fa0b1c2d3e4f50617283");
const auto key_of_carol = *model::Fingerprint::from_hex("ffffffff11111111222222223333333344444444");
const core::WallTime monday{std::chrono::seconds(1777800000)};

const std::string& some_key() {
    static const std::string text(core::make_key().value().text.view());
    return text;
}

/// Writes all four files once: a key, a tag, what is known of somebody.
void change_everything(const std::filesystem::path& folder, const AccountId& account,
                       const PeerId& peer, const model::Fingerprint& key) {
    Identity identity(folder);
    static_cast<void>(identity.load());
    auto pending = identity.prepare({account, std::nullopt, util::SecretString(some_key())});
    if (pending && util::write_file_atomically(pending->path, pending->text.view())) {
        identity.commit(std::move(*pending));
    }
    static_cast<void>(identity.instance_tag_of(account));
    TrustStore trust(folder);
    static_cast<void>(trust.load());
    static_cast<void>(trust.add(peer, key, monday));
    trust.set_verified(peer, key, model::VerificationMethod::Question, monday);
    static_cast<void>(trust.save());
}

/// Only in another process: true when the call that fails was reached.
bool change_with_a_fault(const std::filesystem::path& folder, int calls_before) {
    const pid_t child = ::fork();
    BOOST_REQUIRE(child >= 0);
    if (child == 0) {
        calls_left = calls_before;
        change_everything(folder, added, carol, key_of_carol);
        ::_exit(calls_left < 0 ? 1 : 0);
    }
    int status = 0;
    BOOST_REQUIRE(::waitpid(child, &status, 0) == child);
    BOOST_REQUIRE(WIFEXITED(status));
    return WEXITSTATUS(status) != 0;
}

void check_that_nothing_is_lost(const std::filesystem::path& folder) {
    for (const char* name :
         {"otr.private_key", "otr.instance_tags", "otr.fingerprints", "otr-guard.json"}) {
        util::remove_leftovers(folder / name);
        BOOST_TEST((tests::mode_of(folder / name) & 0777U) == 0600U, name);
    }
    const auto files = std::distance(std::filesystem::directory_iterator(folder), {});
    BOOST_TEST(files == 4, "something is left over or put aside");
    Identity identity(folder);
    BOOST_TEST(identity.load().empty());
    BOOST_TEST(identity.fingerprint_of(alice).has_value());
    TrustStore trust(folder);
    BOOST_TEST(trust.load().empty());
    BOOST_TEST(trust.is_verified(bob, key_of_bob));
    const core::KnownKey* known = trust.find(bob, key_of_bob);
    BOOST_REQUIRE(known != nullptr);
    BOOST_TEST(known->verified_at.has_value());
}

} // namespace

BOOST_AUTO_TEST_SUITE(file_faults)

BOOST_AUTO_TEST_CASE(no_fault_of_any_call_loses_what_was_there) {
    BOOST_REQUIRE(core::initialise_libotr().has_value());
    const tests::TemporaryFolder place;
    std::filesystem::create_directory(place / "before");
    change_everything(place / "before", alice, bob, key_of_bob);
    for (const Fault kind : {Fault::Kill, Fault::DiskFull, Fault::DiskBroken, Fault::Interrupted}) {
        int calls = 0;
        for (bool was_reached = true; was_reached; ++calls) {
            BOOST_TEST_CONTEXT("fault " << static_cast<int>(kind) << " after " << calls) {
                std::filesystem::remove_all(place / "now");
                std::filesystem::copy(place / "before", place / "now");
                fault = kind;
                was_reached = change_with_a_fault(place / "now", calls);
                check_that_nothing_is_lost(place / "now");
            }
        }
        BOOST_TEST(calls > 20, "hardly anything was looked at");
    }
    TrustStore trust(place / "now");
    BOOST_TEST(trust.load().empty());
    BOOST_TEST(trust.is_verified(carol, key_of_carol)); // the last one met no fault
}

BOOST_AUTO_TEST_SUITE_END()
