// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "two_party.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <thread>

#include <boost/test/unit_test.hpp>

#include "core/wire.h"

namespace otr_guard::tests {

namespace {

constexpr std::array notice_names = std::to_array<std::string_view>({
    "SessionStarted",
    "SessionStartedUnverified",
    "SessionRefreshed",
    "SessionEndedByUs",
    "SessionSuspended",
    "SessionStopped",
    "SessionEndedByPeer",
    "SessionEndedForKey",
    "SessionInterrupted",
    "SessionLost",
    "StartRequested",
    "RefreshRequested",
    "NoAnswer",
    "NotPrivate",
    "OtherDeviceStarted",
    "DeviceSwitched",
    "KeyChanged",
    "AdditionalKey",
    "WrongKey",
    "KeyBeingMade",
    "KeyMade",
    "KeyImported",
    "KeyDeleted",
    "KeyFailed",
    "Trusted",
    "Untrusted",
    "Waiting",
    "QueueSent",
    "QueueDiscarded",
    "QueueFull",
    "Resent",
    "KeptUnread",
    "MaybeUnread",
    "SendFailed",
    "AutomaticReplyHeld",
    "UnreadableReceived",
    "OtherSessionReceived",
    "ReflectedReceived",
    "PeerError",
    "SetupFailed",
    "PolicyChanged",
    "VerificationAsked",
    "VerificationAskedSecret",
    "VerificationStarted",
    "PinReady",
    "VerificationNoReply",
    "VerificationSucceeded",
    "VerificationAnswered",
    "VerificationFailed",
    "VerificationAborted",
    "VerificationCancelled",
    "VerificationTooMany",
    "VerificationCheated",
    "VerificationBusy",
    "VerificationNothing",
    "PinExpired",
    "CodeMatches",
    "CodeDiffers",
    "KeyRejected",
    "CodeIsOurs",
    "CodeMalformed",
    "AnswerLooksOdd",
    "ExpectationSet",
    "ExpectationCleared",
    "FileUnreadable",
    "FileKept",
    "FileNotWritten",
    "ProfileInUse",
    "FileOffered",
    "FileOfferSent",
    "FileNoAnswer",
    "FileStarted",
    "FileProgress",
    "FileSent",
    "FileReceived",
    "FileStopped",
    "FileRefused",
    "FileOfferRefused",
    "TransferStopped",
});
static_assert(notice_names.size() == static_cast<std::size_t>(NoticeKind::TransferStopped) + 1);

std::string join(const Lines& lines) {
    std::string text;
    for (const std::string& line : lines) {
        text += (text.empty() ? "" : " | ") + line;
    }
    return text;
}

const Lines& ready_made_keys() {
    static const Lines keys = [] {
        std::ifstream file(std::filesystem::path(OTR_GUARD_TEST_DATA) / "dsa_keys.txt");
        Lines read;
        for (std::string line; std::getline(file, line);) {
            read.push_back(line);
        }
        return read;
    }();
    return keys;
}

} // namespace

std::string_view name_of(NoticeKind kind) {
    return notice_names.at(static_cast<std::size_t>(kind));
}

// --- Files -------------------------------------------------------------------------------------

TemporaryFolder::TemporaryFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "otr-guard-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) {
        throw std::runtime_error("no temporary folder");
    }
    m_path = pattern;
}

TemporaryFolder::~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(m_path, ignored);
}

void write_key_file(const std::filesystem::path& folder, const std::string& protocol,
                    const std::vector<Owner>& owners) {
    std::ofstream file(folder / "otr.private_key");
    file << "(privkeys\n";
    for (const Owner& owner : owners) {
        if (owner.key >= 0) {
            file << "(account (name \"" << owner.name << "\") (protocol " << protocol << ") "
                 << ready_made_keys().at(static_cast<std::size_t>(owner.key)) << ")\n";
        }
    }
    file << ")\n";
}

// --- Network -----------------------------------------------------------------------------------

void Network::put(Packet packet) {
    log.push_back(packet);
    in_flight.push_back(std::move(packet));
}

bool Network::deliver_one() {
    if (in_flight.empty()) {
        return false;
    }
    const Packet packet = std::move(in_flight.front());
    in_flight.pop_front();
    if (passes && !passes(packet)) {
        return true;
    }
    if (const auto found = m_endpoints.find(packet.to); found != m_endpoints.end()) {
        found->second->arrives(packet);
    }
    return true;
}

// --- Host --------------------------------------------------------------------------------------

bool FakeHost::send_raw(const model::PeerId& peer, std::string_view wire) {
    if (!connected || !network_takes) {
        return false;
    }
    m_world.network.put({peer.account.username, peer.username, std::string(wire)});
    return true;
}

Policy FakeHost::policy_for(const model::PeerId& peer) const {
    const auto found = policies.find(peer.username);
    return found != policies.end() ? found->second : policy;
}

std::string FakeHost::peer_text(const model::AccountId&, core::PeerText which) const {
    switch (which) {
    case core::PeerText::Query:
        return "A private conversation was asked for.";
    case core::PeerText::PinQuestion:
        return "Type the number that I told you.";
    case core::PeerText::EncryptionError:
        return "Could not encrypt.";
    case core::PeerText::Unreadable:
        return "Could not read your message.";
    case core::PeerText::Malformed:
        return "Your message was malformed.";
    }
    return "";
}

void FakeHost::tell(const model::PeerId& peer, const model::Notice& notice) {
    told.push_back({peer.username, notice});
}

void FakeHost::tell_account(const model::AccountId&, const model::Notice& notice) {
    told.push_back({"", notice});
}

void FakeHost::tell_user(const model::Notice& notice) {
    // The clock runs ahead of the disk, which is a real one: it is slow only where a test says so.
    const bool is_slow_disk = notice.kind == model::NoticeKind::FileNotWritten &&
                              notice.arguments.back() == "the disk does not answer";
    if (is_slow_disk && !is_disk_watched) {
        return;
    }
    told.push_back({"", notice});
}

void FakeHost::show_waiting(const model::PeerId&, std::string_view html) {
    waiting.emplace_back(html);
}

void FakeHost::show_sent(const model::PeerId&, std::string_view html) {
    sent_later.emplace_back(html);
}

void FakeHost::show_received(const model::PeerId&, std::string_view html) {
    received_later.emplace_back(html);
}

core::SteadyTime FakeHost::now() const {
    return m_world.now();
}

core::WallTime FakeHost::wall_clock() const {
    return core::WallTime(
        std::chrono::duration_cast<std::chrono::seconds>(m_world.now().time_since_epoch()));
}

core::TimerId FakeHost::schedule(std::chrono::milliseconds delay, std::function<void()> action) {
    m_timers[m_next_timer] = {m_world.now() + delay, std::move(action)};
    return m_next_timer++;
}

void FakeHost::post(std::function<void()> action) {
    const std::scoped_lock lock(m_mutex);
    m_posted.push_back(std::move(action));
}

bool FakeHost::run_posted() {
    std::function<void()> action;
    {
        const std::scoped_lock lock(m_mutex);
        if (m_posted.empty()) {
            return false;
        }
        action = std::move(m_posted.front());
        m_posted.pop_front();
    }
    action();
    return true;
}

core::SteadyTime FakeHost::next_timer() const {
    core::SteadyTime first = core::SteadyTime::max();
    for (const auto& [id, timer] : m_timers) {
        first = std::min(first, timer.due);
    }
    return first;
}

bool FakeHost::run_timer(core::SteadyTime time) {
    const auto first =
        std::ranges::min_element(m_timers, {}, [](const auto& entry) { return entry.second.due; });
    if (first == m_timers.end() || first->second.due > time) {
        return false;
    }
    const std::function<void()> action = std::move(first->second.action);
    m_timers.erase(first);
    action();
    return true;
}

// --- Party -------------------------------------------------------------------------------------

Party::Party(World& world, std::vector<Owner> owners, std::string protocol)
    : host(world, protocol), m_world(world), m_protocol(std::move(protocol)),
      m_owners(std::move(owners)) {
    write_key_file(folder(), m_protocol, m_owners);
    load();
    for (const Owner& owner : m_owners) {
        m_world.network.attach(owner.name, *this);
    }
    m_world.join(*this);
}

Party::~Party() {
    for (const Owner& owner : m_owners) {
        m_world.network.detach(owner.name);
    }
    m_world.leave(*this);
    const std::string unread = told();
    BOOST_CHECK_MESSAGE(unread.empty(), m_owners.front().name << " was told: " << unread);
    BOOST_CHECK_MESSAGE(m_shown.empty(), m_owners.front().name << " saw: " << join(m_shown));
    BOOST_CHECK_MESSAGE(host.received_later.empty(),
                        m_owners.front().name << " saw later: " << join(host.received_later));
}

void Party::load() {
    m_engine = std::make_unique<core::Engine>(host, folder());
    BOOST_REQUIRE(m_engine->load());
}

void Party::restart() {
    m_engine->shut_down();
    m_engine.reset();
    load();
}

void Party::restart_with_key(int key) {
    host.connected = false; // it dies without a word
    m_engine->shut_down();
    m_engine.reset();
    host.connected = true;
    m_owners.front().key = key;
    write_key_file(folder(), m_protocol, m_owners);
    load();
}

model::AccountId Party::account(std::size_t index) const {
    return {m_owners.at(index).name, m_protocol};
}

core::Session& Party::session(const std::string& name) {
    return m_engine->session(peer(name));
}

core::SessionStatus Party::status(const std::string& name) {
    return m_engine->status(peer(name));
}

model::Fingerprint Party::key(std::size_t index) {
    return m_engine->identity().fingerprint_of(account(index)).value();
}

ConnContext* Party::context(const std::string& name, model::InstanceTag tag) {
    const core::Contexts::InUse in_use(session(name).contexts());
    return otrl_context_find(in_use.state(), name.c_str(), account().username.c_str(),
                             m_protocol.c_str(), tag, 0, nullptr, nullptr, nullptr);
}

core::Outgoing::Action Party::type(const std::string& to, const std::string& html, Origin origin,
                                   std::size_t as) {
    const core::Outgoing outgoing = m_engine->send({account(as), to}, html, origin);
    if (outgoing.action == core::Outgoing::Action::SendAsIs) {
        m_world.network.put({m_owners.at(as).name, to, html});
    } else if (outgoing.action == core::Outgoing::Action::SendReplacement) {
        m_world.network.put({m_owners.at(as).name, to, outgoing.text});
    }
    return outgoing.action;
}

void Party::arrives(const Packet& packet) {
    const core::Incoming incoming =
        m_engine->receive({{packet.to, m_protocol}, packet.from}, packet.text);
    switch (incoming.action) {
    case core::Incoming::Action::ShowAsIs:
        m_shown.push_back("clear: " + packet.text);
        break;
    case core::Incoming::Action::ShowStripped:
        m_shown.push_back("clear: " + incoming.html);
        break;
    case core::Incoming::Action::ShowPrivate:
        m_shown.push_back((incoming.is_suspect ? "suspect: " : "private: ") + incoming.html);
        break;
    case core::Incoming::Action::ShowInClear:
        m_shown.push_back("unencrypted: " + incoming.html);
        break;
    case core::Incoming::Action::Swallow:
        break;
    }
}

std::string Party::told() {
    std::string names;
    for (const FakeHost::Told& told : std::exchange(host.told, {})) {
        if (!host.allowed.contains(told.notice.kind)) {
            names += names.empty() ? "" : " ";
            names += name_of(told.notice.kind);
        }
    }
    return names;
}

model::Notice Party::take(NoticeKind kind) {
    const auto found = std::ranges::find(
        host.told, kind, [](const FakeHost::Told& told) { return told.notice.kind; });
    if (found == host.told.end()) {
        BOOST_ERROR("not told: " << name_of(kind));
        return {kind, {"", "", ""}};
    }
    model::Notice notice = found->notice;
    host.told.erase(found);
    return notice;
}

Lines Party::shown() {
    return std::exchange(m_shown, {});
}

void Party::look_away() {
    host.told.clear();
    m_shown.clear();
    host.received_later.clear();
}

// --- Programs on libotr ------------------------------------------------------------------------

RawPeer::RawPeer(World& world, Owner owner, const char* behaviour, std::string protocol)
    : m_world(world), m_owner(std::move(owner)), m_account{m_owner.name, std::move(protocol),
                                                           m_folder.path().string()},
      m_behaviour(libotr_peer::find_behaviour(behaviour).value()) {
    BOOST_REQUIRE(core::initialise_libotr());
    write_key_file(m_folder.path(), m_account.protocol, {m_owner});
    m_world.network.attach(m_owner.name, *this);
    restart();
}

RawPeer::~RawPeer() {
    m_world.network.detach(m_owner.name);
}

void RawPeer::restart() {
    m_peer = std::make_unique<libotr_peer::Peer>(
        m_account, m_behaviour, [this](const nlohmann::json& event) {
            if (event["event"] == "wire") {
                m_world.network.put({m_account.name, event["to"], event["data"]});
            } else if (event["event"] == "message") {
                const char* kind = event["private"].get<bool>() ? "private: " : "clear: ";
                m_shown.push_back(kind + event["text"].get<std::string>());
            }
            m_events.push_back(event);
        });
}

void RawPeer::arrives(const Packet& packet) {
    m_peer->receive(packet.from, packet.text);
}

std::vector<nlohmann::json> RawPeer::events(const std::string& name) const {
    std::vector<nlohmann::json> found;
    std::ranges::copy_if(m_events, std::back_inserter(found),
                         [&name](const nlohmann::json& event) { return event["event"] == name; });
    return found;
}

// --- Attacks -----------------------------------------------------------------------------------

std::string forge_dh_key(const std::string& commit, model::InstanceTag claimed_tag) {
    const auto header = core::header_of(commit);
    if (!header) {
        return "";
    }
    const core::UserStatePtr state(otrl_userstate_create());
    const auto context_of = [&state](model::InstanceTag tag) {
        return otrl_context_find(state.get(), "victim", "mallory", "prpl-jabber", tag, 1, nullptr,
                                 nullptr, nullptr);
    };
    context_of(OTRL_INSTAG_MASTER);
    ConnContext* context = context_of(header->sender);
    context->our_instance = claimed_tag;
    if (otrl_auth_handle_commit(&context->auth, commit.c_str(), 3) != 0) {
        return "";
    }
    return context->auth.lastauthmsg;
}

bool is_encoded(const Packet& packet, char type) {
    return (packet.text.starts_with("?OTR:AAM") || packet.text.starts_with("?OTR:AAI")) &&
           packet.text.size() > 8 && packet.text[8] == type;
}

// --- World -------------------------------------------------------------------------------------

bool World::run_posted() {
    bool has_run = false;
    for (Party* party : m_parties) {
        while (party->host.run_posted()) {
            has_run = true;
        }
    }
    return has_run;
}

void World::settle() {
    constexpr int too_many = 200'000;
    for (int step = 0; step < too_many; ++step) {
        const bool has_delivered = network.deliver_one();
        if (run_posted() || has_delivered) {
            continue;
        }
        for (Party* party : m_parties) {
            party->engine().finish_proofs();
        }
        if (!run_posted()) {
            return;
        }
    }
    BOOST_FAIL("the network never comes to rest");
}

void World::advance(std::chrono::milliseconds time) {
    const core::SteadyTime end = m_now + time;
    settle();
    for (;;) {
        Party* next = nullptr;
        for (Party* party : m_parties) {
            if (party->host.next_timer() <= end &&
                (next == nullptr || party->host.next_timer() < next->host.next_timer())) {
                next = party;
            }
        }
        if (next == nullptr) {
            break;
        }
        m_now = std::max(m_now, next->host.next_timer());
        next->host.run_timer(m_now);
        settle();
    }
    m_now = end;
}

void World::wait_until(const std::function<bool()>& condition) {
    const auto deadline = std::chrono::steady_clock::now() + 10s;
    settle();
    while (!condition()) {
        if (std::chrono::steady_clock::now() > deadline) {
            BOOST_FAIL("waited in vain");
        }
        std::this_thread::sleep_for(1ms);
        settle();
    }
}

bool World::was_on_the_wire(std::string_view text) const {
    return std::ranges::any_of(network.log, [text](const Packet& packet) {
        return packet.text.find(text) != std::string::npos;
    });
}

// --- Ready-made worlds -------------------------------------------------------------------------

void TwoParties::make_private() {
    alice.session("bob").start();
    world.settle();
    BOOST_REQUIRE(alice.state("bob") == SessionState::Private);
    BOOST_REQUIRE(bob.state("alice") == SessionState::Private);
    alice.look_away();
    bob.look_away();
}

void TwoParties::make_verified() {
    make_private();
    alice.session("bob").trust(bob.key());
    bob.session("alice").trust(alice.key());
    alice.look_away();
    bob.look_away();
}

void AliceAndRaw::make_private() {
    alice.session("bob").start();
    world.settle();
    BOOST_REQUIRE(alice.state("bob") == SessionState::Private);
    alice.look_away();
    static_cast<void>(bob.shown());
}

AliceAndTwoDevices::AliceAndTwoDevices(int second_key) : second(world, {"bob", second_key}) {
    world.network.attach("bob", devices);
    alice.session("bob").start();
    world.settle();
    alice.look_away();
    BOOST_REQUIRE(alice.status("bob").instances.size() == 2U);
}

} // namespace otr_guard::tests
