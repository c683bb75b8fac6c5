// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include <boost/test/unit_test.hpp>
#include <rapidcheck/boost_test.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <string>
#include <sys/stat.h>
#include <thread>
#include <vector>

#include "core/otrdata_frame.h"
#include "core/wire.h"
#include "model/file_limits.h"
#include "two_party.h"

using namespace otr_guard::tests;
namespace core = otr_guard::core;
namespace limits = otr_guard::model::limits;
namespace otrdata = otr_guard::core::otrdata;
using core::FileState;

BOOST_TEST_DONT_PRINT_LOG_VALUE(FileState)

namespace {

/// No two blocks are the same.
std::string content_of_size(std::size_t size) {
    std::string content(size, '\0');
    unsigned value = 12345;
    for (char& c : content) {
        value = value * 1103515245U + 12345U;
        c = static_cast<char>(value >> 16U);
    }
    return content;
}

std::string content_of(const std::filesystem::path& path) {
    std::ifstream stream(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

Lines names_in(const std::filesystem::path& folder) {
    Lines names;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
        names.push_back(entry.path().filename().string());
    }
    std::ranges::sort(names);
    return names;
}

void run_until(World& world, const std::function<bool()>& condition) {
    const auto deadline = std::chrono::steady_clock::now() + 20s;
    while (!condition()) {
        if (std::chrono::steady_clock::now() > deadline) {
            BOOST_FAIL("waited in vain");
        }
        world.advance(5ms);
        std::this_thread::yield();
    }
}

/// What one side sees of its only file with somebody.
core::FileStatus file_of(Party& party, const std::string& peer) {
    const auto files = party.engine().files().files_of(party.peer(peer));
    BOOST_REQUIRE(!files.empty());
    return files.back();
}

bool has_file(Party& party, const std::string& peer, FileState state) {
    const auto files = party.engine().files().files_of(party.peer(peer));
    return !files.empty() && files.back().state == state;
}

/// Verified people, a file of alice's and a folder of bob's.
struct Sharing : TwoParties {
    TemporaryFolder home;
    TemporaryFolder downloads;

    Sharing() { make_verified(); }
    ~Sharing() { look_away(); }

    void look_away() {
        alice.look_away();
        bob.look_away();
    }
    std::filesystem::path make_file(const std::string& name, std::size_t size) const {
        std::ofstream(home.path() / name, std::ios::binary) << content_of_size(size);
        return home.path() / name;
    }
    void offer(const std::string& name, std::size_t size) {
        alice.engine().files().offer(alice.peer("bob"), make_file(name, size));
        run_until(world, [this] { return has_file(bob, "alice", FileState::Asked); });
    }
    void accept() {
        bob.engine().files().accept(bob.peer("alice"), std::nullopt, downloads.path());
    }
    void finish() {
        run_until(world, [this] {
            return has_file(bob, "alice", FileState::Done) &&
                   has_file(alice, "bob", FileState::Done);
        });
    }
    /// Something has come, and not everything.
    void run_into_the_middle() {
        run_until(world, [this] { return file_of(bob, "alice").done > 0; });
        BOOST_REQUIRE(has_file(bob, "alice", FileState::Running));
    }
};

/// Somebody verified whose program sends what it likes.
struct Hostile : AliceAndRaw {
    TemporaryFolder downloads;
    int last_id = 0;

    Hostile() {
        make_private();
        alice.session("bob").trust(*alice.status("bob").their_key);
        alice.look_away();
    }
    ~Hostile() { alice.look_away(); }

    void request(const std::string& record) {
        bob.peer().send_tlv("alice", otrdata::request_tlv_type, record);
        world.settle();
    }
    void offer(const std::string& name, const std::string& content, std::uint64_t length,
               const std::string& sha1) {
        static_cast<void>(content);
        request(otrdata::write(otrdata::Offer{.url = url(name),
                                              .request_id = std::to_string(++last_id),
                                              .length = length,
                                              .sha1 = sha1,
                                              .sha256 = std::nullopt,
                                              .name = name,
                                              .media_type = "",
                                              .is_from_guard = false}));
    }
    static std::string url(const std::string& name) { return otrdata::make_url("1", name); }
    void accept() {
        alice.engine().files().accept(alice.peer("bob"), std::nullopt, downloads.path());
    }
    /// Values of the records that alice has sent, in order.
    [[nodiscard]] Lines records(unsigned short type) const {
        Lines values;
        for (const auto& event : bob.events("tlv")) {
            if (event["type"] != type) {
                continue;
            }
            const std::string hex = event["hex"];
            std::string value;
            for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
                value += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
            }
            values.push_back(value);
        }
        return values;
    }
    otrdata::Get next_get(std::size_t index) {
        run_until(world, [&] { return records(otrdata::request_tlv_type).size() > index; });
        return std::get<otrdata::Get>(
            otrdata::read_request(records(otrdata::request_tlv_type)[index]).value());
    }
    void answer(const otrdata::Get& get, const std::string& body, unsigned status = 200) {
        bob.peer().send_tlv(
            "alice", otrdata::response_tlv_type,
            otrdata::write(otrdata::Answer{status, "OK", get.request_id, body, false}));
        world.settle();
    }
    /// Answered wholly; alice has heard nothing yet of what her worker says about it.
    void answer_and_check(const otrdata::Get& get, const std::string& body) {
        bob.peer().send_tlv(
            "alice", otrdata::response_tlv_type,
            otrdata::write(otrdata::Answer{200, "OK", get.request_id, body, false}));
        const auto deadline = std::chrono::steady_clock::now() + 20s;
        while (!has_file(alice, "bob", FileState::Checking)) {
            BOOST_REQUIRE(std::chrono::steady_clock::now() < deadline);
            if (!world.network.deliver_one() && !alice.host.run_posted()) {
                std::this_thread::yield();
            }
        }
    }
    std::string last_reason() {
        const Lines answers = records(otrdata::response_tlv_type);
        return answers.empty() ? "" : otrdata::read_answer(answers.back())->reason;
    }
    /// The word in the notice that the file was stopped.
    std::string stopped() {
        run_until(world, [this] { return has_file(alice, "bob", FileState::Stopped); });
        const std::string reason = alice.take(NoticeKind::FileStopped).arguments.at(2);
        // The worker takes the temporary file away.
        run_until(world, [this] { return names_in(downloads.path()).empty(); });
        return reason;
    }
};

const std::string sha1_of_abc = "a9993e364706816aba3e25717850c26c9cd0d89d";

} // namespace

BOOST_AUTO_TEST_SUITE(engine_files_tests)

// --- Two OTR Guards ----------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(files_of_all_sizes_arrive_as_they_were) {
    for (const std::size_t size : {0U, 1U, 16383U, 16384U, 16385U, 100'000U}) {
        BOOST_TEST_CONTEXT(size << " bytes") {
            Sharing pair;
            pair.offer("report.pdf", size);
            const auto offered = pair.bob.take(NoticeKind::FileOffered).arguments;
            BOOST_TEST(offered == (Lines{"1", "report.pdf", std::to_string(size), "application/pdf",
                                         "", "verified"}),
                       boost::test_tools::per_element());
            BOOST_TEST(names_in(pair.downloads.path()) == Lines{});
            pair.accept();
            pair.finish();
            BOOST_TEST(names_in(pair.downloads.path()) == Lines{"report.pdf"});
            BOOST_TEST((content_of(pair.downloads.path() / "report.pdf") == content_of_size(size)));
            struct stat status {};
            BOOST_REQUIRE(::stat((pair.downloads.path() / "report.pdf").c_str(), &status) == 0);
            BOOST_TEST((status.st_mode & 07777U) == 0600U);
            BOOST_TEST(pair.alice.take(NoticeKind::FileSent).arguments.at(2) == "checked");
            BOOST_TEST(pair.bob.take(NoticeKind::FileReceived).arguments.at(2) ==
                       (pair.downloads.path() / "report.pdf").string());
            BOOST_TEST(!pair.world.was_on_the_wire("report"));
        }
    }
}

BOOST_FIXTURE_TEST_CASE(progress_is_told_in_quarters, Sharing) {
    offer("large.bin", 2U << 20);
    accept();
    finish();
    Lines quarters;
    for (const auto& told : bob.host.told) {
        if (told.notice.kind == NoticeKind::FileProgress) {
            quarters.push_back(told.notice.arguments.at(2));
        }
    }
    BOOST_TEST(quarters == (Lines{"25", "50", "75"}), boost::test_tools::per_element());
    BOOST_TEST(alice.told() == "FileOfferSent FileStarted FileProgress FileProgress FileProgress "
                               "FileSent");
}

BOOST_FIXTURE_TEST_CASE(text_passes_between_the_pieces, Sharing) {
    offer("large.bin", 1U << 20);
    accept();
    run_into_the_middle();
    BOOST_TEST((alice.type("bob", "one") == core::Outgoing::Action::SendReplacement));
    BOOST_TEST((bob.type("alice", "two") == core::Outgoing::Action::SendReplacement));
    world.settle();
    BOOST_TEST(bob.shown() == Lines{"private: one"});
    BOOST_TEST(alice.shown() == Lines{"private: two"});
    BOOST_TEST(has_file(bob, "alice", FileState::Running));
    finish();
    world.advance(2min);
    BOOST_TEST(bob.shown() == Lines{});
    const std::string told = alice.told() + bob.told();
    BOOST_TEST(told.find("Unread") == std::string::npos);
    BOOST_TEST(told.find("Resent") == std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(a_name_that_is_taken_stays_what_it_was, Sharing) {
    std::ofstream(downloads.path() / "a.txt") << "mine";
    offer("a.txt", 10);
    accept();
    finish();
    BOOST_TEST(content_of(downloads.path() / "a.txt") == "mine");
    BOOST_TEST((content_of(downloads.path() / "a (2).txt") == content_of_size(10)));
}

BOOST_FIXTURE_TEST_CASE(what_is_declined_leaves_nothing_and_is_said, Sharing) {
    offer("a.txt", 100);
    bob.engine().files().cancel(bob.peer("alice"), std::nullopt);
    world.settle();
    BOOST_TEST(bob.take(NoticeKind::FileStopped).arguments.at(2) == "declined");
    BOOST_TEST(alice.take(NoticeKind::FileStopped).arguments.at(2) == "declined");
    BOOST_TEST(names_in(downloads.path()) == Lines{});
}

BOOST_AUTO_TEST_CASE(both_sides_can_cancel_in_the_middle) {
    for (const bool by_sender : {true, false}) {
        BOOST_TEST_CONTEXT((by_sender ? "sender" : "receiver")) {
            Sharing pair;
            pair.offer("large.bin", 4U << 20);
            pair.accept();
            pair.run_into_the_middle();
            Party& first = by_sender ? pair.alice : pair.bob;
            Party& other = by_sender ? pair.bob : pair.alice;
            first.engine().files().cancel(first.peer(by_sender ? "bob" : "alice"), std::nullopt);
            pair.world.advance(1s);
            BOOST_TEST(first.take(NoticeKind::FileStopped).arguments.at(2) == "cancelled");
            BOOST_TEST(other.take(NoticeKind::FileStopped).arguments.at(2) == "by-peer");
            run_until(pair.world, [&] { return names_in(pair.downloads.path()).empty(); });
            const std::size_t before = pair.world.network.log.size();
            pair.world.advance(10s);
            BOOST_TEST(pair.world.network.log.size() == before);
        }
    }
}

BOOST_AUTO_TEST_CASE(a_sender_who_leaves_takes_the_offer_back) {
    Sharing pair;
    pair.offer("a.txt", 100);
    pair.alice.engine().shut_down();
    pair.world.settle();
    BOOST_TEST(pair.bob.take(NoticeKind::FileStopped).arguments.at(2) == "by-peer");
}

BOOST_FIXTURE_TEST_CASE(a_file_that_changes_meanwhile_is_stopped, Sharing) {
    offer("a.txt", 100);
    std::ofstream(home.path() / "a.txt", std::ios::app) << "more";
    accept();
    run_until(world, [this] { return has_file(bob, "alice", FileState::Stopped); });
    BOOST_TEST(alice.take(NoticeKind::FileStopped).arguments.at(2) == "changed");
    BOOST_TEST(bob.take(NoticeKind::FileStopped).arguments.at(2) == "by-peer");
    run_until(world, [this] { return names_in(downloads.path()).empty(); });
}

// --- Who may -----------------------------------------------------------------------------------

BOOST_FIXTURE_TEST_CASE(files_need_a_private_conversation, TwoParties) {
    alice.engine().files().offer(alice.peer("bob"), "/etc/hostname");
    BOOST_TEST(alice.take(NoticeKind::FileRefused).arguments == Lines{"not-private"});
    BOOST_TEST(world.network.log.empty());
}

BOOST_FIXTURE_TEST_CASE(files_go_to_verified_people, TwoParties) {
    make_private();
    alice.engine().files().offer(alice.peer("bob"), "/etc/hostname");
    BOOST_TEST(alice.take(NoticeKind::FileRefused).arguments == Lines{"not-verified"});
    BOOST_TEST(alice.engine().files().all().empty());
}

BOOST_FIXTURE_TEST_CASE(files_come_from_verified_people, TwoParties) {
    make_private();
    alice.host.files_of_unverified = true;
    alice.engine().files().offer(alice.peer("bob"), "/etc/hostname");
    run_until(world, [this] { return has_file(alice, "bob", FileState::Stopped); });
    BOOST_TEST(bob.take(NoticeKind::FileOfferRefused).arguments ==
                   (Lines{"hostname", "not-verified"}),
               boost::test_tools::per_element());
    BOOST_TEST(alice.take(NoticeKind::FileStopped).arguments.at(2) == "by-peer");
    BOOST_TEST(bob.engine().files().all().empty());
    alice.look_away();
}

BOOST_FIXTURE_TEST_CASE(unverified_people_can_be_allowed, TwoParties) {
    make_private();
    alice.host.files_of_unverified = true;
    bob.host.files_of_unverified = true;
    alice.engine().files().offer(alice.peer("bob"), "/etc/hostname");
    run_until(world, [this] { return has_file(bob, "alice", FileState::Asked); });
    BOOST_TEST(bob.take(NoticeKind::FileOffered).arguments.at(5) == "unverified");
    alice.look_away();
}

BOOST_FIXTURE_TEST_CASE(short_messages_carry_no_files, Sharing) {
    alice.host.max_size = 400;
    alice.engine().files().offer(alice.peer("bob"), make_file("a", 1));
    BOOST_TEST(alice.take(NoticeKind::FileRefused).arguments == Lines{"short-messages"});
    alice.host.max_size = 0;
    bob.host.max_size = 400;
    alice.engine().files().offer(alice.peer("bob"), make_file("a", 1));
    run_until(world, [this] { return has_file(alice, "bob", FileState::Stopped); });
    BOOST_TEST(bob.take(NoticeKind::FileOfferRefused).arguments.at(1) == "short-messages");
}

BOOST_FIXTURE_TEST_CASE(what_is_no_file_is_said, Sharing) {
    alice.engine().files().offer(alice.peer("bob"), home.path());
    run_until(world, [this] { return has_file(alice, "bob", FileState::Stopped); });
    BOOST_TEST(alice.take(NoticeKind::FileStopped).arguments.at(2) == "no-file");
    bob.engine().files().accept(bob.peer("alice"), 77, downloads.path());
    BOOST_TEST(bob.take(NoticeKind::FileRefused).arguments == Lines{"nothing"});
}

// --- Interruptions -----------------------------------------------------------------------------

BOOST_FIXTURE_TEST_CASE(it_goes_on_after_new_keys, Sharing) {
    offer("large.bin", 1U << 20);
    accept();
    run_into_the_middle();
    alice.session("bob").start();
    finish();
    BOOST_TEST((content_of(downloads.path() / "large.bin") == content_of_size(1U << 20)));
}

BOOST_AUTO_TEST_CASE(it_goes_on_when_an_account_was_away) {
    for (const bool is_sender : {true, false}) {
        BOOST_TEST_CONTEXT((is_sender ? "sender" : "receiver")) {
            Sharing pair;
            pair.offer("large.bin", 1U << 20);
            pair.accept();
            pair.run_into_the_middle();
            Party& away = is_sender ? pair.alice : pair.bob;
            const std::string other = is_sender ? "bob" : "alice";
            away.engine().account_leaving(away.account());
            away.host.connected = false;
            pair.world.advance(2min);
            BOOST_TEST(file_of(pair.bob, "alice").is_interrupted);
            BOOST_TEST(file_of(pair.alice, "bob").is_interrupted);
            const std::uint64_t before = file_of(pair.bob, "alice").done;
            BOOST_TEST(before < (1U << 20));
            away.host.connected = true;
            away.engine().peer_online(away.peer(other));
            pair.finish();
            BOOST_TEST(
                (content_of(pair.downloads.path() / "large.bin") == content_of_size(1U << 20)));
        }
    }
}

BOOST_FIXTURE_TEST_CASE(another_key_gets_nothing_of_it, Sharing) {
    offer("large.bin", 1U << 20);
    accept();
    run_into_the_middle();
    bob.restart_with_key(2);
    alice.session("bob").start();
    world.advance(1min);
    BOOST_TEST(file_of(alice, "bob").is_interrupted);
    const std::uint64_t before = file_of(alice, "bob").done;
    alice.session("bob").trust(bob.key());
    world.advance(1min);
    BOOST_TEST(file_of(alice, "bob").is_interrupted);
    BOOST_TEST(file_of(alice, "bob").done == before);
    BOOST_TEST(bob.engine().files().all().empty());
}

BOOST_FIXTURE_TEST_CASE(what_nobody_takes_is_given_up, Sharing) {
    offer("a.txt", 100);
    world.advance(25h);
    BOOST_TEST(has_file(alice, "bob", FileState::Stopped));
    BOOST_TEST(has_file(bob, "alice", FileState::Stopped));
    BOOST_TEST(alice.host.timers() == 0U);
}

BOOST_AUTO_TEST_CASE(files_that_are_over_leave_room_for_others) {
    World world;
    Party alice(world, {{"alice", 0}});
    alice.host.files_of_unverified = true;
    TemporaryFolder home;
    std::ofstream(home.path() / "a.txt") << "a";
    std::vector<std::unique_ptr<Party>> others;
    for (std::size_t count = 0; count <= limits::files_total / limits::files_per_peer; ++count) {
        const std::string name = "other" + std::to_string(count);
        others.push_back(std::make_unique<Party>(world, std::vector<Owner>{{name, 1}}));
        alice.session(name).start();
        world.settle();
        for (std::size_t file = 0; file < limits::files_per_peer; ++file) {
            alice.engine().files().offer(alice.peer(name), home.path() / "a.txt", nullptr);
            alice.engine().files().cancel(alice.peer(name), std::nullopt);
        }
        BOOST_TEST(!alice.engine().files().refusal(alice.peer(name)).has_value());
        world.settle();
        others.back()->look_away();
    }
    alice.look_away();
    BOOST_TEST(alice.engine().files().all().size() <= limits::files_total);
}

RC_BOOST_PROP(a_network_that_loses_messages_changes_nothing_of_a_file, ()) {
    Sharing pair;
    const auto size = *rc::gen::inRange<std::size_t>(1, 200'000);
    pair.offer("a.bin", size);
    pair.accept();
    const auto lost = *rc::gen::container<std::vector<bool>>(
        40, rc::gen::map(rc::gen::inRange(0, 5), [](int number) { return number == 0; }));
    std::size_t index = 0;
    pair.world.network.passes = [&](const Packet& packet) {
        return !core::is_data_message(packet.text) || index >= lost.size() || !lost[index++];
    };
    // In case the offer's consent or the end is what got lost, that side alone does not know it.
    const auto is_received = [&] { return has_file(pair.bob, "alice", FileState::Done); };
    constexpr int most_minutes = 1000; // before the file is given up
    for (int minutes = 0; minutes < most_minutes && !is_received(); ++minutes) {
        for (int i = 0; i < 40 && !is_received(); ++i) {
            pair.world.advance(5ms);
            std::this_thread::yield();
        }
        std::this_thread::sleep_for(1ms); // the disk is a real one, the clock is not
        pair.world.advance(1min);
    }
    RC_ASSERT(is_received());
    RC_ASSERT(content_of(pair.downloads.path() / "a.bin") == content_of_size(size));
}

// --- Programs that know no such files ----------------------------------------------------------

BOOST_FIXTURE_TEST_CASE(a_program_that_does_not_react_is_named, Hostile) {
    alice.engine().files().offer(alice.peer("bob"), "/etc/hostname");
    run_until(world, [this] { return has_file(alice, "bob", FileState::Offered); });
    alice.take(NoticeKind::FileOfferSent);
    world.advance(20s);
    BOOST_TEST(alice.told() == "");
    world.advance(1min);
    BOOST_TEST(alice.told() == "FileNoAnswer");
}

// --- Hostile ones ------------------------------------------------------------------------------

BOOST_FIXTURE_TEST_CASE(a_file_of_another_program_arrives, Hostile) {
    offer("abc.txt", "abc", 3, sha1_of_abc);
    BOOST_TEST(last_reason() == "OK");
    BOOST_TEST(records(otrdata::request_tlv_type).empty());
    accept();
    answer(next_get(0), "abc");
    run_until(world, [this] { return has_file(alice, "bob", FileState::Done); });
    BOOST_TEST(content_of(downloads.path() / "abc.txt") == "abc");
    BOOST_TEST(records(otrdata::request_tlv_type).size() == 1U); // no words that it does not know
}

BOOST_FIXTURE_TEST_CASE(a_wrong_hash_leaves_nothing, Hostile) {
    offer("abc.txt", "abc", 3, sha1_of_abc);
    accept();
    answer(next_get(0), "abd");
    BOOST_TEST(stopped() == "hash");
}

BOOST_FIXTURE_TEST_CASE(a_file_that_is_being_checked_can_be_cancelled, Hostile) {
    offer("abc.txt", "abc", 3, sha1_of_abc);
    accept();
    answer_and_check(next_get(0), "abc");
    alice.engine().files().cancel(alice.peer("bob"), std::nullopt);
    BOOST_TEST(stopped() == "cancelled");
    world.advance(1s);
    BOOST_TEST(has_file(alice, "bob", FileState::Stopped));
    BOOST_TEST(names_in(downloads.path()) == Lines{});
}

BOOST_FIXTURE_TEST_CASE(quitting_tells_of_a_file_that_is_being_checked, Hostile) {
    offer("abc.txt", "abc", 3, sha1_of_abc);
    accept();
    answer_and_check(next_get(0), "abc");
    alice.take(NoticeKind::FileStarted);
    alice.engine().files().shut_down();
    BOOST_TEST(stopped() == "cancelled");
}

BOOST_FIXTURE_TEST_CASE(a_file_that_has_its_name_already_is_not_denied, Hostile) {
    offer("abc.txt", "abc", 3, sha1_of_abc);
    accept();
    answer_and_check(next_get(0), "abc");
    const auto deadline = std::chrono::steady_clock::now() + 20s;
    while (!alice.host.run_posted()) { // the hashes are right
        BOOST_REQUIRE(std::chrono::steady_clock::now() < deadline);
        std::this_thread::yield();
    }
    while (names_in(downloads.path()) != Lines{"abc.txt"}) {
        BOOST_REQUIRE(std::chrono::steady_clock::now() < deadline);
        std::this_thread::yield();
    }
    alice.engine().files().cancel(alice.peer("bob"), std::nullopt);
    run_until(world, [this] { return has_file(alice, "bob", FileState::Done); });
    BOOST_TEST(file_of(alice, "bob").path == downloads.path() / "abc.txt");
    BOOST_TEST(content_of(downloads.path() / "abc.txt") == "abc");
}

BOOST_FIXTURE_TEST_CASE(more_than_was_asked_for_is_refused, Hostile) {
    offer("abc.txt", "abc", 3, sha1_of_abc);
    accept();
    answer(next_get(0), "abcd");
    BOOST_TEST(stopped() == "range");
}

BOOST_FIXTURE_TEST_CASE(less_than_was_asked_for_is_asked_for_again, Hostile) {
    offer("abc.txt", "abc", 3, sha1_of_abc);
    accept();
    for (std::size_t i = 0; i <= limits::file_block_retries; ++i) {
        BOOST_TEST(next_get(i).end == 2U);
        answer(next_get(i), "ab");
    }
    BOOST_TEST(stopped() == "range");
}

BOOST_FIXTURE_TEST_CASE(an_error_stops_it, Hostile) {
    offer("abc.txt", "abc", 3, sha1_of_abc);
    accept();
    answer(next_get(0), "", 500);
    BOOST_TEST(stopped() == "by-peer");
}

BOOST_FIXTURE_TEST_CASE(answers_that_nobody_asked_for_are_dropped, Hostile) {
    offer("abc.txt", "abc", 3, sha1_of_abc);
    accept();
    const otrdata::Get get = next_get(0);
    otrdata::Get forged = get;
    forged.request_id = "another";
    answer(forged, "abc");
    answer(get, "abc");
    answer(get, "xyz");
    run_until(world, [this] { return has_file(alice, "bob", FileState::Done); });
    BOOST_TEST(content_of(downloads.path() / "abc.txt") == "abc");
}

BOOST_FIXTURE_TEST_CASE(names_stay_in_the_folder, Hostile) {
    std::filesystem::create_directory(downloads.path() / "inner");
    int number = 0;
    for (const char* name :
         {"../outside.txt", "/tmp/outside.txt", "..", "..\\outside.txt", "a/../../b"}) {
        offer(name, "abc", 3, sha1_of_abc);
        alice.engine().files().accept(alice.peer("bob"), std::nullopt, downloads.path() / "inner");
        answer(next_get(static_cast<std::size_t>(number++)), "abc");
        run_until(world, [this] { return has_file(alice, "bob", FileState::Done); });
        BOOST_TEST(file_of(alice, "bob").path.parent_path() == downloads.path() / "inner");
    }
    BOOST_TEST(names_in(downloads.path()) == (Lines{"b", "file", "inner", "outside (2).txt",
                                                    "outside (3).txt", "outside.txt"}),
               boost::test_tools::per_element());
}

BOOST_FIXTURE_TEST_CASE(only_what_was_offered_is_handed_out, Hostile) {
    TemporaryFolder home;
    std::ofstream(home.path() / "a.txt") << content_of_size(20'000);
    alice.engine().files().offer(alice.peer("bob"), home.path() / "a.txt");
    run_until(world, [this] { return !records(otrdata::request_tlv_type).empty(); });
    const auto offer = std::get<otrdata::Offer>(
        otrdata::read_request(records(otrdata::request_tlv_type).front()).value());
    const auto ask = [this](const std::string& url, std::uint64_t start, std::uint64_t end) {
        const std::size_t before = records(otrdata::response_tlv_type).size();
        request(otrdata::write(otrdata::Get{url, std::to_string(++last_id), start, end, false}));
        run_until(world, [&] { return records(otrdata::response_tlv_type).size() > before; });
        return records(otrdata::response_tlv_type).back();
    };
    const auto reason = [&](const std::string& url, std::uint64_t start, std::uint64_t end) {
        return otrdata::read_answer(ask(url, start, end))->reason;
    };
    BOOST_TEST(reason("otr-in-band:/etc/passwd", 0, 5) == "No such offer made");
    BOOST_TEST(reason("otr-in-band:" + (home.path() / "a.txt").string(), 0, 5) ==
               "No such offer made");
    BOOST_TEST(reason(offer.url, 0, 20'000) == "Invalid Range");
    BOOST_TEST(reason(offer.url, 20'000, 20'000) == "Invalid Range");
    BOOST_TEST(reason(offer.url, 0, 16'385) == "Invalid Range");
    const std::string last = ask(offer.url, 19'990, 19'999);
    BOOST_TEST((otrdata::read_answer(last)->body == content_of_size(20'000).substr(19'990)));
    const std::string whole = ask(offer.url, 0, 16'384); // ChatSecure for iOS counts so
    BOOST_TEST(otrdata::read_answer(whole)->body.size() == 16'385U);
    alice.engine().files().cancel(alice.peer("bob"), std::nullopt);
    BOOST_TEST(reason(offer.url, 0, 5) == "No such offer made");
}

BOOST_FIXTURE_TEST_CASE(a_file_of_ours_is_sent_to_another_program, Hostile) {
    TemporaryFolder home;
    std::ofstream(home.path() / "a.txt") << "abc";
    alice.engine().files().offer(alice.peer("bob"), home.path() / "a.txt");
    run_until(world, [this] { return !records(otrdata::request_tlv_type).empty(); });
    const auto offer = std::get<otrdata::Offer>(
        otrdata::read_request(records(otrdata::request_tlv_type).front()).value());
    BOOST_TEST(offer.sha1 == sha1_of_abc);
    for (int i = 0; i < 2; ++i) { // the second time, it is over for us
        request(otrdata::write(otrdata::Get{offer.url, std::to_string(i), 0, 2, false}));
        run_until(world, [&] {
            return records(otrdata::response_tlv_type).size() > static_cast<std::size_t>(i);
        });
        BOOST_TEST(otrdata::read_answer(records(otrdata::response_tlv_type).back())->body == "abc");
    }
    BOOST_TEST(alice.take(NoticeKind::FileSent).arguments.at(2) == "sent");
}

BOOST_FIXTURE_TEST_CASE(ten_thousand_offers_cost_little, Hostile) {
    for (int i = 0; i < 10'000; ++i) {
        offer("file " + std::to_string(i), "abc", 3, sha1_of_abc);
    }
    BOOST_TEST(alice.engine().files().all().size() == limits::files_per_peer);
    std::map<NoticeKind, int> told;
    for (const auto& line : alice.host.told) {
        ++told[line.notice.kind];
    }
    BOOST_TEST(told[NoticeKind::FileOffered] == static_cast<int>(limits::files_per_peer));
    BOOST_TEST(told[NoticeKind::FileOfferRefused] == 1);
    BOOST_TEST(names_in(downloads.path()) == Lines{});
    BOOST_TEST(records(otrdata::response_tlv_type).size() < 100U);
}

BOOST_FIXTURE_TEST_CASE(offers_and_second_thoughts_are_limited_too, Hostile) {
    for (int i = 0; i < 1000; ++i) {
        const std::string name = "file " + std::to_string(i);
        offer(name, "abc", 3, sha1_of_abc);
        request(otrdata::write(
            otrdata::Note{otrdata::Word::Cancel, url(name), std::to_string(++last_id)}));
    }
    const auto offers = std::ranges::count(alice.host.told, NoticeKind::FileOffered,
                                           [](const auto& told) { return told.notice.kind; });
    BOOST_TEST(offers == static_cast<long>(limits::file_offers_per_minute));
    BOOST_TEST(alice.engine().files().all().size() <= limits::files_per_peer);
}

BOOST_FIXTURE_TEST_CASE(one_address_is_one_file, Hostile) {
    offer("a.txt", "abc", 3, sha1_of_abc);
    offer("a.txt", "abc", 3, sha1_of_abc);
    BOOST_TEST(last_reason() == "OK");
    offer("a.txt", "abc", 4, sha1_of_abc);
    BOOST_TEST(last_reason() == "Another file was offered");
    BOOST_TEST(alice.engine().files().all().size() == 1U);
}

BOOST_FIXTURE_TEST_CASE(a_file_beyond_all_limits_is_refused, Hostile) {
    offer("a.txt", "", limits::file_bytes + 1, sha1_of_abc);
    BOOST_TEST(alice.take(NoticeKind::FileOfferRefused).arguments.at(1) == "too-large");
    BOOST_TEST(alice.engine().files().all().empty());
}

BOOST_AUTO_TEST_SUITE_END()
