// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "verification_bridge.h"

#include <string>
#include <utility>

#include "core/code.h"
#include "core/words.h"
#include "dialogs.h"
#include "i18n.h"
#include "labels.h"
#include "names.h"
#include "purple_host.h"
#include "state_text.h"
#include "window_notices.h"

namespace otr_guard::plugin {

namespace {

using model::NoticeKind;
using Pair = std::pair<NoticeKind, ipc::Told>;

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

} // namespace

VerificationBridge::VerificationBridge(Plugin& plugin, WindowProgram& program,
                                       std::function<void(const model::PeerId&)> show_plainly)
    : WindowBridge(program), m_plugin(plugin), m_show_plainly(std::move(show_plainly)) {}

// --- To the program ------------------------------------------------------------------------------

void VerificationBridge::show(const model::PeerId& peer) {
    show_at(peer, m_plugin.event_time());
}

void VerificationBridge::show_at(const model::PeerId& peer, guint32 time) {
    m_waiting.push_back({peer, m_plugin.parent_window(peer), time});
    if (program().is_ready()) {
        send(m_waiting.back());
    } else {
        program().start();
    }
}

void VerificationBridge::ready() {
    for (const Request& request : m_waiting) {
        send(request);
    }
}

void VerificationBridge::shown() {
    if (!m_waiting.empty()) {
        m_waiting.erase(m_waiting.begin());
    }
}

void VerificationBridge::give_up() {
    m_open.clear();
    for (const Request& request : std::exchange(m_waiting, {})) {
        m_show_plainly(request.peer);
    }
}

void VerificationBridge::lost() {
    std::set<model::PeerId> open = std::exchange(m_open, {});
    for (const Request& request : m_waiting) {
        open.erase(request.peer);
    }
    give_up();
    for (const model::PeerId& peer : open) {
        m_plugin.host().write_text(
            peer, tr("The window for verifying has ended unexpectedly. The conversation is as it "
                     "was; to open it again: /otr verify."));
    }
}

void VerificationBridge::send(const Request& request) {
    m_open.insert(request.peer);
    otr_guard_verification_window_call_show(
        m_window.get(), ipc::to_variant(request.peer), ipc::to_variant(state_of(request.peer)),
        request.parent, request.time, program().cancellable(), show_answered, this);
}

void VerificationBridge::state_changed(const model::PeerId& peer) {
    if (program().is_ready() && m_open.contains(peer)) {
        otr_guard_verification_window_call_update(m_window.get(), ipc::to_variant(peer),
                                                  ipc::to_variant(state_of(peer)),
                                                  program().cancellable(), answered, this);
    }
}

void VerificationBridge::told(const model::PeerId& peer, const model::Notice& notice) {
    if (!program().is_ready() || !m_open.contains(peer)) {
        return;
    }
    for (const auto& [kind, told] : tellings) {
        if (kind == notice.kind) {
            const bool has_detail =
                (kind == NoticeKind::PinReady || kind == NoticeKind::CodeDiffers) &&
                !notice.arguments.empty();
            otr_guard_verification_window_call_tell(
                m_window.get(), ipc::to_variant(peer), std::string(ipc::to_word(told)).c_str(),
                window_text_of(notice, display_name(peer)).c_str(),
                has_detail ? notice.arguments.front().c_str() : "", program().cancellable(),
                answered, this);
        }
    }
}

ipc::VerificationState VerificationBridge::state_of(const model::PeerId& peer) const {
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
        state.verified = known != nullptr ? our_verification_of(*known) : tr("not verified");
        state.verified_us = known != nullptr && known->verified_us
                                ? format(tr("{name} has verified you on {date}."),
                                         {{"name", name}, {"date", date_of(*known->verified_us)}})
                                : format(tr("{name} has not told us that they have verified you."),
                                         {{"name", name}});
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
    state.has_otr_guard = status.has_otr_guard;
    state.stage = static_cast<ipc::Stage>(status.verification.stage);
    state.protocol_version = status.protocol_version;
    return state;
}

// --- From the program ----------------------------------------------------------------------------

std::optional<model::PeerId> peer_of_call(GDBusMethodInvocation* call, GVariant* peer) {
    auto found = ipc::peer_from(peer);
    if (!found || find_account(found->account) == nullptr) {
        ipc::refuse(call, "no such peer");
        return std::nullopt;
    }
    return found;
}

std::optional<model::PeerId> VerificationBridge::target(GDBusMethodInvocation* call, GVariant* peer,
                                                        const char* key) const {
    auto found = peer_of_call(call, peer);
    if (!found) {
        return std::nullopt;
    }
    const core::SessionStatus status = m_plugin.engine().status(*found);
    if (status.state != model::SessionState::Private || !status.their_key ||
        status.their_key->to_hex() != key) {
        ipc::say_changed(call, "another key");
        return std::nullopt;
    }
    return found;
}

/// One function for every method of the interface in data/im.otrguard.xml.
struct VerificationBridge::Calls {
    static core::Session& session(VerificationBridge& ui, const model::PeerId& peer) {
        return ui.m_plugin.engine().session(peer);
    }
    static bool is_too_long(GDBusMethodInvocation* call, const char* text, std::size_t limit) {
        if (ipc::is_within(text, limit)) {
            return false;
        }
        ipc::refuse(call, "too long");
        return true;
    }

    static gboolean ask(OtrGuardVerification* object, GDBusMethodInvocation* call, GVariant* peer,
                        const char* key, const char* question, const char* secret,
                        VerificationBridge* ui) {
        return ipc::handled("ask", [&] {
            if (is_too_long(call, question, ipc::text_bytes) ||
                is_too_long(call, secret, ipc::secret_bytes)) {
                return;
            }
            if (const auto whom = ui->target(call, peer, key)) {
                const util::SecretString kept(secret);
                if (*question != '\0') {
                    session(*ui, *whom).verify_by_question(question, kept);
                } else {
                    session(*ui, *whom).verify_by_secret(kept);
                }
                otr_guard_verification_complete_ask(object, call);
            }
        });
    }
    static gboolean ask_for_pin(OtrGuardVerification* object, GDBusMethodInvocation* call,
                                GVariant* peer, const char* key, VerificationBridge* ui) {
        return ipc::handled("ask_for_pin", [&] {
            if (const auto whom = ui->target(call, peer, key)) {
                session(*ui, *whom).verify_by_pin();
                otr_guard_verification_complete_ask_for_pin(object, call);
            }
        });
    }
    static gboolean answer(OtrGuardVerification* object, GDBusMethodInvocation* call,
                           GVariant* peer, const char* question, const char* answer,
                           VerificationBridge* ui) {
        return ipc::handled("answer", [&] {
            const auto whom = peer_of_call(call, peer);
            if (!whom || is_too_long(call, answer, ipc::secret_bytes)) {
                return;
            }
            const auto asked = ui->m_plugin.engine().status(*whom).verification;
            if (asked.stage != core::VerificationStatus::Stage::Asked ||
                asked.question != question) {
                ipc::say_changed(call, "withdrawn");
                return;
            }
            session(*ui, *whom).answer(util::SecretString(answer));
            otr_guard_verification_complete_answer(object, call);
        });
    }
    static gboolean abort(OtrGuardVerification* object, GDBusMethodInvocation* call, GVariant* peer,
                          VerificationBridge* ui) {
        return ipc::handled("abort", [&] {
            if (const auto whom = peer_of_call(call, peer)) {
                session(*ui, *whom).abort_verification();
                otr_guard_verification_complete_abort(object, call);
            }
        });
    }
    static gboolean compare_code(OtrGuardVerification* object, GDBusMethodInvocation* call,
                                 GVariant* peer, const char* key, const char* code,
                                 VerificationBridge* ui) {
        return ipc::handled("compare_code", [&] {
            if (is_too_long(call, code, ipc::text_bytes)) {
                return;
            }
            if (const auto whom = ui->target(call, peer, key)) {
                const auto parsed = core::parse_code(code);
                if (parsed) {
                    session(*ui, *whom).compare_code(*parsed);
                }
                otr_guard_verification_complete_compare_code(
                    object, call, static_cast<gboolean>(parsed.has_value()));
            }
        });
    }
    static gboolean judge(OtrGuardVerification* object, GDBusMethodInvocation* call, GVariant* peer,
                          const char* key, gboolean is_theirs, VerificationBridge* ui) {
        return ipc::handled("judge", [&] {
            if (const auto whom = ui->target(call, peer, key)) {
                const auto fingerprint = *model::Fingerprint::from_hex(key);
                if (is_theirs != FALSE) {
                    session(*ui, *whom).trust(fingerprint);
                } else {
                    session(*ui, *whom).reject(fingerprint);
                }
                otr_guard_verification_complete_judge(object, call);
            }
        });
    }
    static gboolean revoke(OtrGuardVerification* object, GDBusMethodInvocation* call,
                           GVariant* peer, const char* key, VerificationBridge* ui) {
        return ipc::handled("revoke", [&] {
            if (const auto whom = ui->target(call, peer, key)) {
                session(*ui, *whom).untrust(*model::Fingerprint::from_hex(key));
                otr_guard_verification_complete_revoke(object, call);
            }
        });
    }
    static gboolean start(OtrGuardVerification* object, GDBusMethodInvocation* call, GVariant* peer,
                          VerificationBridge* ui) {
        return ipc::handled("start", [&] {
            if (const auto whom = peer_of_call(call, peer)) {
                session(*ui, *whom).start();
                otr_guard_verification_complete_start(object, call);
            }
        });
    }
    static gboolean closed(OtrGuardVerification* object, GDBusMethodInvocation* call,
                           GVariant* peer, VerificationBridge* ui) {
        return ipc::handled("closed", [&] {
            if (const auto whom = peer_of_call(call, peer)) {
                ui->m_open.erase(*whom);
                otr_guard_verification_complete_closed(object, call);
            }
        });
    }
};

bool VerificationBridge::attach(GDBusConnection& connection) {
    m_window = WindowProgram::window(connection, otr_guard_verification_window_proxy_new_sync);
    OtrGuardVerification* calls = otr_guard_verification_skeleton_new();
    m_calls.reset(calls);
    const auto connect = [this, calls](const char* signal, GCallback callback) {
        g_signal_connect(calls, signal, callback, this);
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
    return m_window != nullptr && ipc::export_on(connection, ipc::client_path, calls);
}

void VerificationBridge::detach() {
    m_calls.reset();
    m_window.reset();
}

} // namespace otr_guard::plugin
