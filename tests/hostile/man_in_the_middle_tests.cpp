// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later

// One whole conversation (key exchange, text both ways, a verification, text again), told once for
// every message in it and every thing that somebody on the way can do to that message.

#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "core/wire.h"
#include "two_party.h"

using namespace otr_guard::tests;
using otr_guard::util::SecretString;

namespace {

enum class Deed {
    Nothing,
    Drop,
    Duplicate,
    ReplayLater, ///< at the end of the conversation
    LetNextPass, ///< arrives behind the one after it
    CutHalf,
    CutEnd,
    Garble,       ///< one letter in the middle is another one
    Reflect,      ///< back to its sender as well
    PrependError, ///< with a forged error before it
    PrependQuery,
    PrependAnswer, ///< with a forged D-H Key Message before it: the silent downgrade
};

struct NamedDeed {
    Deed deed;
    std::string_view name;
};
constexpr std::array deeds{
    NamedDeed{Deed::Drop, "dropped"},
    NamedDeed{Deed::Duplicate, "delivered twice"},
    NamedDeed{Deed::ReplayLater, "replayed later"},
    NamedDeed{Deed::LetNextPass, "overtaken"},
    NamedDeed{Deed::CutHalf, "cut in half"},
    NamedDeed{Deed::CutEnd, "without its end"},
    NamedDeed{Deed::Garble, "garbled"},
    NamedDeed{Deed::Reflect, "reflected"},
    NamedDeed{Deed::PrependError, "behind an error"},
    NamedDeed{Deed::PrependQuery, "behind a query"},
    NamedDeed{Deed::PrependAnswer, "behind a forged D-H Key Message"},
};

/// Does one deed to one message, and lets all others pass.
class ManInTheMiddle {
public:
    ManInTheMiddle(Network& network, Deed deed, std::size_t victim)
        : m_network(network), m_deed(deed), m_victim(victim) {
        network.passes = [this](const Packet& packet) { return passes(packet); };
    }
    ~ManInTheMiddle() { m_network.passes = nullptr; }
    ManInTheMiddle(const ManInTheMiddle&) = delete;
    ManInTheMiddle& operator=(const ManInTheMiddle&) = delete;

    void replay() {
        for (const Packet& packet : m_later) {
            m_network.inject(packet);
        }
    }
    [[nodiscard]] std::size_t messages() const { return m_seen; }
    /// A text of somebody went under with the message.
    [[nodiscard]] bool has_dropped_data() const { return m_has_dropped_data; }

private:
    bool passes(const Packet& packet) {
        if (m_is_ours > 0) {
            --m_is_ours;
            return true;
        }
        return m_seen++ != m_victim || meets(packet);
    }
    bool meets(const Packet& packet) {
        const std::string& text = packet.text;
        switch (m_deed) {
        case Deed::Nothing:
            return true;
        case Deed::Drop:
            m_has_dropped_data = is_encoded(packet, 'D');
            return false;
        case Deed::Duplicate:
            return arrive_first(packet, text);
        case Deed::ReplayLater:
            m_later.push_back(packet);
            return true;
        case Deed::LetNextPass:
            return let_next_pass(packet);
        case Deed::CutHalf:
            return arrive_instead(packet, text.substr(0, text.size() / 2));
        case Deed::CutEnd:
            return arrive_instead(packet, text.substr(0, text.size() - 1));
        case Deed::Garble:
            return arrive_instead(packet, garbled(text));
        case Deed::Reflect:
            return arrive_first({packet.to, packet.from, ""}, text);
        case Deed::PrependError:
            return arrive_behind(packet, "?OTR Error: forged");
        case Deed::PrependQuery:
            return arrive_behind(packet, "?OTRv23?");
        case Deed::PrependAnswer:
            return arrive_behind(packet, forged_answer(packet));
        }
        return true;
    }
    static std::string garbled(std::string text) {
        char& letter = text[text.size() / 2];
        letter = letter == 'A' ? 'B' : 'A';
        return text;
    }
    /// An answer to what the receiver has sent, as of the sender; empty when it has sent nothing.
    [[nodiscard]] std::string forged_answer(const Packet& packet) const {
        const auto header = otr_guard::core::header_of(packet.text);
        const auto sent = std::ranges::find_if(m_network.log, [&packet](const Packet& one) {
            return one.from == packet.to && is_encoded(one, 'C');
        });
        const bool can_forge = header && sent != m_network.log.end();
        return can_forge ? forge_dh_key(sent->text, header->sender) : "";
    }
    bool arrive_first(const Packet& where, const std::string& text) {
        ++m_is_ours;
        m_network.in_flight.push_front({where.from, where.to, text});
        return true;
    }
    bool arrive_instead(const Packet& packet, const std::string& text) {
        arrive_first(packet, text);
        return false;
    }
    bool arrive_behind(const Packet& packet, const std::string& forged) {
        if (!forged.empty()) {
            arrive_first(packet, packet.text);
            arrive_first(packet, forged);
        }
        return forged.empty();
    }
    bool let_next_pass(const Packet& packet) {
        if (m_network.in_flight.empty()) {
            return true;
        }
        m_network.in_flight.insert(m_network.in_flight.begin() + 1, packet);
        return false;
    }

    Network& m_network;
    Deed m_deed;
    std::size_t m_victim;
    std::size_t m_seen = 0;
    std::size_t m_is_ours = 0; ///< how many of the next packets are our own doing
    bool m_has_dropped_data = false;
    std::vector<Packet> m_later;
};

class Conversation {
public:
    Conversation(Deed deed, std::size_t victim) : m_middle(m_world.network, deed, victim) {
        m_alice.host.policy = Policy::Always;
        m_bob.host.policy = Policy::Always;
    }
    ~Conversation() {
        m_alice.look_away();
        m_bob.look_away();
    }
    Conversation(const Conversation&) = delete;
    Conversation& operator=(const Conversation&) = delete;

    void take_place() {
        m_alice.session("bob").start();
        m_world.settle();
        say(m_alice, "bob");
        say(m_bob, "alice");
        say(m_alice, "bob");
        m_world.settle();
        m_alice.session("bob").verify_by_question("where?", SecretString("here"));
        m_world.settle();
        say(m_bob, "alice");
        m_bob.session("alice").answer(SecretString("here"));
        m_world.settle();
        say(m_alice, "bob");
        say(m_bob, "alice");
        m_world.settle();
        m_messages = m_middle.messages();
        m_middle.replay();
        m_world.advance(10min);
        look();
    }
    /// Both can talk again, whatever happened, after one `/otr start` at the most.
    bool is_well() {
        m_told.clear(); // what follows has a cause of its own
        m_alice.session("bob").start();
        m_world.advance(3min);
        const std::string from_alice = say(m_alice, "bob");
        const std::string from_bob = say(m_bob, "alice");
        m_world.advance(3min);
        look();
        return times_read(from_alice) == 1 && times_read(from_bob) == 1;
    }

    /// On the way in a conversation that took place.
    [[nodiscard]] std::size_t messages() const { return m_messages; }
    [[nodiscard]] const ManInTheMiddle& middle() const { return m_middle; }
    [[nodiscard]] const Lines& typed() const { return m_typed; }
    [[nodiscard]] bool was_on_the_wire(const std::string& text) const {
        return m_world.was_on_the_wire(text);
    }
    [[nodiscard]] std::ptrdiff_t times_read(const std::string& text) const {
        return std::ranges::count(m_read, "private: " + text);
    }
    /// All that was read is something that was typed.
    [[nodiscard]] bool was_only_typed_text_read() const {
        return std::ranges::all_of(m_read, [this](const std::string& line) {
            return std::ranges::find(m_typed, line.substr(line.find(' ') + 1)) != m_typed.end();
        });
    }
    /// What somebody was told more than once for the one thing that was done.
    [[nodiscard]] std::string told_too_often() const {
        std::string found;
        for (const auto& [what, count] : m_told) {
            if (count > 1) {
                found += what.first + " " + std::string(name_of(what.second)) + ' ';
            }
        }
        return found;
    }
    [[nodiscard]] bool was_told(NoticeKind kind) const {
        return std::ranges::any_of(m_told,
                                   [kind](const auto& told) { return told.first.second == kind; });
    }
    [[nodiscard]] bool is_held(const std::string& text) {
        const auto holds = [&text](const auto& queue) {
            return std::ranges::any_of(
                queue, [&text](const auto& message) { return message.html == text; });
        };
        return holds(m_alice.session("bob").queue()) || holds(m_bob.session("alice").queue());
    }
    /// Alice, who asked, counts Bob's key as verified; Bob was only answered for.
    [[nodiscard]] bool has_verified() { return m_alice.status("bob").is_verified; }
    [[nodiscard]] bool has_verified_by_answering() { return m_bob.status("alice").is_verified; }

private:
    std::string say(Party& who, const std::string& peer) {
        m_typed.push_back("typed-" + std::to_string(m_typed.size()) + ".");
        who.type(peer, m_typed.back());
        return m_typed.back();
    }
    void look() {
        for (Party* who : {&m_alice, &m_bob}) {
            for (const FakeHost::Told& told : who->host.told) {
                ++m_told[{who->account().username, told.notice.kind}];
            }
            std::ranges::copy(who->shown(), std::back_inserter(m_read));
            who->look_away();
        }
    }

    World m_world;
    ManInTheMiddle m_middle;
    Party m_alice{m_world, {{"alice", 0}}};
    Party m_bob{m_world, {{"bob", 1}}};
    std::size_t m_messages = 0;
    Lines m_typed;
    Lines m_read; ///< by both
    std::map<std::pair<std::string, NoticeKind>, int> m_told;
};

std::size_t messages_of_a_conversation() {
    Conversation quiet(Deed::Nothing, 0);
    quiet.take_place();
    BOOST_TEST(std::ranges::all_of(
        quiet.typed(), [&quiet](const auto& text) { return quiet.times_read(text) == 1; }));
    BOOST_TEST(quiet.was_told(NoticeKind::VerificationSucceeded));
    return quiet.messages();
}

void check_what_was_said(const Conversation& talk) {
    for (const std::string& text : talk.typed()) {
        BOOST_TEST(!talk.was_on_the_wire(text), text << " left in clear");
        BOOST_TEST(talk.times_read(text) <= 1, text << " was shown more than once");
    }
    BOOST_TEST(talk.was_only_typed_text_read());
    const std::string too_often = talk.told_too_often();
    BOOST_TEST(too_often.empty(), "told too often: " << too_often);
}

void check_that_nothing_is_lost(Conversation& talk) {
    Lines lost;
    std::ranges::copy_if(talk.typed(), std::back_inserter(lost), [&talk](const auto& text) {
        return talk.times_read(text) == 0 && !talk.is_held(text);
    });
    // Nobody can know of a text that was dropped; of every other one its reader is told.
    const bool is_excused = talk.middle().has_dropped_data()
                                ? lost.size() == 1
                                : talk.was_told(NoticeKind::UnreadableReceived);
    BOOST_TEST((lost.empty() || is_excused), lost.size() << " texts are lost");
}

} // namespace

BOOST_AUTO_TEST_SUITE(man_in_the_middle_tests)

BOOST_AUTO_TEST_CASE(nothing_done_to_any_one_message_leaks_doubles_or_breaks_a_conversation) {
    const std::size_t messages = messages_of_a_conversation();
    BOOST_TEST(messages >= 15U); // query, four of the exchange, text, four of the verification
    for (const auto& [deed, name] : deeds) {
        for (std::size_t victim = 0; victim < messages; ++victim) {
            BOOST_TEST_CONTEXT("message " << victim << " is " << name) {
                Conversation talk(deed, victim);
                talk.take_place();
                check_what_was_said(talk);
                check_that_nothing_is_lost(talk);
                BOOST_TEST(talk.has_verified() == talk.was_told(NoticeKind::VerificationSucceeded));
                BOOST_TEST(!talk.has_verified_by_answering());
                BOOST_TEST(talk.is_well(), "they can talk no more");
                check_what_was_said(talk);
            }
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()
