// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "window_ui.h"

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/code.h"
#include "core/words.h"
#include "dialogs.h"
#include "i18n.h"
#include "ipc/channel.h"
#include "ipc/channel_dbus.h"
#include "ipc/codec.h"
#include "labels.h"
#include "names.h"
#include "notices.h"
#include "parts.h"
#include "pidgin_part.h"
#include "purple_host.h"
#include "state_text.h"
#include "util/guarded.h"

namespace otr_guard::plugin {

namespace {

using model::NoticeKind;
using Pair = std::pair<NoticeKind, ipc::Told>;

constexpr auto start_timeout = std::chrono::seconds(10);
constexpr const char* program_name = "otr-guard-windows";
constexpr std::string_view xmpp = "prpl-jabber";

constexpr Pair tellings[] = {
    {NoticeKind::PinReady, ipc::Told::Pin},
    {NoticeKind::VerificationSucceeded, ipc::Told::Succeeded},
    {NoticeKind::CodeMatches, ipc::Told::Succeeded},
    {NoticeKind::Trusted, ipc::Told::Succeeded},
    {NoticeKind::VerificationAnswered, ipc::Told::Answered},
    {NoticeKind::VerificationFailed, ipc::Told::Failed},
    {NoticeKind::VerificationAborted, ipc::Told::Failed},
    {NoticeKind::VerificationTooMany, ipc::Told::Failed},
    {NoticeKind::VerificationCheated, ipc::Told::Failed},
    {NoticeKind::PinExpired, ipc::Told::Failed},
    {NoticeKind::CodeDiffers, ipc::Told::Differs},
    {NoticeKind::KeyRejected, ipc::Told::Differs},
    {NoticeKind::VerificationNoReply, ipc::Told::NoReply},
    {NoticeKind::VerificationCancelled, ipc::Told::Note},
    {NoticeKind::VerificationBusy, ipc::Told::Note},
    {NoticeKind::VerificationNothing, ipc::Told::Note},
    {NoticeKind::AnswerLooksOdd, ipc::Told::Note},
    {NoticeKind::CodeIsOurs, ipc::Told::Note},
    {NoticeKind::Untrusted, ipc::Told::Note},
    {NoticeKind::NoAnswer, ipc::Told::Note},
};

class WindowUi final : public Ui {
public:
    WindowUi(Plugin& plugin, std::unique_ptr<Ui> plain);
    ~WindowUi() override;
    WindowUi(const WindowUi&) = delete;
    WindowUi& operator=(const WindowUi&) = delete;

    void show_verification(const model::PeerId& peer) override;
    void show_question(const model::PeerId& peer) override { show_verification(peer); }
    void show_known_keys() override { m_plain->show_known_keys(); }
    void show_own_keys() override { m_plain->show_own_keys(); }
    void show_peer_settings(const model::PeerId& peer) override {
        m_plain->show_peer_settings(peer);
    }
    void show_account_settings() override { m_plain->show_account_settings(); }
    void state_changed(const model::PeerId& peer) override;
    void told(const model::PeerId& peer, const model::Notice& notice) override;

private:
    struct Request {
        model::PeerId peer;
        guint64 parent;
        guint32 time;
    };

    void start();
    void opened(GDBusConnection& connection);
    void send(const Request& request);
    /// The program is of no use: what was asked of it is shown otherwise.
    void give_up(const std::string& reason);
    void lost();
    void drop_channel();
    [[nodiscard]] ipc::VerificationState state_of(const model::PeerId& peer) const;

    /// The peer of a call, if the key that its user saw is still in use; else the call is answered.
    [[nodiscard]] std::optional<model::PeerId> target(GDBusMethodInvocation* call, GVariant* peer,
                                                      const char* key) const;
    [[nodiscard]] static std::optional<model::PeerId> whom(GDBusMethodInvocation* call,
                                                           GVariant* peer);
    void connect_calls();

    static void greeted(GObject* source, GAsyncResult* result, gpointer data);
    static void shown(GObject* source, GAsyncResult* result, gpointer data);

    Plugin& m_plugin;
    std::unique_ptr<Ui> m_plain;
    std::vector<Request> m_waiting; ///< until the program is ready
    std::set<model::PeerId> m_open; ///< peers with a window
    bool m_is_ready = false;
    ipc::GObjectPtr<GCancellable> m_cancellable;
    ipc::GObjectPtr<OtrGuardClient> m_skeleton;
    ipc::GObjectPtr<OtrGuardWindows> m_windows;
    std::unique_ptr<ipc::Channel> m_channel;
    core::Timer m_start_timer;

    friend struct Calls;
};

// --- The program ---------------------------------------------------------------------------------

WindowUi::WindowUi(Plugin& plugin, std::unique_ptr<Ui> plain)
    : m_plugin(plugin), m_plain(std::move(plain)) {}

WindowUi::~WindowUi() {
    drop_channel();
}

void WindowUi::drop_channel() {
    m_is_ready = false;
    m_start_timer.stop();
    if (m_cancellable != nullptr) {
        g_cancellable_cancel(m_cancellable.get());
    }
    if (m_skeleton != nullptr) {
        g_dbus_interface_skeleton_unexport(G_DBUS_INTERFACE_SKELETON(m_skeleton.get()));
    }
    m_windows.reset();
    m_skeleton.reset();
    m_channel.reset();
}

void WindowUi::start() {
    const auto program =
        find_part(program_name, std::filesystem::path(OTR_GUARD_PROGRAM_DIR) / program_name);
    const auto descriptor = ipc::launch(program.string());
    if (!descriptor) {
        give_up(descriptor.error().detail);
        return;
    }
    m_cancellable.reset(g_cancellable_new());
    m_start_timer = core::Timer(m_plugin.host(), start_timeout, [this] { give_up("no answer"); });
    m_channel = std::make_unique<ipc::Channel>(
        *descriptor, ipc::Channel::Side::Server,
        ipc::Channel::Events{[this](GDBusConnection& connection) { opened(connection); },
                             [this] { lost(); }});
}

void WindowUi::opened(GDBusConnection& connection) {
    ipc::ErrorOut error;
    m_skeleton.reset(otr_guard_client_skeleton_new());
    connect_calls();
    m_windows.reset(otr_guard_windows_proxy_new_sync(
        &connection,
        static_cast<GDBusProxyFlags>(G_DBUS_PROXY_FLAGS_DO_NOT_LOAD_PROPERTIES |
                                     G_DBUS_PROXY_FLAGS_DO_NOT_CONNECT_SIGNALS),
        nullptr, ipc::windows_path, nullptr, error));
    const bool is_exported =
        g_dbus_interface_skeleton_export(G_DBUS_INTERFACE_SKELETON(m_skeleton.get()), &connection,
                                         ipc::client_path, error) != FALSE;
    if (m_windows == nullptr || !is_exported) {
        util::log_warning("windows", error.text());
        return; // the start-up timeout ends it
    }
    otr_guard_windows_call_hello(m_windows.get(), ipc::protocol_version, m_cancellable.get(),
                                 greeted, this);
}

void WindowUi::greeted(GObject* source, GAsyncResult* result, gpointer data) {
    guint32 version = 0;
    ipc::ErrorOut error;
    otr_guard_windows_call_hello_finish(OTR_GUARD_WINDOWS(source), &version, result, error);
    if (error.is_cancelled()) {
        return; // this object is gone
    }
    util::guarded("greeted", [&] {
        auto& ui = *static_cast<WindowUi*>(data);
        if (error.is_set() || version != ipc::protocol_version) {
            ui.give_up(error.is_set() ? error.text() : "another version");
            return;
        }
        ui.m_is_ready = true;
        ui.m_start_timer.stop();
        for (const Request& request : std::exchange(ui.m_waiting, {})) {
            ui.send(request);
        }
    });
}

void WindowUi::give_up(const std::string& reason) {
    util::log_warning("windows", reason);
    drop_channel();
    m_open.clear();
    for (const Request& request : std::exchange(m_waiting, {})) {
        m_plain->show_verification(request.peer);
    }
}

void WindowUi::lost() {
    if (!m_is_ready) {
        give_up("the program ended at once");
        return;
    }
    drop_channel();
    for (const model::PeerId& peer : std::exchange(m_open, {})) {
        m_plugin.host().write_text(
            peer, tr("The window for verifying has ended unexpectedly. The conversation is as it "
                     "was; to open it again: /otr verify."));
    }
}

// --- To the program ------------------------------------------------------------------------------

void WindowUi::show_verification(const model::PeerId& peer) {
    const Request request{peer, m_plugin.parent_window(peer), m_plugin.event_time()};
    if (m_is_ready) {
        send(request);
        return;
    }
    m_waiting.push_back(request);
    if (m_channel == nullptr) {
        start();
    }
}

void WindowUi::send(const Request& request) {
    m_open.insert(request.peer);
    otr_guard_windows_call_show_verification(
        m_windows.get(), ipc::to_variant(request.peer), ipc::to_variant(state_of(request.peer)),
        request.parent, request.time, m_cancellable.get(), shown, nullptr);
}

void WindowUi::shown(GObject* source, GAsyncResult* result, gpointer) {
    ipc::ErrorOut error;
    const ipc::GVariantPtr nothing(g_dbus_proxy_call_finish(G_DBUS_PROXY(source), result, error));
    if (error.is_set() && !error.is_cancelled()) {
        util::log_warning("windows", error.text());
    }
}

void WindowUi::state_changed(const model::PeerId& peer) {
    m_plain->state_changed(peer);
    if (m_is_ready && m_open.contains(peer)) {
        otr_guard_windows_call_update_verification(m_windows.get(), ipc::to_variant(peer),
                                                   ipc::to_variant(state_of(peer)),
                                                   m_cancellable.get(), shown, nullptr);
    }
}

void WindowUi::told(const model::PeerId& peer, const model::Notice& notice) {
    if (!m_is_ready || !m_open.contains(peer)) {
        return;
    }
    for (const auto& [kind, told] : tellings) {
        if (kind == notice.kind) {
            const bool has_detail = told == ipc::Told::Pin && !notice.arguments.empty();
            otr_guard_windows_call_tell(m_windows.get(), ipc::to_variant(peer),
                                        std::string(ipc::to_word(told)).c_str(),
                                        text_of(notice, display_name(peer)).c_str(),
                                        has_detail ? notice.arguments.front().c_str() : "",
                                        m_cancellable.get(), shown, nullptr);
        }
    }
}

ipc::VerificationState WindowUi::state_of(const model::PeerId& peer) const {
    const core::SessionStatus status = m_plugin.engine().status(peer);
    const std::string name = isolated(display_name(peer));
    const StateText text = describe(status, name);
    ipc::VerificationState state;
    state.name = name;
    state.account = account_label(peer.account);
    state.look = static_cast<ipc::Look>(text.look);
    state.explanation = text.explanation;
    if (status.state == model::SessionState::Private && status.their_key) {
        const core::KnownKey* known = m_plugin.engine().trust().find(peer, *status.their_key);
        state.key = status.their_key->to_hex();
        state.words = core::to_words(*status.their_key);
        state.verified = known != nullptr ? verification_of(*known) : tr("not verified");
    }
    if (status.my_key) {
        state.my_key = status.my_key->to_hex();
        state.my_words = core::to_words(*status.my_key);
        if (peer.account.protocol == xmpp) {
            state.my_uri = core::to_xmpp_uri(peer.account.username, *status.my_key);
        }
    }
    state.is_verified = status.is_verified;
    state.question = status.verification.question;
    state.has_question = status.verification.has_question;
    state.stage = static_cast<ipc::Stage>(status.verification.stage);
    state.protocol_version = status.protocol_version;
    return state;
}

// --- From the program ----------------------------------------------------------------------------

std::optional<model::PeerId> WindowUi::whom(GDBusMethodInvocation* call, GVariant* peer) {
    auto found = ipc::peer_from(peer);
    if (!found || find_account(found->account) == nullptr) {
        g_dbus_method_invocation_return_dbus_error(call, ipc::invalid_error, "no such peer");
        return std::nullopt;
    }
    return found;
}

std::optional<model::PeerId> WindowUi::target(GDBusMethodInvocation* call, GVariant* peer,
                                              const char* key) const {
    auto found = whom(call, peer);
    if (!found) {
        return std::nullopt;
    }
    const core::SessionStatus status = m_plugin.engine().status(*found);
    if (status.state != model::SessionState::Private || !status.their_key ||
        status.their_key->to_hex() != key) {
        g_dbus_method_invocation_return_dbus_error(call, ipc::changed_error, "another key");
        return std::nullopt;
    }
    return found;
}

/// One function for every method of the interface in data/im.otrguard.xml.
struct Calls {
    static core::Session& session(WindowUi& ui, const model::PeerId& peer) {
        return ui.m_plugin.engine().session(peer);
    }
    static bool is_too_long(GDBusMethodInvocation* call, const char* text, std::size_t limit) {
        if (ipc::is_within(text, limit)) {
            return false;
        }
        g_dbus_method_invocation_return_dbus_error(call, ipc::invalid_error, "too long");
        return true;
    }

    static gboolean ask(OtrGuardClient* object, GDBusMethodInvocation* call, GVariant* peer,
                        const char* key, const char* question, const char* secret, WindowUi* ui) {
        return util::guarded("ask", gboolean{TRUE}, [&] {
            if (is_too_long(call, question, ipc::text_bytes) ||
                is_too_long(call, secret, ipc::secret_bytes)) {
                return gboolean{TRUE};
            }
            if (const auto whom = ui->target(call, peer, key)) {
                const util::SecretString kept(secret);
                if (*question != '\0') {
                    session(*ui, *whom).verify_by_question(question, kept);
                } else {
                    session(*ui, *whom).verify_by_secret(kept);
                }
                otr_guard_client_complete_ask(object, call);
            }
            return gboolean{TRUE};
        });
    }
    static gboolean ask_for_pin(OtrGuardClient* object, GDBusMethodInvocation* call, GVariant* peer,
                                const char* key, WindowUi* ui) {
        return util::guarded("ask_for_pin", gboolean{TRUE}, [&] {
            if (const auto whom = ui->target(call, peer, key)) {
                session(*ui, *whom).verify_by_pin();
                otr_guard_client_complete_ask_for_pin(object, call);
            }
            return gboolean{TRUE};
        });
    }
    static gboolean answer(OtrGuardClient* object, GDBusMethodInvocation* call, GVariant* peer,
                           const char* question, const char* answer, WindowUi* ui) {
        return util::guarded("answer", gboolean{TRUE}, [&] {
            const auto whom = WindowUi::whom(call, peer);
            if (!whom || is_too_long(call, answer, ipc::secret_bytes)) {
                return gboolean{TRUE};
            }
            const auto asked = ui->m_plugin.engine().status(*whom).verification;
            if (asked.stage != core::VerificationStatus::Stage::Asked ||
                asked.question != question) {
                g_dbus_method_invocation_return_dbus_error(call, ipc::changed_error, "withdrawn");
                return gboolean{TRUE};
            }
            session(*ui, *whom).answer(util::SecretString(answer));
            otr_guard_client_complete_answer(object, call);
            return gboolean{TRUE};
        });
    }
    static gboolean abort(OtrGuardClient* object, GDBusMethodInvocation* call, GVariant* peer,
                          WindowUi* ui) {
        return util::guarded("abort", gboolean{TRUE}, [&] {
            if (const auto whom = WindowUi::whom(call, peer)) {
                session(*ui, *whom).abort_verification();
                otr_guard_client_complete_abort(object, call);
            }
            return gboolean{TRUE};
        });
    }
    static gboolean compare_code(OtrGuardClient* object, GDBusMethodInvocation* call,
                                 GVariant* peer, const char* key, const char* code, WindowUi* ui) {
        return util::guarded("compare_code", gboolean{TRUE}, [&] {
            if (is_too_long(call, code, ipc::text_bytes)) {
                return gboolean{TRUE};
            }
            if (const auto whom = ui->target(call, peer, key)) {
                const auto parsed = core::parse_code(code);
                if (parsed) {
                    session(*ui, *whom).compare_code(*parsed);
                }
                otr_guard_client_complete_compare_code(object, call,
                                                       static_cast<gboolean>(parsed.has_value()));
            }
            return gboolean{TRUE};
        });
    }
    static gboolean judge(OtrGuardClient* object, GDBusMethodInvocation* call, GVariant* peer,
                          const char* key, gboolean is_theirs, WindowUi* ui) {
        return util::guarded("judge", gboolean{TRUE}, [&] {
            if (const auto whom = ui->target(call, peer, key)) {
                const auto fingerprint = *model::Fingerprint::from_hex(key);
                if (is_theirs != FALSE) {
                    session(*ui, *whom).trust(fingerprint);
                } else {
                    session(*ui, *whom).reject(fingerprint);
                }
                otr_guard_client_complete_judge(object, call);
            }
            return gboolean{TRUE};
        });
    }
    static gboolean revoke(OtrGuardClient* object, GDBusMethodInvocation* call, GVariant* peer,
                           const char* key, WindowUi* ui) {
        return util::guarded("revoke", gboolean{TRUE}, [&] {
            if (const auto whom = ui->target(call, peer, key)) {
                session(*ui, *whom).untrust(*model::Fingerprint::from_hex(key));
                otr_guard_client_complete_revoke(object, call);
            }
            return gboolean{TRUE};
        });
    }
    static gboolean start(OtrGuardClient* object, GDBusMethodInvocation* call, GVariant* peer,
                          WindowUi* ui) {
        return util::guarded("start", gboolean{TRUE}, [&] {
            if (const auto whom = WindowUi::whom(call, peer)) {
                session(*ui, *whom).start();
                otr_guard_client_complete_start(object, call);
            }
            return gboolean{TRUE};
        });
    }
    static gboolean closed(OtrGuardClient* object, GDBusMethodInvocation* call, GVariant* peer,
                           WindowUi* ui) {
        return util::guarded("closed", gboolean{TRUE}, [&] {
            if (const auto whom = WindowUi::whom(call, peer)) {
                ui->m_open.erase(*whom);
                otr_guard_client_complete_closed(object, call);
            }
            return gboolean{TRUE};
        });
    }
};

void WindowUi::connect_calls() {
    const auto connect = [this](const char* signal, GCallback callback) {
        g_signal_connect(m_skeleton.get(), signal, callback, this);
    };
    connect("handle-ask", G_CALLBACK(Calls::ask));
    connect("handle-ask-for-pin", G_CALLBACK(Calls::ask_for_pin));
    connect("handle-answer", G_CALLBACK(Calls::answer));
    connect("handle-abort", G_CALLBACK(Calls::abort));
    connect("handle-compare-code", G_CALLBACK(Calls::compare_code));
    connect("handle-judge", G_CALLBACK(Calls::judge));
    connect("handle-revoke", G_CALLBACK(Calls::revoke));
    connect("handle-start", G_CALLBACK(Calls::start));
    connect("handle-closed", G_CALLBACK(Calls::closed));
}

} // namespace

std::unique_ptr<Ui> make_window_ui(Plugin& plugin, std::unique_ptr<Ui> plain) {
    return std::make_unique<WindowUi>(plugin, std::move(plain));
}

} // namespace otr_guard::plugin
