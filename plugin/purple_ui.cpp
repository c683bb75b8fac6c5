// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "purple_ui.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "core/code.h"
#include "core/markup.h"
#include "core/words.h"
#include "dialogs.h"
#include "export_dialogs.h"
#include "file_dialogs.h"
#include "guard_dialogs.h"
#include "i18n.h"
#include "import_dialogs.h"
#include "key_dialogs.h"
#include "known_key_dialogs.h"
#include "labels.h"
#include "names.h"
#include "notices.h"
#include "onion_sharing.h"
#include "own_key_dialogs.h"
#include "purple_host.h"
#include "setting_dialogs.h"

namespace otr_guard::plugin {

using Kind = Dialogs::Kind;
using Stage = core::VerificationStatus::Stage;

namespace {

class PurpleUi final : public Ui {
public:
    explicit PurpleUi(Plugin& plugin)
        : m_plugin(plugin),
          m_known_keys(plugin, m_dialogs, [this](const std::string& path) { m_import.open(path); }),
          m_own_keys(plugin, m_dialogs),
          m_import(
              plugin, m_dialogs,
              {.take_keys = [this](const core::KeyList& list) { m_known_keys.take(list); },
               .open_backup = [this](const std::string& text) { m_own_keys.open_backup(text); }}),
          m_export(plugin, m_dialogs), m_files(plugin, m_dialogs) {}

    void show_verification(const model::PeerId& peer) override;
    void show_question(const model::PeerId& peer) override;
    void show_known_keys() override { m_known_keys.show(); }
    void show_own_keys() override { m_own_keys.show(); }
    void show_import(const std::string& path) override { m_import.open(path); }
    void show_export(ExportFormat format, const std::string& path) override {
        m_export.open(format, path);
    }
    void show_peer_settings(const model::PeerId& peer) override {
        plugin::show_peer_settings(m_plugin, m_dialogs, peer);
    }
    void show_account_settings() override { plugin::show_account_settings(m_plugin, m_dialogs); }
    void show_network_settings() override { plugin::show_network_settings(m_plugin, m_dialogs); }
    void show_network_of(const model::AccountId& account) override {
        plugin::show_network_of(m_plugin, m_dialogs, account);
    }
    void show_files() override { m_files.show_all(); }
    FileDialogs& files() override { return m_files; }
    void ask_about_link(const LinkQuestion& question, LinkAnswered answered) override {
        check_shown(m_plugin, plugin::ask_about_link(m_dialogs, question, std::move(answered)));
    }
    [[nodiscard]] bool ask_about_metadata(const model::PeerId& peer,
                                          const MetadataQuestion& question,
                                          std::function<void(MetadataChoice)> answered) override {
        const bool is_shown =
            plugin::ask_about_metadata(m_dialogs, peer, question, std::move(answered));
        check_shown(m_plugin, is_shown);
        return is_shown;
    }
    void ask_what_to_share(const model::PeerId& peer, bool is_folder) override;
    void state_changed(const model::PeerId& peer) override;

private:
    void offer_start(const model::PeerId& peer);
    void offer_cancel(const model::PeerId& peer);
    void choose_way(const model::PeerId& peer);
    void ask_for_code(const model::PeerId& peer, const model::Fingerprint& key,
                      const std::string& problem);
    void ask_for_question(const model::PeerId& peer, const model::Fingerprint& key);
    void ask_for_secret(const model::PeerId& peer, const model::Fingerprint& key);
    void answer(const model::PeerId& peer, const core::VerificationStatus& asked,
                const util::SecretString& text);

    /// True when the conversation is private and still with the holder of `key`; tells the user
    /// otherwise.
    [[nodiscard]] bool is_still(const model::PeerId& peer, const model::Fingerprint& key);
    void say(const model::PeerId& peer, const std::string& text);

    Plugin& m_plugin;
    Dialogs m_dialogs;
    KnownKeyDialogs m_known_keys;
    OwnKeyDialogs m_own_keys;
    ImportDialogs m_import;
    ExportDialogs m_export;
    FileDialogs m_files;
};

std::string name_of(const model::PeerId& peer) {
    return isolated(display_name(peer));
}

// --- Helpers -----------------------------------------------------------------------------------

void PurpleUi::say(const model::PeerId& peer, const std::string& text) {
    plugin::say(m_plugin, peer, text);
}

bool PurpleUi::is_still(const model::PeerId& peer, const model::Fingerprint& key) {
    const core::SessionStatus status = m_plugin.engine().status(peer);
    if (status.state == model::SessionState::Private && status.their_key == key) {
        return true;
    }
    say(peer, tr("The private conversation has changed in the meantime, so nothing was done. Have "
                 "a look and try again."));
    return false;
}

void PurpleUi::ask_what_to_share(const model::PeerId& peer, bool is_folder) {
    const std::string question =
        format(tr("What do you want to share with {name}?"), {{"name", name_of(peer)}});
    const auto chosen = [this, peer](const std::string& path) {
        if (const auto refusal = m_plugin.onion_sharing().start(peer, path)) {
            say(peer, *refusal);
        }
    };
    const Dialogs::Subject subject{Kind::Share, peer};
    check_shown(m_plugin, is_folder ? m_dialogs.ask_folder(subject, question, chosen)
                                    : m_dialogs.ask_file(subject, question, "", false, chosen));
}

void PurpleUi::state_changed(const model::PeerId& peer) {
    const core::SessionStatus status = m_plugin.engine().status(peer);
    if (status.verification.stage != Stage::Asked) {
        m_dialogs.close({Kind::Question, peer});
    }
    if (status.state != model::SessionState::Private) {
        m_dialogs.close({Kind::Verification, peer});
    }
    m_files.state_changed(peer);
}

// --- Verifying ---------------------------------------------------------------------------------

void PurpleUi::show_verification(const model::PeerId& peer) {
    const core::SessionStatus status = m_plugin.engine().status(peer);
    if (status.state != model::SessionState::Private || !status.their_key) {
        offer_start(peer);
    } else if (status.verification.stage == Stage::Asked) {
        show_question(peer);
    } else if (status.verification.stage != Stage::Idle) {
        offer_cancel(peer);
    } else {
        choose_way(peer);
    }
}

void PurpleUi::offer_start(const model::PeerId& peer) {
    const Dialogs::Text text{
        format(tr("There is no private conversation with {name}."), {{"name", name_of(peer)}}),
        tr("Start one first; then you can verify that it is really them.")};
    const auto start = [this, peer] { m_plugin.engine().session(peer).start(); };
    check_shown(m_plugin,
                m_dialogs.act({Kind::Start, peer}, text,
                              {{tr("Cancel"), {}}, {tr("Start private conversation"), start}}));
}

void PurpleUi::offer_cancel(const model::PeerId& peer) {
    const Dialogs::Text text{
        format(tr("A check with {name} is under way."), {{"name", name_of(peer)}}),
        tr("It ends when their answer arrives. Their program may not support questions (Adium and "
           "ChatSecure for iPhone do not); then cancel it and compare codes instead.")};
    const auto cancel = [this, peer] {
        if (m_plugin.engine().status(peer).verification.stage != Stage::Idle) {
            m_plugin.engine().session(peer).abort_verification();
        }
    };
    check_shown(m_plugin, m_dialogs.act({Kind::Verification, peer}, text,
                                        {{tr("Cancel the check"), cancel}, {tr("Wait"), {}}}));
}

void PurpleUi::choose_way(const model::PeerId& peer) {
    const core::SessionStatus status = m_plugin.engine().status(peer);
    const model::Fingerprint key = *status.their_key;
    const core::KnownKey* known = m_plugin.engine().trust().find(peer, key);
    std::string now = known != nullptr ? verification_of(*known) : tr("not verified");
    Dialogs::Text text{
        format(tr("Is it really {name}?"), {{"name", name_of(peer)}}),
        format(tr("So far: {state}. Verifying makes sure that nobody sits between the two of you. "
                  "It is needed once for each device or program that they use. What can you do?"),
               {{"state", now}})};
    if (status.protocol_version == 2) {
        text.secondary += " " + tr("Their program may not support questions and PINs; then compare "
                                   "codes.");
    }
    const std::vector<std::string> ways{
        tr("We can meet or talk by phone: I tell them a PIN"),
        tr("They sent or published a code (fingerprint)"),
        tr("They can answer a question that nobody else can"),
        tr("We both know a secret"),
        tr("We compare the codes (fingerprints) ourselves"),
    };
    const auto chosen = [this, peer, key](std::size_t way) {
        if (!is_still(peer, key)) {
            return;
        }
        switch (way) {
        case 0:
            m_plugin.engine().session(peer).verify_by_pin();
            break;
        case 1:
            ask_for_code(peer, key, {});
            break;
        case 2:
            ask_for_question(peer, key);
            break;
        case 3:
            ask_for_secret(peer, key);
            break;
        default:
            show_codes(m_plugin, m_dialogs, peer, key);
            break;
        }
    };
    check_shown(m_plugin,
                m_dialogs.choose({Kind::Verification, peer}, text, ways, tr("Continue"), chosen));
}

void PurpleUi::ask_for_code(const model::PeerId& peer, const model::Fingerprint& key,
                            const std::string& problem) {
    const std::string explanation =
        tr("Paste it here: 40 digits and letters, 15 words, or a link. The computer compares it. "
           "It must come from somewhere that you trust, not from this chat.");
    const Dialogs::Text text{
        format(tr("The code (fingerprint) of {name}"), {{"name", name_of(peer)}}),
        problem.empty() ? explanation : problem + "\n" + explanation};
    const auto answered = [this, peer, key](const util::SecretString& pasted) {
        if (!is_still(peer, key)) {
            return;
        }
        if (const auto code = core::parse_code(pasted.view())) {
            m_plugin.engine().session(peer).compare_code(*code);
        } else {
            ask_for_code(peer, key, text_of({model::NoticeKind::CodeMalformed, {}}, ""));
        }
    };
    check_shown(m_plugin, m_dialogs.ask_text({Kind::Verification, peer}, text,
                                             {.is_multiline = true}, tr("Compare"), answered));
}

void PurpleUi::ask_for_question(const model::PeerId& peer, const model::Fingerprint& key) {
    FieldsPtr fields(purple_request_fields_new());
    PurpleRequestFieldGroup* group = purple_request_field_group_new(nullptr);
    purple_request_fields_add_group(fields.get(), group);
    for (const auto& [id, label] :
         {std::pair("question", tr("Question")), std::pair("answer", tr("The answer"))}) {
        PurpleRequestField* field =
            purple_request_field_string_new(id, label.c_str(), nullptr, FALSE);
        purple_request_field_set_required(field, TRUE);
        purple_request_field_group_add_field(group, field);
    }
    const Dialogs::Text text{
        format(tr("A question for {name}"), {{"name", name_of(peer)}}),
        tr("Ask what only they can know, and nobody can find out or guess. They see the question, "
           "not the answer. Capital letters and spaces count.")};
    const auto answered = [this, peer, key](PurpleRequestFields& filled) {
        const util::SecretString question = take_text(filled, "question");
        const util::SecretString expected = take_text(filled, "answer");
        if (!is_still(peer, key)) {
            return;
        }
        if (question.empty() || expected.empty()) {
            say(peer, tr("Nothing was asked, because the question or the answer was empty."));
            return;
        }
        m_plugin.engine().session(peer).verify_by_question(question.view(), expected);
    };
    check_shown(m_plugin, m_dialogs.ask_fields({Kind::Verification, peer}, text, std::move(fields),
                                               tr("Ask"), tr("Cancel"), answered));
}

void PurpleUi::ask_for_secret(const model::PeerId& peer, const model::Fingerprint& key) {
    const Dialogs::Text text{
        format(tr("A secret that only you and {name} know"), {{"name", name_of(peer)}}),
        tr("They are asked for the same secret. It is not sent; both computers only find out "
           "whether it is the same. Capital letters and spaces count.")};
    const auto answered = [this, peer, key](const util::SecretString& secret) {
        if (!is_still(peer, key)) {
            return;
        }
        if (secret.empty()) {
            say(peer, tr("Nothing was asked, because the secret was empty."));
            return;
        }
        m_plugin.engine().session(peer).verify_by_secret(secret);
    };
    check_shown(m_plugin, m_dialogs.ask_text({Kind::Verification, peer}, text, {.is_masked = true},
                                             tr("Ask"), answered));
}

// --- Being asked -------------------------------------------------------------------------------

void PurpleUi::show_question(const model::PeerId& peer) {
    const core::VerificationStatus asked = m_plugin.engine().status(peer).verification;
    if (asked.stage != Stage::Asked) {
        say(peer, text_of({model::NoticeKind::VerificationNothing, {}}, display_name(peer)));
        return;
    }
    const std::string advice =
        tr("A right answer shows them that it is you; it does not verify them for you. Capital "
           "letters and spaces count.");
    const Dialogs::Text text{
        format(asked.has_question ? tr("{name} asks you a question")
                                  : tr("{name} asks for the secret that only the two of you know"),
               {{"name", name_of(peer)}}),
        asked.has_question
            ? format(tr("Asked by {name}: \"{question}\""),
                     {{"name", name_of(peer)}, {"question", isolated(asked.question)}}) +
                  "\n\n" + advice
            : advice};
    check_shown(m_plugin, m_dialogs.ask_text({Kind::Question, peer}, text,
                                             {.is_masked = !asked.has_question}, tr("Answer"),
                                             [this, peer, asked](const util::SecretString& typed) {
                                                 answer(peer, asked, typed);
                                             }));
}

void PurpleUi::answer(const model::PeerId& peer, const core::VerificationStatus& asked,
                      const util::SecretString& text) {
    const core::VerificationStatus now = m_plugin.engine().status(peer).verification;
    if (now.stage != Stage::Asked || now.question != asked.question ||
        now.has_question != asked.has_question) {
        say(peer, tr("The question has changed or was withdrawn, so your answer was not sent."));
        return;
    }
    if (text.empty()) {
        say(peer, tr("Your answer was empty and was not sent. The question is still open."));
        return;
    }
    m_plugin.engine().session(peer).answer(text);
}

} // namespace

std::unique_ptr<Ui> make_purple_ui(Plugin& plugin) {
    return std::make_unique<PurpleUi>(plugin);
}

} // namespace otr_guard::plugin
