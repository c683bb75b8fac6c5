// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "profile_import.h"

#include <algorithm>
#include <exception>
#include <utility>

#include "core/foreign_profile.h"
#include "core/markup.h"
#include "dialogs.h"
#include "i18n.h"
#include "import_texts.h"
#include "names.h"
#include "own_key_list.h"
#include "plugin.h"
#include "purple_host.h"
#include "util/guarded.h"

namespace otr_guard::plugin {

namespace {

/// More are left out: nobody has so many accounts.
constexpr std::size_t asked_accounts = 10;
/// Of a path.
constexpr std::size_t shown_characters = 300;

std::vector<model::AccountId> our_accounts() {
    std::vector<model::AccountId> accounts;
    for (GList* item = purple_accounts_get_all(); item != nullptr; item = item->next) {
        accounts.push_back(account_id(static_cast<PurpleAccount*>(item->data)));
    }
    return accounts;
}

/// As libpurple knows somebody on this account.
std::string normalised(const model::AccountId& account, const std::string& name) {
    // Names may come from anywhere, libpurple takes UTF-8.
    PurpleAccount* found = find_account(account);
    if (found == nullptr || g_utf8_validate(name.c_str(), -1, nullptr) == FALSE) {
        return name;
    }
    return peer_id(found, name.c_str()).username;
}

} // namespace

// --- Reading -----------------------------------------------------------------------------------

ProfileReader::ProfileReader(Plugin& plugin) : m_plugin(plugin) {}

ProfileReader::~ProfileReader() = default;

void ProfileReader::read(const std::string& path, util::SecretString passphrase, Done done) {
    Request request{path, std::move(passphrase), std::move(done)};
    if (!m_is_reading) {
        start(std::move(request));
        return;
    }
    const auto before = std::exchange(m_next, std::move(request));
    if (before) {
        before->done(util::failure(util::ErrorCode::Busy, "another one was chosen"));
    }
}

void ProfileReader::start(Request request) {
    using Result = util::Expected<core::ForeignProfile>;
    m_is_reading = true;
    const auto shared = std::make_shared<Request>(std::move(request));
    const auto result = std::make_shared<Result>(util::failure(util::ErrorCode::Io, "unexpected"));
    const auto finish = [this, shared, result, alive = std::weak_ptr<bool>(m_alive)] {
        if (alive.expired()) {
            return;
        }
        m_is_reading = false;
        if (auto next = std::exchange(m_next, std::nullopt)) {
            start(std::move(*next));
        }
        shared->done(std::move(*result));
    };
    const auto deliver = [&plugin = m_plugin, finish] { plugin.host().post(finish); };
    try {
        m_worker.submit(
            [shared, result] {
                util::guarded("import", [&] {
                    *result = core::read_foreign(shared->path, shared->passphrase);
                });
            },
            deliver);
    } catch (const std::exception& problem) { // no thread to be had
        *result = util::failure(util::ErrorCode::Unavailable, problem.what());
        deliver();
    }
}

// --- The steps ---------------------------------------------------------------------------------

ProfileImport::ProfileImport(Plugin& plugin, const std::string& path)
    : m_plugin(plugin), m_path(from_home(path)) {}

ProfileImport::Next ProfileImport::take(util::Expected<core::ForeignProfile> profile) {
    const std::string name = shown_path();
    if (!profile) {
        const bool is_missing = profile.error().code == util::ErrorCode::NotFound;
        return {Step::Over,
                is_missing ? format(tr("There is no file or folder {file}."), {{"file", name}})
                           : format(tr("The file cannot be read: {problem}"),
                                    {{"problem", profile.error().detail}}),
                {}};
    }
    m_profile = std::move(*profile);
    if (!m_profile.backup.empty()) {
        return {Step::Backup, {}, {}};
    }
    if (m_profile.sealed != core::Sealed::Nothing) {
        const std::string advice =
            tr("KeySync has shown it as a picture of squares (a QR code) and as text.");
        return {Step::Passphrase, tr("There are keys under a passphrase."),
                m_profile.sealed == core::Sealed::WrongPassphrase
                    ? tr("The passphrase is another one. Capital letters and spaces count.") +
                          "\n" + advice
                    : advice};
    }
    if (m_profile.own.empty() && m_profile.keys.empty()) {
        return {
            Step::Over,
            format(tr("There are no keys or codes in {file} that can be read."), {{"file", name}}),
            remarks_text(m_profile.remarks)};
    }
    m_ours = our_accounts();
    m_accounts = core::match_accounts(m_profile, m_ours);
    for (const auto& [theirs, account] : m_accounts) {
        if (!account && m_unknown.size() < asked_accounts) {
            m_unknown.push_back(theirs);
        }
    }
    if (m_unknown.empty() || m_ours.empty()) {
        return plan_again();
    }
    return {Step::Accounts, tr("Which accounts?"),
            tr("The other program calls these accounts by other names. Which are they?")};
}

ProfileImport::Next ProfileImport::match(const std::vector<std::optional<std::size_t>>& places) {
    for (std::size_t i = 0; i < m_unknown.size() && i < places.size(); ++i) {
        if (places[i] && *places[i] < m_ours.size()) {
            m_accounts[m_unknown[i]] = m_ours[*places[i]];
        }
    }
    return plan_again();
}

ProfileImport::Next ProfileImport::plan_again() {
    core::Engine& engine = m_plugin.engine();
    m_plan =
        core::plan_import(m_profile, m_accounts, engine.trust(), engine.identity(), normalised);
    if (m_plan.keys.empty() && m_plan.own.empty()) {
        const std::string remarks = remarks_text(m_profile.remarks);
        return {Step::Over, format(tr("There is nothing new in {file}."), {{"file", shown_path()}}),
                left_out_text(m_plan) + (remarks.empty() ? "" : "\n" + remarks)};
    }
    return {Step::Choice, import_question(m_plan), import_advice(m_plan, m_profile.remarks)};
}

std::string ProfileImport::shown_path() const {
    return isolated(core::markup::to_single_line(m_path, shown_characters));
}

// --- What is taken -----------------------------------------------------------------------------

model::Fingerprint ProfileImport::fingerprint_of(const core::PlannedOwnKey& key) const {
    return m_profile.own.at(key.place).key.fingerprint;
}

bool ProfileImport::has_changed(const std::vector<std::size_t>& places) const {
    const core::TrustStore& trust = m_plugin.engine().trust();
    return std::ranges::any_of(places, [&](std::size_t place) {
        const core::PlannedKey& planned = m_plan.keys.at(place);
        const auto& [peer, key] = planned.key;
        return core::conflict_of(trust, peer, key.fingerprint) != planned.conflict;
    });
}

core::KeyList ProfileImport::keys(const std::vector<std::size_t>& places) const {
    core::KeyList list;
    for (const std::size_t place : places) {
        if (place < m_plan.keys.size()) {
            list.keys.push_back(m_plan.keys[place].key);
        }
    }
    return list;
}

void ProfileImport::take_own_key(std::size_t place,
                                 const std::function<void(const std::string&)>& done) {
    const core::PlannedOwnKey& key = m_plan.own.at(place);
    m_plugin.engine().own_keys().take(
        key.account, key.replaces, std::move(m_profile.own.at(key.place).key),
        [done, account = key.account](const util::Expected<void>& result) {
            done(result ? format(tr("The key of {account} was imported."),
                                 {{"account", account_label(account)}})
                        : own_key_problem(result.error()));
        });
}

} // namespace otr_guard::plugin
