// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
//
// What an authenticated peer can say inside a private conversation: texts of any bytes and records
// (TLVs) of any type and length, in messages that are rightly encrypted and signed. A line each:
// "tHELLO" is a text, "rXXV" a record of type XX with value V, "q" a question for verification,
// "a" our answer, "e" the goodbye.

#include <algorithm>
#include <deque>
#include <filesystem>
#include <memory>
#include <string>

#include "fuzz.h"
#include "libotr_peer/peer.h"
#include "person.h"

namespace {

using namespace otr_guard;
using fuzz::Person;
using fuzz::typed;

class Pair {
public:
    Pair() {
        std::filesystem::create_directories(m_folder.path() / "bob");
        fuzz::write_key(m_folder.path() / "bob", "bob", 1);
        m_alice = std::make_unique<Person>(m_folder.path() / "alice", "alice", 0);
        m_bob = std::make_unique<libotr_peer::Peer>(
            libotr_peer::Account{"bob", "prpl-irc", (m_folder.path() / "bob").string()},
            *libotr_peer::find_behaviour("libotr"), [this](const nlohmann::json& event) {
                if (event["event"] == "wire") {
                    m_from_bob.push_back(event["data"]);
                }
            });
        m_alice->engine().session(m_alice->peer("bob")).start();
        settle();
        fuzz::check(is_private(), "a conversation becomes private");
    }

    [[nodiscard]] Person& alice() { return *m_alice; }
    [[nodiscard]] libotr_peer::Peer& bob() { return *m_bob; }
    [[nodiscard]] bool is_private() {
        return m_alice->engine().status(m_alice->peer("bob")).state == model::SessionState::Private;
    }
    void settle() {
        bool has_moved = true;
        while (has_moved) {
            has_moved = false;
            m_alice->engine().finish_proofs();
            for (const auto& action : m_alice->host.take_posted()) {
                action();
                has_moved = true;
            }
            for (const auto& [to, text] : std::exchange(m_alice->host.sent, {})) {
                m_bob->receive("alice", text);
                has_moved = true;
            }
            for (const auto& text : std::exchange(m_from_bob, {})) {
                static_cast<void>(m_alice->engine().receive(m_alice->peer("bob"), text));
                has_moved = true;
            }
        }
    }

private:
    fuzz::Folder m_folder;
    std::unique_ptr<Person> m_alice;
    std::unique_ptr<libotr_peer::Peer> m_bob;
    std::deque<std::string> m_from_bob;
};

void say(libotr_peer::Peer& bob, std::string_view line) {
    constexpr std::size_t type_bytes = 2;
    const char deed = line.empty() ? ' ' : line.front();
    const std::string rest(line.substr(std::min<std::size_t>(line.size(), 1)));
    if (deed == 't') {
        bob.send("alice", rest);
    } else if (deed == 'r' && rest.size() >= type_bytes) {
        const auto type = static_cast<unsigned short>(static_cast<unsigned char>(rest[0]) << 8U |
                                                      static_cast<unsigned char>(rest[1]));
        bob.send_tlv("alice", type, rest.substr(type_bytes));
    } else if (deed == 'q') {
        bob.smp_start("alice", "where?", rest);
    } else if (deed == 'e') {
        bob.end("alice");
    }
}

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static std::unique_ptr<Pair> pair;
    if (pair == nullptr) {
        pair = std::make_unique<Pair>();
    }
    Person& alice = pair->alice();
    for (std::string_view rest = fuzz::text_of(data, size); !rest.empty();) {
        const std::string_view line = rest.substr(0, rest.find('\n'));
        rest.remove_prefix(std::min(line.size() + 1, rest.size()));
        if (line.starts_with('a')) {
            alice.engine()
                .session(alice.peer("bob"))
                .answer(util::SecretString(std::string(line.substr(1))));
        } else {
            say(pair->bob(), line);
        }
        pair->settle();
        alice.host.time += std::chrono::seconds(1);
    }
    const auto outgoing = alice.engine().send(alice.peer("bob"), typed, core::Origin::User);
    fuzz::check(outgoing.action != core::Outgoing::Action::SendAsIs &&
                    outgoing.text.find(typed) == std::string::npos,
                "nothing typed leaves in clear");
    pair->settle();
    if (!pair->is_private()) {
        pair.reset();
    }
    return 0;
}
