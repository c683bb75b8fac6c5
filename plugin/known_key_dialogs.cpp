// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "known_key_dialogs.h"

#include <algorithm>
#include <cctype>
#include <numeric>
#include <utility>

#include "core/markup.h"
#include "i18n.h"
#include "ipc/gobject_ptr.h"
#include "ipc/user_files.h"
#include "key_dialogs.h"
#include "labels.h"
#include "model/limits.h"
#include "names.h"
#include "plugin.h"

namespace otr_guard::plugin {

using Kind = Dialogs::Kind;

namespace {

/// More than a person looks through in one list; more than this are asked for by name.
constexpr std::size_t listed_keys = 100;

const Dialogs::Subject subject{Kind::Keys, std::nullopt};

std::string lower(std::string_view text) {
    std::string result(text);
    std::ranges::transform(result, result.begin(), [](unsigned char character) {
        return static_cast<char>(std::tolower(character));
    });
    return result;
}

/// Those whose name or code has `part` in it, in the order of their labels.
std::vector<std::pair<std::string, core::KeyOfPeer>> keys_with(const core::TrustStore& trust,
                                                               std::string_view part) {
    std::vector<std::pair<std::string, core::KeyOfPeer>> keys;
    const std::string wanted = lower(part);
    for (const core::KeyOfPeer& key : trust.all()) {
        const auto& [peer, known] = key;
        if (lower(peer.username).find(wanted) != std::string::npos ||
            lower(known.fingerprint.to_groups()).find(wanted) != std::string::npos) {
            keys.emplace_back(key_label(key, verification_of(known)), key);
        }
    }
    std::ranges::sort(keys, {}, [](const auto& key) -> const std::string& { return key.first; });
    return keys;
}

std::string counted(const char* one, const char* many, std::size_t number) {
    return format(tr_n(one, many, number), {{"number", std::to_string(number)}});
}

} // namespace

KnownKeyDialogs::KnownKeyDialogs(Plugin& plugin, Dialogs& dialogs, Import import)
    : m_plugin(plugin), m_dialogs(dialogs), m_import(std::move(import)),
      m_changes(plugin.engine()) {}

// --- The list ----------------------------------------------------------------------------------

void KnownKeyDialogs::show() {
    if (m_plugin.engine().trust().size() <= listed_keys) {
        list({}, {});
        return;
    }
    check_shown(m_plugin,
                m_dialogs.ask_text(subject,
                                   {tr("Whose codes (fingerprints)?"),
                                    tr("There are many. Type a part of a name or of a code.")},
                                   {}, tr("Show"), [this](const util::SecretString& part) {
                                       list(std::string(part.view()), {});
                                   }));
}

void KnownKeyDialogs::say_empty() {
    check_shown(
        m_plugin,
        m_dialogs.act(subject,
                      {tr("No such code (fingerprint) is known."),
                       tr("The codes of others are remembered from the first private conversation "
                          "on.")},
                      {{tr("Import from a file"), [this] { ask_for_list(); }}, {tr("Close"), {}}}));
}

void KnownKeyDialogs::list(const std::string& part, const Last& last) {
    auto keys = keys_with(m_plugin.engine().trust(), part);
    if (keys.empty() && last.undo == 0) {
        say_empty();
        return;
    }
    const std::size_t left_out = keys.size() > listed_keys ? keys.size() - listed_keys : 0;
    keys.resize(keys.size() - left_out);
    std::vector<std::string> labels;
    KeyChanges::Keys shown;
    for (auto& [label, key] : keys) {
        labels.push_back(std::move(label));
        shown.push_back(std::move(key));
    }

    FieldsPtr fields(purple_request_fields_new());
    PurpleRequestFieldGroup* group = purple_request_field_group_new(nullptr);
    purple_request_fields_add_group(fields.get(), group);
    purple_request_field_list_set_multi_select(
        add_list_field(group, "keys", tr("Codes"), labels, labels.size()), TRUE);
    std::vector<std::string> actions{tr("Compare and verify"), tr("No longer verified"),
                                     tr("Forget"), tr("Export to a file"),
                                     tr("Import from a file")};
    if (last.undo != 0) {
        actions.push_back(tr("Undo the last change"));
    }
    add_list_field(group, "action", tr("What to do"), actions, 0);

    std::string note = last.text.empty() ? "" : last.text + "\n";
    note += tr("Choose codes, and what to do with them. To see whole lines, make the window "
               "larger.");
    if (left_out > 0) {
        note +=
            " " + counted("{number} more is not shown.", "{number} more are not shown.", left_out);
    }
    const auto answered = [this, shown, part, last,
                           count = actions.size()](PurpleRequestFields& filled) {
        KeyChanges::Keys chosen;
        for (const std::size_t index : selected_indices(filled, "keys")) {
            if (index < shown.size()) {
                chosen.push_back(shown[index]);
            }
        }
        const auto wanted = selected_indices(filled, "action");
        const bool is_one = wanted.size() == 1 && wanted.front() < count;
        if (!is_one || (chosen.empty() && static_cast<Action>(wanted.front()) < Action::Import)) {
            inform(m_plugin, tr("Nothing was done, because nothing was chosen."), {});
            return;
        }
        act(static_cast<Action>(wanted.front()), chosen, part, last);
    };
    check_shown(m_plugin,
                m_dialogs.ask_fields(subject, {tr("Known codes (fingerprints)"), note},
                                     std::move(fields), tr("Do it"), tr("Close"), answered));
}

void KnownKeyDialogs::act(Action action, const KeyChanges::Keys& keys, const std::string& part,
                          const Last& last) {
    // As they are now.
    KeyChanges::Keys known;
    for (const auto& [peer, key] : keys) {
        if (const auto* now = m_plugin.engine().trust().find(peer, key.fingerprint)) {
            known.emplace_back(peer, *now);
        }
    }
    KeyChanges::Done done;
    switch (action) {
    case Action::Verify:
        for (const auto& [peer, key] : known) {
            show_codes(m_plugin, m_dialogs, peer, key.fingerprint);
        }
        return;
    case Action::Export:
        export_keys(known);
        return;
    case Action::Import:
        ask_for_list();
        return;
    case Action::TakeBack:
        done = m_changes.set_verified(std::move(known), false);
        break;
    case Action::Forget:
        done = m_changes.forget(std::move(known));
        break;
    case Action::Undo:
        done.number = m_changes.undo(last.undo).value_or(0);
        break;
    }
    if (done.in_use > 0) {
        inform(m_plugin,
               counted("{number} code is in use and was kept.",
                       "{number} codes are in use and were kept.", done.in_use),
               tr("End the private conversation first."));
    }
    list(part, {counted("{number} code was updated.", "{number} codes were updated.", done.number),
                done.undo});
}

// --- Files -------------------------------------------------------------------------------------

void KnownKeyDialogs::export_keys(const KeyChanges::Keys& keys) {
    const auto chosen = [this, keys](const std::string& path) {
        const bool is_ours = path.ends_with(".json");
        const ipc::GObjectPtr<GFile> file(g_file_new_for_path(path.c_str()));
        ipc::write_user_file(
            file.get(), is_ours ? core::to_key_list(keys) : core::to_libotr_list(keys),
            [this, path, alive = std::weak_ptr<bool>(m_alive)](const std::string& problem) {
                if (alive.expired()) {
                    return;
                }
                inform(m_plugin,
                       problem.empty() ? format(tr("Written to {file}."), {{"file", path}})
                                       : format(tr("Not written to {file}: {problem}"),
                                                {{"file", path}, {"problem", problem}}),
                       {});
            });
    };
    check_shown(m_plugin,
                m_dialogs.ask_file(subject,
                                   tr("Export codes (a name that ends in .json keeps how they were "
                                      "verified; any other is pidgin-otr's format)"),
                                   "otr-guard-codes.json", true, chosen));
}

void KnownKeyDialogs::ask_for_list() {
    check_shown(m_plugin, m_dialogs.ask_file(subject, tr("Import codes"), "", false, m_import));
}

void KnownKeyDialogs::take(const core::KeyList& list) {
    std::vector<std::size_t> places(list.keys.size());
    std::iota(places.begin(), places.end(), std::size_t{0});
    const KeyChanges::Done done = m_changes.import(list, places);
    this->list(
        {}, {counted("{number} code was imported.", "{number} codes were imported.", done.number),
             done.undo});
}

} // namespace otr_guard::plugin
