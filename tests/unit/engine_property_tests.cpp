// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <cstdint>
#include <set>

#include <boost/test/unit_test.hpp>
#include <rapidcheck.h>

#include "core/wire.h"
#include "two_party.h"

using namespace otr_guard::tests;
using otr_guard::core::Outgoing;
namespace core = otr_guard::core;

namespace {

/// Two users, their network and an attacker on it, driven by a list of numbers.
class Story {
public:
    Story() {
        alice.host.policy = Policy::Always;
        bob.host.policy = Policy::Opportunistic;
    }
    ~Story() {
        alice.look_away();
        bob.look_away();
    }
    Story(const Story&) = delete;
    Story& operator=(const Story&) = delete;

    void act(std::uint8_t what) {
        constexpr int actions = 18;
        Party& who = what % 2 == 0 ? alice : bob;
        const std::string peer = what % 2 == 0 ? "bob" : "alice";
        switch (what / 2 % actions) {
        case 0:
        case 1:
        case 2:
            type(who, peer);
            break;
        case 3:
            who.session(peer).start();
            break;
        case 4:
            who.session(peer).end();
            break;
        case 5:
            who.engine().account_leaving(who.account());
            break;
        case 6:
            drop_first();
            break;
        case 7:
            repeat_first();
            break;
        case 8:
            swap_first();
            break;
        case 9:
            world.network.inject({peer, name_of_party(who), "?OTRv23?"});
            break;
        case 10:
            forge_answer(who, peer);
            break;
        case 11:
            world.network.inject({peer, name_of_party(who), "?OTR Error: forged"});
            break;
        case 12:
            replay(who);
            break;
        case 13:
            world.advance(1s);
            break;
        case 14:
            world.advance(9s);
            break;
        case 15:
            world.advance(70s);
            break;
        default:
            world.network.deliver_one();
            world.network.deliver_one();
            break;
        }
        read();
    }

    /// The network is honest from now on, and somebody asks for a private conversation.
    void heal() {
        world.advance(3min);
        alice.session("bob").start();
        world.advance(3min);
        last = type(alice, "bob");
        world.advance(5min);
        read();
    }

    /// What was put on the wire in clear without being allowed to.
    [[nodiscard]] Lines leaks() const {
        Lines found;
        for (const Packet& packet : world.network.log) {
            if (packet.text.find("text-") != std::string::npos && !m_open.contains(packet.text)) {
                found.push_back(packet.text);
            }
        }
        return found;
    }
    [[nodiscard]] bool is_anything_twice() const {
        return std::ranges::any_of(m_read, [](const auto& of_one) {
            const std::set<int> unique(of_one.second.begin(), of_one.second.end());
            return unique.size() != of_one.second.size();
        });
    }
    [[nodiscard]] bool is_in_order() const {
        return m_was_reordered || std::ranges::all_of(m_read, [](const auto& of_one) {
                   return std::ranges::is_sorted(of_one.second);
               });
    }
    [[nodiscard]] bool has_last_arrived() { return std::ranges::count(m_read["bob"], last) == 1; }

    World world;
    Party alice{world, {{"alice", 0}}};
    Party bob{world, {{"bob", 1}}};
    int last = 0;

private:
    std::string name_of_party(const Party& who) const { return who.account().username; }

    int type(Party& who, const std::string& peer) {
        const std::string text = "text-" + std::to_string(m_typed);
        const auto before = who.status(peer);
        const bool is_open =
            before.state == SessionState::Plaintext && before.policy == Policy::Opportunistic;
        if (is_open) {
            m_open.insert(text);
            m_open.insert(text + std::string(core::whitespace_tag()));
        }
        who.type(peer, text);
        return m_typed++;
    }

    void drop_first() {
        auto& queue = world.network.in_flight;
        if (!queue.empty()) {
            // A text that is lost comes again, after what was sent meanwhile.
            m_was_reordered = m_was_reordered || is_encoded(queue.front(), 'D');
            queue.pop_front();
        }
    }
    void repeat_first() {
        if (!world.network.in_flight.empty()) {
            world.network.in_flight.push_back(world.network.in_flight.front());
        }
    }
    void swap_first() {
        auto& queue = world.network.in_flight;
        if (queue.size() > 1) {
            std::swap(queue[0], queue[1]);
            m_was_reordered = true;
        }
    }
    void replay(const Party& who) {
        const auto& log = world.network.log;
        for (auto packet = log.rbegin(); packet != log.rend(); ++packet) {
            if (packet->to == name_of_party(who) && core::is_protocol_message(packet->text)) {
                world.network.inject(*packet);
                m_was_reordered = true;
                return;
            }
        }
    }
    void forge_answer(Party& who, const std::string& peer) {
        const auto& log = world.network.log;
        const auto instances = who.status(peer).instances;
        for (auto packet = log.rbegin(); packet != log.rend() && !instances.empty(); ++packet) {
            if (packet->from == name_of_party(who) && is_encoded(*packet, 'C')) {
                const std::string forged = forge_dh_key(packet->text, instances.front().tag);
                world.network.in_flight.push_front({peer, packet->from, forged});
                return;
            }
        }
    }
    void read() {
        for (Party* who : {&alice, &bob}) {
            for (const std::string& line : who->shown()) {
                const std::size_t at = line.find("private: text-");
                if (at == 0) {
                    m_read[name_of_party(*who)].push_back(std::stoi(line.substr(14)));
                }
            }
            who->look_away();
        }
    }

    int m_typed = 1;
    std::set<std::string> m_open;
    std::map<std::string, std::vector<int>> m_read;
    bool m_was_reordered = false;
};

} // namespace

BOOST_AUTO_TEST_SUITE(engine_property_tests)

BOOST_AUTO_TEST_CASE(nothing_leaks_nothing_comes_twice_and_everything_heals) {
    const bool holds = rc::check("whatever users, network and attacker do",
                                 [](const std::vector<std::uint8_t>& actions) {
                                     Story story;
                                     for (const std::uint8_t action : actions) {
                                         story.act(action);
                                     }
                                     RC_ASSERT(story.leaks() == Lines{});
                                     RC_ASSERT(!story.is_anything_twice());
                                     RC_ASSERT(story.is_in_order());
                                     story.heal();
                                     RC_ASSERT(story.leaks() == Lines{});
                                     RC_ASSERT(!story.is_anything_twice());
                                     RC_ASSERT(story.has_last_arrived());
                                 });
    BOOST_TEST(holds);
}

BOOST_AUTO_TEST_SUITE_END()
