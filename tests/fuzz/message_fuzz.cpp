// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
//
// The whole receiving path, beside a living private conversation. A message a line; those that
// begin with '!' come from a stranger, the others from the friend's server.

#include <algorithm>
#include <memory>
#include <string>

#include "fuzz.h"
#include "person.h"

namespace {

using namespace otr_guard;
using fuzz::Person;
using fuzz::typed;

/// Alice and Bob in a private conversation; made anew when somebody has ended it.
class Pair {
public:
    Pair() {
        m_alice = std::make_unique<Person>(m_folder.path() / "alice", "alice", 0);
        m_bob = std::make_unique<Person>(m_folder.path() / "bob", "bob", 1);
        m_alice->engine().session(m_alice->peer("bob")).start();
        settle();
        fuzz::check(is_private(), "a conversation becomes private");
    }

    [[nodiscard]] Person& alice() { return *m_alice; }
    [[nodiscard]] bool is_private() {
        return m_alice->engine().status(m_alice->peer("bob")).state == model::SessionState::Private;
    }
    void settle() {
        while (!m_alice->host.sent.empty() || !m_bob->host.sent.empty() || run_posted()) {
            pass(*m_alice, "alice", *m_bob, "bob");
            pass(*m_bob, "bob", *m_alice, "alice");
        }
    }

private:
    static void pass(Person& from, const std::string& sender, Person& to, const std::string& name) {
        const auto messages = std::exchange(from.host.sent, {});
        for (const auto& [receiver, text] : messages) {
            if (receiver == name) {
                static_cast<void>(to.engine().receive(to.peer(sender), text));
            }
        }
    }
    bool run_posted() {
        bool did_run = false;
        for (Person* person : {m_alice.get(), m_bob.get()}) {
            person->engine().finish_proofs();
            for (const auto& action : person->host.take_posted()) {
                action();
                did_run = true;
            }
        }
        return did_run;
    }

    fuzz::Folder m_folder;
    std::unique_ptr<Person> m_alice;
    std::unique_ptr<Person> m_bob;
};

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
        const bool is_stranger = line.starts_with('!');
        const auto shown = alice.engine().receive(alice.peer(is_stranger ? "mallory" : "bob"),
                                                  is_stranger ? line.substr(1) : line);
        fuzz::check(shown.action != core::Incoming::Action::ShowPrivate,
                    "nothing made up is shown as private");
        alice.host.time += std::chrono::seconds(1);
    }
    for (const char* name : {"bob", "mallory"}) {
        const auto outgoing = alice.engine().send(alice.peer(name), typed, core::Origin::User);
        fuzz::check(outgoing.action != core::Outgoing::Action::SendAsIs &&
                        outgoing.text.find(typed) == std::string::npos,
                    "nothing typed leaves in clear");
    }
    pair->settle();
    if (!pair->is_private()) {
        pair.reset();
    }
    return 0;
}
