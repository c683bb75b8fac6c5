// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "window_ui.h"

#include <utility>

#include "files_bridge.h"
#include "import_bridge.h"
#include "known_keys_bridge.h"
#include "network_bridge.h"
#include "own_keys_bridge.h"
#include "verification_bridge.h"
#include "window_program.h"

namespace otr_guard::plugin {

namespace {

class WindowUi final : public Ui {
public:
    WindowUi(Plugin& plugin, std::unique_ptr<Ui> plain)
        : m_plain(std::move(plain)),
          m_verification(plugin, m_program,
                         [this](const auto& peer) { m_plain->show_verification(peer); }),
          m_known_keys(
              plugin, m_program, [this] { m_plain->show_known_keys(); },
              [this](const auto& peer, guint32 time) { m_verification.show_at(peer, time); }),
          m_own_keys(plugin, m_program, [this] { m_plain->show_own_keys(); }),
          m_network(plugin, m_program, [this] { m_plain->show_network_settings(); }),
          m_files(plugin, m_program, [this] { m_plain->show_files(); }),
          m_import(plugin, m_program,
                   {.show_plainly = [this](const auto& path) { m_plain->show_import(path); },
                    .take_keys = [this](const auto& list) { return m_known_keys.take(list); },
                    .open_backup = [this](const auto& text) { m_own_keys.show_import(text); }}),
          m_program(plugin) {
        m_program.add(m_verification);
        m_program.add(m_known_keys);
        m_program.add(m_own_keys);
        m_program.add(m_network);
        m_program.add(m_files);
        m_program.add(m_import);
    }

    void show_verification(const model::PeerId& peer) override { m_verification.show(peer); }
    void show_question(const model::PeerId& peer) override { m_verification.show(peer); }
    void show_known_keys() override { m_known_keys.show(); }
    void show_own_keys() override { m_own_keys.show(); }
    void own_keys_changed() override { m_own_keys.changed(); }
    void show_import(const std::string& path) override { m_import.show(path); }
    void show_export(ExportFormat format, const std::string& path) override {
        m_plain->show_export(format, path);
    }
    void show_peer_settings(const model::PeerId& peer) override {
        m_plain->show_peer_settings(peer);
    }
    void show_account_settings() override { m_plain->show_account_settings(); }
    void show_network_settings() override { m_network.show(); }
    void show_network_of(const model::AccountId& account) override {
        m_plain->show_network_of(account);
    }
    void show_files() override { m_files.show(); }
    void sharing_changed() override { m_files.changed_soon(); }
    FileDialogs& files() override { return m_plain->files(); }
    void ask_about_link(const LinkQuestion& question, LinkAnswered answered) override {
        m_plain->ask_about_link(question, std::move(answered));
    }
    [[nodiscard]] bool ask_about_metadata(const model::PeerId& peer,
                                          const MetadataQuestion& question,
                                          std::function<void(MetadataChoice)> answered) override {
        return m_plain->ask_about_metadata(peer, question, std::move(answered));
    }
    void ask_what_to_share(const model::PeerId& peer, bool is_folder) override {
        m_plain->ask_what_to_share(peer, is_folder);
    }
    void state_changed(const model::PeerId& peer) override {
        m_plain->state_changed(peer);
        m_verification.state_changed(peer);
        m_known_keys.state_changed(peer);
        m_files.changed_soon();
    }
    void told(const model::PeerId& peer, const model::Notice& notice) override {
        m_verification.told(peer, notice);
    }

private:
    std::unique_ptr<Ui> m_plain;
    VerificationBridge m_verification;
    KnownKeysBridge m_known_keys;
    OwnKeysBridge m_own_keys;
    NetworkBridge m_network;
    FilesBridge m_files;
    ImportBridge m_import;
    WindowProgram m_program; // goes first: it knows the bridges
};

} // namespace

std::unique_ptr<Ui> make_window_ui(Plugin& plugin, std::unique_ptr<Ui> plain) {
    return std::make_unique<WindowUi>(plugin, std::move(plain));
}

} // namespace otr_guard::plugin
