// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
//
// Our side of a run against the steps as libotr takes them.

#include <algorithm>
#include <array>
#include <deque>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "core/identity.h"
#include "core/libotr.h"
#include "core/smp_run.h"
#include "model/limits.h"

using namespace otr_guard;
using core::SmpRun;
using core::Verification;
using core::Worker;
using util::SecretString;
using Event = Verification::Event;
using Record = std::pair<unsigned short, std::string>;
namespace limits = model::limits;

namespace {

const model::Fingerprint our_key =
    *model::Fingerprint::from_hex("0102030405060708090a0b0c0d0e0f1011121314");
const model::Fingerprint their_key =
    *model::Fingerprint::from_hex("aabbccddeeff00112233445566778899aabbccdd");
const std::string session_id("\x00\x11\x22\x33\x44\x55\x66\x77", 8);
const SmpRun::Parties ours{our_key, their_key, session_id};

std::string name_of(Event event) {
    constexpr std::array names{"question", "secret", "progress",     "success",
                               "failure",  "abort",  "out of order", "violation"};
    return names.at(static_cast<std::size_t>(event));
}

std::string hash(const std::string& input) {
    std::string digest(SM_DIGEST_SIZE, '\0');
    gcry_md_hash_buffer(GCRY_MD_SHA256, digest.data(), input.data(), input.size());
    return digest;
}

/// As in the protocol's text, where the asker comes first.
std::string combined(const model::Fingerprint& asker, const model::Fingerprint& answerer,
                     const std::string& typed) {
    const auto text = [](const model::Fingerprint& key) {
        return std::string(key.bytes().begin(), key.bytes().end());
    };
    return hash("\x01" + text(asker) + text(answerer) + session_id + typed);
}

/// The other side: libotr's steps, and nothing of ours.
class Libotr {
public:
    Libotr() { otrl_sm_state_new(&m_state); }
    ~Libotr() { otrl_sm_state_free(&m_state); }
    Libotr(const Libotr&) = delete;
    Libotr& operator=(const Libotr&) = delete;

    std::string ask(const std::string& typed) {
        const std::string secret = combined(their_key, our_key, typed);
        return reply([&](unsigned char** output, int* length) {
            otrl_sm_step1(&m_state, bytes(secret), SM_DIGEST_SIZE, output, length);
        });
    }
    std::string answer(const std::string& first, const std::string& typed) {
        otrl_sm_step2a(&m_state, bytes(first), static_cast<int>(first.size()), 0);
        BOOST_REQUIRE(!has_seen_a_lie());
        const std::string secret = combined(our_key, their_key, typed);
        return reply([&](unsigned char** output, int* length) {
            otrl_sm_step2b(&m_state, bytes(secret), SM_DIGEST_SIZE, output, length);
        });
    }
    std::string compare(const std::string& second) {
        return reply([&](unsigned char** output, int* length) {
            otrl_sm_step3(&m_state, bytes(second), static_cast<int>(second.size()), output, length);
        });
    }
    std::string conclude(const std::string& third) {
        return reply([&](unsigned char** output, int* length) {
            otrl_sm_step4(&m_state, bytes(third), static_cast<int>(third.size()), output, length);
        });
    }
    void finish(const std::string& fourth) {
        otrl_sm_step5(&m_state, bytes(fourth), static_cast<int>(fourth.size()));
    }
    [[nodiscard]] bool has_succeeded() const {
        return m_state.sm_prog_state == OTRL_SMP_PROG_SUCCEEDED;
    }
    [[nodiscard]] bool has_failed() const { return m_state.sm_prog_state == OTRL_SMP_PROG_FAILED; }
    [[nodiscard]] bool has_seen_a_lie() const {
        return m_state.sm_prog_state == OTRL_SMP_PROG_CHEATED;
    }

private:
    static const unsigned char* bytes(const std::string& text) {
        return reinterpret_cast<const unsigned char*>(text.data());
    }
    static std::string reply(const std::function<void(unsigned char**, int*)>& step) {
        unsigned char* output = nullptr;
        int length = 0;
        step(&output, &length);
        const util::MallocPtr<unsigned char> owned(output);
        return {reinterpret_cast<const char*>(output), static_cast<std::size_t>(length)};
    }
    OtrlSMState m_state{};
};

struct Fixture {
    Fixture() { BOOST_REQUIRE(core::initialise_libotr().has_value()); }

    std::unique_ptr<SmpRun> make_run() {
        return std::make_unique<SmpRun>(
            *worker, SmpRun::Hooks{
                         .post =
                             [this](std::function<void()> action) {
                                 const std::scoped_lock lock(mutex);
                                 posted.push_back(std::move(action));
                                 posters.insert(std::this_thread::get_id());
                             },
                         .send = [this](unsigned short type,
                                        std::string_view value) { sent.emplace_back(type, value); },
                         .happened =
                             [this](Event event, const std::string& text) {
                                 events.push_back(name_of(event));
                                 question = text;
                                 if (ends_run) {
                                     run.reset();
                                 }
                             },
                     });
    }
    void run_posted() {
        for (;;) {
            std::function<void()> action;
            {
                const std::scoped_lock lock(mutex);
                if (posted.empty()) {
                    return;
                }
                action = std::move(posted.front());
                posted.pop_front();
            }
            action();
        }
    }
    void settle() {
        bool has_more = true;
        while (has_more) {
            BOOST_REQUIRE(worker->drain());
            const std::size_t before = events.size() + sent.size();
            run_posted();
            has_more = events.size() + sent.size() > before;
        }
    }
    void take(unsigned short type, const std::string& value) {
        run->take(type, value);
        settle();
    }
    /// What was sent since the last call; must be one record of this type.
    std::string reply(unsigned short type) {
        BOOST_REQUIRE(sent.size() == 1U);
        const Record record = std::exchange(sent, {}).front();
        BOOST_REQUIRE(record.first == type);
        return record.second;
    }
    std::string told() {
        std::string all;
        for (const std::string& event : std::exchange(events, {})) {
            all += (all.empty() ? "" : ", ") + event;
        }
        return all;
    }
    std::string ask(const std::string& typed) {
        run = make_run();
        run->ask(ours, std::nullopt, SecretString(typed));
        settle();
        return reply(OTRL_TLV_SMP1);
    }
    void be_asked(const std::string& first) {
        run = make_run();
        take(OTRL_TLV_SMP1, first);
        BOOST_REQUIRE(told() == "secret");
    }
    std::string answer(const std::string& typed) {
        run->answer(ours, SecretString(typed));
        settle();
        return reply(OTRL_TLV_SMP2);
    }

    std::mutex mutex;
    std::deque<std::function<void()>> posted;
    std::set<std::thread::id> posters;
    std::unique_ptr<Worker> worker = std::make_unique<Worker>(); // which posts until it ends
    std::vector<Record> sent;
    std::vector<std::string> events;
    std::string question;
    bool ends_run = false;
    std::unique_ptr<SmpRun> run;
};

/// Where the numbers of a message end.
std::vector<std::size_t> ends_of_numbers(const std::string& message) {
    std::vector<std::size_t> ends{4};
    while (ends.back() < message.size()) {
        std::size_t length = 0;
        for (std::size_t i = 0; i < 4; ++i) {
            length = length << 8U | static_cast<unsigned char>(message.at(ends.back() + i));
        }
        ends.push_back(ends.back() + 4 + length);
    }
    BOOST_REQUIRE(ends.back() == message.size());
    return ends;
}

/// A message without some of its end: everywhere where something begins or ends.
std::vector<std::string> cut(const std::string& message) {
    std::vector<std::string> all;
    for (const std::size_t end : ends_of_numbers(message)) {
        for (const std::size_t size : {end - 1, end}) {
            if (size < message.size()) {
                all.push_back(message.substr(0, size));
            }
        }
    }
    return all;
}

/// A message in which one number is another one.
std::vector<std::string> lies(const std::string& message) {
    std::vector<std::string> all;
    for (const std::size_t end : ends_of_numbers(message)) {
        if (end > 4) {
            all.push_back(message);
            all.back()[end - 1] = static_cast<char>(all.back()[end - 1] ^ 1);
        }
    }
    return all;
}

} // namespace

BOOST_AUTO_TEST_SUITE(smp_run_tests)

// --- With libotr -------------------------------------------------------------------------------

BOOST_FIXTURE_TEST_CASE(libotr_answers_what_we_ask, Fixture) {
    for (const bool is_right : {true, false}) {
        for (const bool has_question : {true, false}) {
            BOOST_TEST_CONTEXT((is_right ? "right" : "wrong")
                               << (has_question ? ", question" : ", secret")) {
                Libotr libotr;
                run = make_run();
                run->ask(ours, has_question ? std::optional<std::string>("where?") : std::nullopt,
                         SecretString("here"));
                settle();
                std::string first = reply(has_question ? OTRL_TLV_SMP1Q : OTRL_TLV_SMP1);
                if (has_question) {
                    BOOST_TEST(first.substr(0, 7) == std::string("where?\0", 7));
                    first.erase(0, 7);
                }
                take(OTRL_TLV_SMP2, libotr.answer(first, is_right ? "here" : "there"));
                BOOST_TEST(told() == "progress");
                take(OTRL_TLV_SMP4, libotr.conclude(reply(OTRL_TLV_SMP3)));
                BOOST_TEST(told() == (is_right ? "success" : "failure"));
                BOOST_TEST(libotr.has_succeeded() == is_right);
                BOOST_TEST(libotr.has_failed() == !is_right);
                BOOST_TEST(sent.empty());
            }
        }
    }
    BOOST_TEST(!posters.contains(std::this_thread::get_id()));
}

BOOST_FIXTURE_TEST_CASE(we_answer_what_libotr_asks, Fixture) {
    for (const bool is_right : {true, false}) {
        for (const bool has_question : {true, false}) {
            BOOST_TEST_CONTEXT((is_right ? "right" : "wrong")
                               << (has_question ? ", question" : ", secret")) {
                Libotr libotr;
                run = make_run();
                const std::string first = libotr.ask("here");
                if (has_question) {
                    take(OTRL_TLV_SMP1Q, std::string("wh\xc3\xa9re?\0", 8) + first);
                    BOOST_TEST(question == "wh\xc3\xa9re?");
                } else {
                    take(OTRL_TLV_SMP1, first);
                    BOOST_TEST(question == "");
                }
                BOOST_TEST(told() == (has_question ? "question" : "secret"));
                BOOST_TEST(run->awaits_answer());
                const std::string second = answer(is_right ? "here" : "there");
                BOOST_TEST(!run->awaits_answer());
                take(OTRL_TLV_SMP3, libotr.compare(second));
                BOOST_TEST(told() == (is_right ? "success" : "failure"));
                libotr.finish(reply(OTRL_TLV_SMP4));
                BOOST_TEST(libotr.has_succeeded() == is_right);
                BOOST_TEST(libotr.has_failed() == !is_right);
            }
        }
    }
    BOOST_TEST(!posters.contains(std::this_thread::get_id()));
}

BOOST_FIXTURE_TEST_CASE(the_secret_is_of_these_keys_and_this_session, Fixture) {
    const std::array others{
        SmpRun::Parties{their_key, their_key, session_id},
        SmpRun::Parties{our_key, our_key, session_id},
        SmpRun::Parties{their_key, our_key, session_id},
        SmpRun::Parties{our_key, their_key, "\x01\x11\x22\x33\x44\x55\x66\x77"},
        SmpRun::Parties{our_key, their_key, ""},
    };
    for (const SmpRun::Parties& other : others) {
        Libotr libotr;
        be_asked(libotr.ask("here"));
        run->answer(other, SecretString("here"));
        settle();
        take(OTRL_TLV_SMP3, libotr.compare(reply(OTRL_TLV_SMP2)));
        BOOST_TEST(told() == "failure");
        sent.clear();
    }
}

BOOST_FIXTURE_TEST_CASE(a_second_question_takes_the_place_of_the_first, Fixture) {
    Libotr earlier;
    Libotr later;
    be_asked(earlier.ask("one"));
    run->take(OTRL_TLV_SMP1Q, std::string("two?\0", 5) + later.ask("two"));
    BOOST_TEST(!run->awaits_answer(), "nobody has seen it yet");
    settle();
    BOOST_TEST(told() == "question");
    BOOST_TEST(question == "two?");
    take(OTRL_TLV_SMP3, later.compare(answer("two")));
    BOOST_TEST(told() == "success");
}

// --- With liars --------------------------------------------------------------------------------

BOOST_FIXTURE_TEST_CASE(a_cut_question_is_a_violation_wherever_it_is_cut, Fixture) {
    Libotr libotr;
    const std::string first = libotr.ask("here");
    run = make_run();
    for (std::size_t size = 0; size < first.size(); ++size) {
        take(OTRL_TLV_SMP1, first.substr(0, size));
        BOOST_REQUIRE(told() == "violation");
        BOOST_REQUIRE(!run->awaits_answer());
    }
    for (const std::string& value :
         {std::string(), std::string("where?"), std::string(1, '\0'), std::string("where?\0", 7),
          std::string("where?\0", 7) + first.substr(0, 40), std::string(60'000, 'x')}) {
        take(OTRL_TLV_SMP1Q, value);
        BOOST_TEST(told() == "violation");
    }
    take(OTRL_TLV_SMP1, first);
    BOOST_TEST(told() == "secret");
}

BOOST_FIXTURE_TEST_CASE(what_is_longer_than_any_step_is_not_computed, Fixture) {
    const std::string huge(limits::smp_step_bytes + 1, 'x');
    ask("here");
    run->take(OTRL_TLV_SMP2, huge);
    BOOST_TEST(told() == "violation", "at once");
    run = make_run();
    run->take(OTRL_TLV_SMP1, huge);
    run->take(OTRL_TLV_SMP1Q, std::string("where?\0", 7) + huge);
    BOOST_TEST(told() == "violation, violation");
}

BOOST_FIXTURE_TEST_CASE(what_is_cut_or_changed_later_is_a_violation, Fixture) {
    const auto try_all = [this](unsigned short type, const std::function<std::string()>& make) {
        const std::size_t count = [&] {
            const std::string message = make();
            return cut(message).size() + lies(message).size();
        }();
        for (std::size_t index = 0; index < count; ++index) {
            const std::string message = make();
            sent.clear();
            std::vector<std::string> bad = cut(message);
            std::ranges::move(lies(message), std::back_inserter(bad));
            events.clear();
            take(type, bad.at(index));
            BOOST_TEST(told() == "violation", "record " << type << ", " << index);
            BOOST_TEST(sent.empty());
        }
    };
    std::unique_ptr<Libotr> libotr;
    const auto meet = [&libotr] { libotr = std::make_unique<Libotr>(); };
    try_all(OTRL_TLV_SMP1, [&] {
        meet();
        run = make_run();
        return libotr->ask("here");
    });
    try_all(OTRL_TLV_SMP2, [&] {
        meet();
        return libotr->answer(ask("here"), "here");
    });
    try_all(OTRL_TLV_SMP3, [&] {
        meet();
        be_asked(libotr->ask("here"));
        return libotr->compare(answer("here"));
    });
    try_all(OTRL_TLV_SMP4, [&] {
        meet();
        take(OTRL_TLV_SMP2, libotr->answer(ask("here"), "here"));
        return libotr->conclude(reply(OTRL_TLV_SMP3));
    });
}

BOOST_FIXTURE_TEST_CASE(what_is_not_due_is_out_of_order, Fixture) {
    const auto expect_only = [this](std::set<unsigned short> due) {
        for (const unsigned short type : std::to_array<unsigned short>(
                 {OTRL_TLV_SMP1, OTRL_TLV_SMP1Q, OTRL_TLV_SMP2, OTRL_TLV_SMP3, OTRL_TLV_SMP4})) {
            if (!due.contains(type)) {
                run->take(type, "x");
                BOOST_TEST(told() == "out of order", type);
            }
        }
    };
    Libotr libotr;
    run = make_run();
    expect_only({OTRL_TLV_SMP1, OTRL_TLV_SMP1Q});
    be_asked(libotr.ask("here"));
    expect_only({OTRL_TLV_SMP1, OTRL_TLV_SMP1Q});
    const std::string second = answer("here");
    expect_only({OTRL_TLV_SMP3});
    take(OTRL_TLV_SMP3, libotr.compare(second));
    BOOST_TEST(told() == "success");
    sent.clear();
    Libotr other;
    const std::string first = ask("here");
    expect_only({OTRL_TLV_SMP2});
    take(OTRL_TLV_SMP2, other.answer(first, "here"));
    BOOST_TEST(told() == "progress");
    expect_only({OTRL_TLV_SMP4});
}

// --- While a step is computed ------------------------------------------------------------------

BOOST_FIXTURE_TEST_CASE(what_comes_meanwhile_waits_in_order, Fixture) {
    Libotr earlier;
    Libotr later;
    run = make_run();
    run->take(OTRL_TLV_SMP1, earlier.ask("one"));
    run->take(OTRL_TLV_SMP1Q, std::string("two?\0", 5) + later.ask("two"));
    run->take(OTRL_TLV_SMP2, "x");
    BOOST_TEST(told() == "");
    settle();
    BOOST_TEST(told() == "secret, question, out of order");
}

BOOST_FIXTURE_TEST_CASE(what_comes_behind_the_last_message_is_another_run, Fixture) {
    Libotr libotr;
    be_asked(libotr.ask("here"));
    run->take(OTRL_TLV_SMP3, ""); // out of order, for nothing is answered yet
    BOOST_TEST(told() == "out of order");
    const std::string third = libotr.compare(answer("here"));
    run->take(OTRL_TLV_SMP3, third);
    run->take(OTRL_TLV_SMP1, "next");
    const auto waiting = run->take_waiting();
    BOOST_REQUIRE(waiting.size() == 1U);
    BOOST_TEST(waiting.front().type == OTRL_TLV_SMP1);
    BOOST_TEST(waiting.front().value == "next");
    settle();
    BOOST_TEST(told() == "success");
}

BOOST_FIXTURE_TEST_CASE(more_than_a_handful_that_waits_is_a_violation, Fixture) {
    Libotr libotr;
    run = make_run();
    run->take(OTRL_TLV_SMP1, libotr.ask("here"));
    for (std::size_t count = 0; count < limits::waiting_smp_records; ++count) {
        run->take(OTRL_TLV_SMP2, "x");
        BOOST_TEST(told() == "");
    }
    run->take(OTRL_TLV_SMP2, "x");
    BOOST_TEST(told() == "violation");
}

BOOST_FIXTURE_TEST_CASE(an_abort_does_not_wait, Fixture) {
    Libotr libotr;
    run = make_run();
    run->take(OTRL_TLV_SMP1, libotr.ask("here"));
    run->take(OTRL_TLV_SMP_ABORT, "");
    BOOST_TEST(told() == "abort");
}

BOOST_FIXTURE_TEST_CASE(a_run_that_has_ended_hears_nothing_and_is_not_computed, Fixture) {
    Libotr libotr;
    const std::string first = libotr.ask("here");
    // Between the step and its result.
    run = make_run();
    run->take(OTRL_TLV_SMP1, first);
    BOOST_REQUIRE(worker->drain());
    run.reset();
    settle();
    BOOST_TEST(told() == "");
    // Before the step: whoever holds the worker up.
    std::promise<void> gate;
    worker->submit([opened = gate.get_future().share()] { opened.wait(); });
    run = make_run();
    run->ask(ours, "where?", SecretString("here"));
    run.reset();
    gate.set_value();
    settle();
    BOOST_TEST(told() == "");
    BOOST_TEST(sent.empty());
}

BOOST_FIXTURE_TEST_CASE(a_run_can_end_in_whatever_it_says, Fixture) {
    ends_run = true;
    Libotr libotr;
    run = make_run();
    run->take(OTRL_TLV_SMP1, libotr.ask("here"));
    run->take(OTRL_TLV_SMP2, "x"); // waits, and goes with it
    settle();
    BOOST_TEST(told() == "secret");
    BOOST_TEST(run == nullptr);
    run = make_run();
    run->take(OTRL_TLV_SMP2, "x");
    BOOST_TEST(told() == "out of order");
    BOOST_TEST(run == nullptr);
}

BOOST_FIXTURE_TEST_CASE(the_worker_can_go_first, Fixture) {
    Libotr libotr;
    run = make_run();
    run->take(OTRL_TLV_SMP1, libotr.ask("here"));
    worker.reset(); // which ends what it has begun
    run_posted();
    BOOST_TEST(told() == "secret");
}

BOOST_FIXTURE_TEST_CASE(our_question_fits_whatever_it_holds, Fixture) {
    Libotr libotr;
    run = make_run();
    run->ask(ours, std::string("one\0two", 7), SecretString("here"));
    settle();
    const std::string first = reply(OTRL_TLV_SMP1Q);
    BOOST_TEST(first.substr(0, 4) == std::string("one\0", 4));
    static_cast<void>(libotr.answer(first.substr(4), "here"));
    run = make_run();
    std::string umlauts = "x";
    while (umlauts.size() < 100'000) {
        umlauts += "\xc3\xa4";
    }
    run->ask(ours, umlauts, SecretString("here"));
    settle();
    const std::string second = reply(OTRL_TLV_SMP1Q);
    BOOST_TEST(second.size() < 65'536U);
    BOOST_TEST(second.substr(0, second.find('\0')) == umlauts.substr(0, 59'999)); // not a half one
}

BOOST_AUTO_TEST_SUITE_END()
