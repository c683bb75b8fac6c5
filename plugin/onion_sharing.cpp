// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "onion_sharing.h"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <unistd.h>
#include <utility>

#include "core/markup.h"
#include "core/wire.h"
#include "dialogs.h"
#include "i18n.h"
#include "model/sharing_limits.h"
#include "names.h"
#include "network_guard.h"
#include "notices.h"
#include "purple_host.h"
#include "tor_browser.h"
#include "ui.h"
#include "util/log.h"

namespace otr_guard::plugin {

namespace {

namespace fs = std::filesystem;
namespace limits = model::limits;
using Output = core::OnionShareOutput;
using Trouble = Output::Trouble;

constexpr const char* program_name = "onionshare-cli";
constexpr std::size_t name_characters = 100;

std::string how_to_get_it() {
    return tr("OnionShare is not installed, or not the part of it that works without a window. "
              "Install the package onionshare-cli, then try again.");
}

std::string text_of(Trouble trouble) {
    switch (trouble) {
    case Trouble::NoTor:
        return tr("OnionShare found no Tor that it may use. Start Tor Browser, or install the "
                  "package tor, then try again.");
    case Trouble::TorMissing:
        return tr("OnionShare needs Tor. Install the package tor, then try again.");
    case Trouble::TooSlow:
        return tr("Tor did not get into its network in time. Are you online, and is the clock of "
                  "this computer right? Then try again.");
    case Trouble::NoPort:
        return tr("OnionShare found no free port on this computer. Stop other sharing, then try "
                  "again.");
    case Trouble::File:
        break;
    }
    return tr("OnionShare could not read all of it, or there is not enough room to pack it.");
}

/// Enough of an address to know it again: whoever sees the screen shall not be able to use it.
std::string beginning_of(const std::string& address) {
    constexpr std::size_t shown = std::string_view("http://").size() + 8;
    return address.size() > shown ? address.substr(0, shown) + "\u2026" : address;
}

/// Why it cannot be shared; nothing when it can.
std::optional<std::string> examine_path(const std::string& path) {
    std::error_code error;
    if (!fs::path(path).is_absolute()) {
        return tr("Write the whole path of the file or folder, from / or ~ on.");
    }
    if (!fs::is_regular_file(path, error) && !fs::is_directory(path, error)) {
        return tr("There is no such file or folder.");
    }
    if (::access(path.c_str(), R_OK) != 0) {
        return tr("You are not allowed to read it.");
    }
    return std::nullopt;
}

} // namespace

struct OnionSharing::Share {
    enum class Stage {
        Examined, ///< its metadata is looked at, or the user is being asked
        Starting, ///< OnionShare is on its way to an address
        Shared,   ///< the address was sent
        Stopped,  ///< by the user, or because it must not go on
        Complete, ///< downloaded
    };
    model::PeerId peer;
    Number number = 0;
    model::Fingerprint key{};
    std::string path{};
    Stage stage = Stage::Examined;
    std::shared_ptr<const CleanCopy> copy{};
    Output output{};
    std::optional<Trouble> trouble{};
    std::optional<unsigned> downloaded{}; ///< percent
    std::string address{};                ///< the beginning of it
    std::unique_ptr<OwnedProgram> program{};
    core::Timer patience{}; ///< goes first: it may use the program

    [[nodiscard]] std::string name() const {
        fs::path shown(path);
        shown = shown.has_filename() ? shown.filename() : shown.parent_path().filename();
        return isolated(core::markup::to_single_line(shown.string(), name_characters));
    }
};

OnionSharing::OnionSharing(Plugin& plugin, FileMetadata& metadata)
    : m_plugin(plugin), m_metadata(metadata) {}

OnionSharing::~OnionSharing() = default;

void OnionSharing::say(const model::PeerId& peer, const std::string& text) const {
    plugin::say(m_plugin, peer, text);
    changed(); // nothing does without a word
}

void OnionSharing::changed() const {
    m_plugin.refresh_display(); // the menus
    m_plugin.ui().sharing_changed();
}

// --- Starting ----------------------------------------------------------------------------------

OnionSharing::Refusal OnionSharing::examine(const model::PeerId& peer) const {
    PurpleAccount* account = find_account(peer.account);
    const core::Record record = NetworkGuard::instance().record(account);
    // OnionShare starts a Tor of its own, on this computer: that is not the way of an account whose
    // Tor is elsewhere.
    const bool may_use_tor = record.state == core::Record::State::Bound &&
                             record.route.binding == core::Binding::Tor &&
                             core::is_loopback(record.route.host);
    if (NetworkGuard::instance().is_bound(account) && !may_use_tor) {
        return tr("This account is bound to a proxy, and OnionShare would connect to Tor past it. "
                  "If that is no problem for you, start OnionShare yourself and send its address "
                  "here.");
    }
    const core::SessionStatus status = m_plugin.engine().status(peer);
    if (status.state != model::SessionState::Private || !status.their_key) {
        return tr("This conversation is not private, so the address would be readable for others. "
                  "Start a private conversation first: /otr start.");
    }
    if (status.hold != model::HoldReason::None) {
        return hold_text(core::hold_word(status.hold), isolated(display_name(peer)));
    }
    if (!find_program(program_name)) {
        return how_to_get_it();
    }
    return std::nullopt;
}

OnionSharing::Refusal OnionSharing::start(const model::PeerId& peer, const std::string& path) {
    const std::string whole = from_home(path);
    if (Refusal refusal = examine(peer)) {
        return refusal;
    }
    if (Refusal refusal = examine_path(whole)) {
        return refusal;
    }
    const auto there = m_shares.find(peer);
    // A question that was closed without an answer is no obstacle.
    if (there != m_shares.end() && there->second->stage != Share::Stage::Examined) {
        return tr("Something is being shared in this conversation. Stop that first: /otr "
                  "onionshare stop.");
    }
    if (there == m_shares.end() && m_shares.size() >= limits::onion_shares) {
        return tr("Too much is being shared at the same time. Stop something first: /otr "
                  "onionshare stop, in its conversation.");
    }
    auto share = std::make_unique<Share>();
    share->peer = peer;
    share->number = m_next++;
    share->key = *m_plugin.engine().status(peer).their_key;
    share->path = whole;
    const Number number = share->number;
    m_shares[peer] = std::move(share);
    changed();
    m_metadata.check(whole, [this, peer, number](const MetadataAnswer& answer) {
        checked(peer, number, answer);
    });
    return std::nullopt;
}

OnionSharing::Share* OnionSharing::find(const model::PeerId& peer, Number number) {
    const auto found = m_shares.find(peer);
    return found != m_shares.end() && found->second->number == number ? found->second.get()
                                                                      : nullptr;
}

void OnionSharing::checked(const model::PeerId& peer, Number number, const MetadataAnswer& answer) {
    Share* share = find(peer, number);
    if (share == nullptr) {
        return;
    }
    if (answer.outcome == MetadataAnswer::Outcome::Found) {
        ask(peer, number, answer);
        return;
    }
    if (const std::string text = answer.sentence(); !text.empty()) {
        say(peer, text);
    }
    launch(*share);
}

void OnionSharing::ask(const model::PeerId& peer, Number number, const MetadataAnswer& answer) {
    const Share& share = *find(peer, number);
    const MetadataQuestion question{
        .kind = Dialogs::Kind::MetadataOfShare, .name = share.name(), .answer = answer};
    const auto answered = [this, peer, number](MetadataChoice choice) {
        Share* asked = find(peer, number);
        if (asked == nullptr) {
            return;
        }
        switch (choice) {
        case MetadataChoice::AsItIs:
            launch(*asked);
            break;
        case MetadataChoice::Without:
            clean(peer, number);
            break;
        case MetadataChoice::Cancel:
            m_shares.erase(peer);
            say(peer, tr("Nothing is shared."));
            break;
        }
    };
    if (!m_plugin.ui().ask_about_metadata(peer, question, answered)) {
        m_shares.erase(peer);
        say(peer, tr("Nothing is shared."));
    }
}

void OnionSharing::clean(const model::PeerId& peer, Number number) {
    m_metadata.make_clean_copy(find(peer, number)->path, [this, peer, number](const auto& copy) {
        Share* share = find(peer, number);
        if (share == nullptr) {
            return;
        }
        if (!copy) {
            m_shares.erase(peer);
            say(peer, copy.error() + " " + tr("Nothing is shared."));
            return;
        }
        share->copy = *copy;
        share->path = share->copy->path();
        launch(*share);
    });
}

void OnionSharing::launch(Share& share) {
    const model::PeerId peer = share.peer;
    const Number number = share.number;
    // Things may have changed while the user was asked.
    Refusal refusal = examine(peer);
    const auto program = find_program(program_name);
    if (!refusal && program) {
        auto started = OwnedProgram::start(
            {*program, share.path},
            {.said = [this, peer, number](std::string_view bytes) { said(peer, number, bytes); },
             .ended = [this, peer, number](int) { ended(peer, number); }});
        if (started) {
            share.program = std::move(*started);
        } else {
            util::log_warning("onion_sharing", started.error().detail);
            refusal = tr("OnionShare could not be started.");
        }
    }
    if (refusal || share.program == nullptr) {
        m_shares.erase(peer);
        say(peer, refusal.value_or(how_to_get_it()));
        return;
    }
    share.stage = Share::Stage::Starting;
    say(peer, format(tr("OnionShare is getting ready to share {file}. {name} will be sent the "
                        "address by itself; that can take some minutes. To stop it: /otr "
                        "onionshare stop."),
                     {{"file", share.name()}, {"name", isolated(display_name(peer))}}));
    share.patience = core::Timer(m_plugin.host(), limits::onion_share_patience, [this, peer] {
        say(peer, tr("OnionShare is still on its way into Tor's network."));
    });
}

// --- What it says ------------------------------------------------------------------------------

void OnionSharing::said(const model::PeerId& peer, Number number, std::string_view bytes) {
    if (Share* share = find(peer, number)) {
        share->output.take(bytes);
        while (const auto news = share->output.next()) {
            take(*share, *news);
        }
        m_plugin.ui().sharing_changed(); // also the percentage
    }
}

void OnionSharing::take(Share& share, const Output::News& news) {
    if (const auto* ready = std::get_if<Output::Ready>(&news)) {
        if (share.stage == Share::Stage::Starting) { // not when it is being stopped
            send_address(share, ready->share);
        }
    } else if (const auto* download = std::get_if<Output::Downloading>(&news)) {
        if (!std::exchange(share.downloaded, download->percent)) {
            say(share.peer, format(tr("{file} is being downloaded."), {{"file", share.name()}}));
        }
    } else if (std::holds_alternative<Output::Complete>(news)) {
        // It says that it stops, but with some versions of its libraries it does not. What is still
        // on its way through Tor gets the time it needs.
        share.stage = Share::Stage::Complete;
        share.program->ask_to_end();
        share.patience = core::Timer(m_plugin.host(), limits::onion_share_end,
                                     [program = share.program.get()] { program->stop(); });
    } else if (const auto* trouble = std::get_if<Trouble>(&news)) {
        share.trouble = *trouble;
    }
}

void OnionSharing::send_address(Share& share, const core::OnionShareAddress& address) {
    share.patience.stop();
    std::string text = "OnionShare: " + address.address;
    if (!address.key.empty()) {
        text += "\nPrivate key: " + address.key; // as OnionShare itself calls it
    }
    if (!send_privately(share, core::markup::escape(text))) {
        share.stage = Share::Stage::Stopped;
        share.program->stop();
        say(share.peer, tr("The private conversation has changed in the meantime, so the address "
                           "was not sent and nothing is shared."));
        return;
    }
    share.stage = Share::Stage::Shared;
    share.address = beginning_of(address.address);
    std::string told = format(
        tr("{name} was sent the address and the key. Sharing ends after the first download, or "
           "with /otr onionshare stop. Keep this program running until then."),
        {{"name", isolated(display_name(share.peer))}});
    if (!m_plugin.engine().status(share.peer).is_verified) {
        told += " " + tr("Nobody has verified yet that it is really them.");
    }
    if (address.is_local) {
        told += " " + tr("OnionShare works without Tor here: the address leads nowhere outside "
                         "this computer.");
    }
    say(share.peer, told);
}

bool OnionSharing::send_privately(const Share& share, const std::string& html) {
    const core::SessionStatus status = m_plugin.engine().status(share.peer);
    if (status.state != model::SessionState::Private || status.their_key != share.key ||
        status.hold != model::HoldReason::None) {
        return false;
    }
    const core::Outgoing outgoing =
        m_plugin.engine().send(share.peer, html, core::Origin::Automatic);
    if (outgoing.action != core::Outgoing::Action::SendReplacement ||
        !outgoing.text.starts_with("?OTR") ||
        !m_plugin.host().send_raw(share.peer, outgoing.text)) {
        return false;
    }
    m_plugin.host().show_sent(share.peer, html);
    return true;
}

void OnionSharing::ended(const model::PeerId& peer, Number number) {
    if (find(peer, number) == nullptr) {
        return;
    }
    const std::unique_ptr<Share> share = std::move(m_shares.extract(peer).mapped());
    const std::string file = share->name();
    switch (share->stage) {
    case Share::Stage::Complete:
        say(peer, format(tr("{file} was downloaded completely. It is not shared any more."),
                         {{"file", file}}));
        break;
    case Share::Stage::Shared:
    case Share::Stage::Stopped:
        say(peer, format(tr("{file} is not shared any more."), {{"file", file}}));
        break;
    case Share::Stage::Starting:
    case Share::Stage::Examined:
        say(peer, share->trouble ? text_of(*share->trouble)
                                 : tr("OnionShare ended before it had an address. To see why, "
                                      "start onionshare-cli in a terminal."));
        break;
    }
}

// --- Stopping and looking ----------------------------------------------------------------------

OnionSharing::Refusal OnionSharing::stop(const model::PeerId& peer) {
    const auto found = m_shares.find(peer);
    if (found == m_shares.end()) {
        return tr("Nothing is being shared in this conversation.");
    }
    Share& share = *found->second;
    if (share.program == nullptr) { // still being looked at
        m_shares.erase(found);
        say(peer, tr("Nothing is shared."));
        return std::nullopt;
    }
    if (share.stage != Share::Stage::Complete) {
        share.stage = Share::Stage::Stopped;
    }
    share.patience.stop();
    share.program->stop();
    changed();
    return std::nullopt;
}

bool OnionSharing::is_sharing(const model::PeerId& peer) const {
    return m_shares.contains(peer);
}

std::string OnionSharing::state_text(const model::PeerId& peer) const {
    const auto found = m_shares.find(peer);
    if (found == m_shares.end()) {
        return tr("Nothing is being shared in this conversation. To share a file or folder: /otr "
                  "onionshare PATH.");
    }
    const Share& share = *found->second;
    const std::string file = share.name();
    switch (share.stage) {
    case Share::Stage::Examined:
        return format(tr("{file} is being looked at."), {{"file", file}});
    case Share::Stage::Starting:
        return format(tr("OnionShare is getting ready to share {file}."), {{"file", file}});
    case Share::Stage::Stopped:
        return format(tr("Sharing {file} is being stopped."), {{"file", file}});
    case Share::Stage::Complete:
        return format(tr("{file} was downloaded completely."), {{"file", file}});
    case Share::Stage::Shared:
        break;
    }
    return share.downloaded
               ? format(tr("{file} is being downloaded: {percent} %."),
                        {{"file", file}, {"percent", std::to_string(*share.downloaded)}})
               : format(tr("{file} is shared and was not downloaded yet."), {{"file", file}});
}

std::vector<ShareStatus> OnionSharing::all() const {
    std::vector<ShareStatus> shares;
    for (const auto& [peer, share] : m_shares) {
        const bool is_complete = share->stage == Share::Stage::Complete;
        shares.push_back(
            {.peer = peer,
             .number = share->number,
             .name = share->name(),
             .state = state_text(peer),
             .address = share->address,
             .percent = is_complete ? 100U : std::min(share->downloaded.value_or(0U), 100U),
             .is_ending = is_complete || share->stage == Share::Stage::Stopped});
    }
    return shares;
}

// --- Theirs ------------------------------------------------------------------------------------

void OnionSharing::received(const model::PeerId& peer, std::string_view plain) {
    const auto address = core::find_onion_address(plain);
    if (!address) {
        return;
    }
    const auto known = m_addresses.find(peer);
    if (known != m_addresses.end() && known->second == *address) {
        return;
    }
    if (known == m_addresses.end() && m_addresses.size() >= limits::onion_addresses) {
        m_addresses.erase(m_addresses.begin());
    }
    m_addresses[peer] = *address;
    changed();
    std::string text =
        format(address->key.empty()
                   ? tr("{name} sent the address of an onion service. To open it in Tor Browser: "
                        "/otr onionshare open.")
                   : tr("{name} sent an OnionShare address. To open it in Tor Browser: /otr "
                        "onionshare open. The browser will ask for the key in the message."),
               {{"name", isolated(display_name(peer))}});
    if (m_plugin.engine().status(peer).state != model::SessionState::Private) {
        text += " " + tr("This conversation is not private: others can read the address and may "
                         "have changed it.");
    }
    m_plugin.host().post([peer, text] { // behind the message
        if (Plugin* plugin = Plugin::instance()) {
            plugin->host().write_text(peer, text);
        }
    });
}

bool OnionSharing::has_address_of(const model::PeerId& peer) const {
    return m_addresses.contains(peer);
}

OnionSharing::Refusal OnionSharing::open(const model::PeerId& peer) {
    const auto found = m_addresses.find(peer);
    if (found == m_addresses.end()) {
        return tr("There is no onion address in what they have sent.");
    }
    const auto opened = open_in_tor_browser(found->second.address);
    if (!opened && opened.error().code == util::ErrorCode::NotFound) {
        return how_to_get_tor_browser();
    }
    if (!opened) {
        util::log_warning("onion_sharing", opened.error().detail);
        return tr("Tor Browser could not be started, so the link was not opened.");
    }
    m_plugin.host().write_text(peer, tr("Tor Browser is being started."));
    return std::nullopt;
}

} // namespace otr_guard::plugin
