// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
//
// How fast a file passes between two OTR Guards without a network, beside the same bytes between
// two programs on libotr alone: what encryption itself allows. Without a network every piece asks
// for the next; with one, some are on their way at a time, and keys change less often. The clock
// stands still where a pause is due, so pauses are left out; tests/soak/files_soak.py has them, and
// a server. The time is the process's on processors, with its workers'.
//
//     files_bench [-t CASE] [-- MEGABYTES]
//
// Instructions of one megabyte: what callgrind counts with 2 less what it counts with 1.
#define BOOST_TEST_MODULE files_bench
#include <boost/test/unit_test.hpp>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <string>
#include <thread>

#include "core/otrdata_frame.h"
#include "model/file_limits.h"
#include "two_party.h"

using namespace otr_guard::tests;
namespace core = otr_guard::core;
namespace limits = otr_guard::model::limits;

namespace {

std::size_t blocks() {
    const auto& suite = boost::unit_test::framework::master_test_suite();
    const int megabytes = suite.argc > 1 ? std::atoi(suite.argv[1]) : 20;
    return static_cast<std::size_t>(megabytes) * 1'000'000 / limits::file_block_bytes;
}

double processor_seconds() {
    return static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
}

void print(const char* what, double began) {
    const double seconds = processor_seconds() - began;
    const double megabytes = static_cast<double>(blocks() * limits::file_block_bytes) / 1e6;
    std::printf("%-28s %8.1f MB/s  (%.0f MB in %.2f s)\n", what, megabytes / seconds, megabytes,
                seconds);
}

/// `is_asked_for`: each piece by a message of the receiver's, after which libotr changes keys; that
/// is how OTRDATA works.
void measure_libotr(const char* what, bool is_asked_for) {
    World world;
    RawPeer alice(world, {"alice", 0});
    RawPeer bob(world, {"bob", 1});
    alice.peer().start("bob");
    world.settle();
    const std::string block(limits::file_block_bytes, 'x');
    const double began = processor_seconds();
    for (std::size_t i = 0; i < blocks(); ++i) {
        if (is_asked_for) {
            bob.peer().send_tlv("alice", core::otrdata::request_tlv_type, "the next one, please");
            world.settle();
        }
        alice.peer().send_tlv("bob", core::otrdata::response_tlv_type, block);
        world.settle();
        world.network.log.clear();
    }
    print(what, began);
}

} // namespace

BOOST_AUTO_TEST_CASE(libotr_alone) {
    measure_libotr("libotr alone, one way", false);
}

BOOST_AUTO_TEST_CASE(libotr_in_turn) {
    measure_libotr("libotr alone, piece by piece", true);
}

BOOST_FIXTURE_TEST_CASE(two_otr_guards, TwoParties) {
    make_verified();
    const TemporaryFolder home;
    const TemporaryFolder downloads;
    {
        std::ofstream file(home.path() / "file", std::ios::binary);
        const std::string block(limits::file_block_bytes, 'x');
        for (std::size_t i = 0; i < blocks(); ++i) {
            file << block;
        }
    }
    const auto state = [](Party& party, const char* peer) {
        const auto files = party.engine().files().files_of(party.peer(peer));
        return files.empty() ? core::FileState::Preparing : files.back().state;
    };
    alice.engine().files().offer(alice.peer("bob"), home.path() / "file");
    while (state(bob, "alice") != core::FileState::Asked) {
        world.advance(1ms);
    }
    bob.engine().files().accept(bob.peer("alice"), std::nullopt, downloads.path());
    const double began = processor_seconds();
    while (state(bob, "alice") != core::FileState::Done) {
        world.advance(limits::file_block_interval);
        world.network.log.clear();
        std::this_thread::sleep_for(100us); // the workers' turn
    }
    print("OTR Guard, checked and written", began);
    alice.look_away();
    bob.look_away();
}
