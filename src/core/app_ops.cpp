// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "core/app_ops.h"

#include <cstdlib>
#include <cstring>
#include <string>

#include "core/engine.h"
#include "util/guarded.h"

namespace otr_guard::core {

namespace {

using util::guarded;

Engine& engine_of(void* opdata) {
    return *static_cast<Engine*>(opdata);
}

Session* session_of(void* opdata, const ConnContext* context) {
    if (context == nullptr) {
        return nullptr;
    }
    return engine_of(opdata).find_session(context->accountname, context->protocol,
                                          context->username);
}

void record(void* opdata, const ConnContext* context, LibotrEvent event) {
    if (Session* session = session_of(opdata, context)) {
        event.instance = context->their_instance;
        session->record(event);
    }
}

OtrlPolicy policy(void* opdata, ConnContext* context) {
    return guarded(
        "policy",
        OtrlPolicy{OTRL_POLICY_ALLOW_V2 | OTRL_POLICY_ALLOW_V3 | OTRL_POLICY_REQUIRE_ENCRYPTION},
        [&] {
            const Session* session = session_of(opdata, context);
            return session != nullptr ? session->libotr_policy() : OtrlPolicy{OTRL_POLICY_NEVER};
        });
}

void create_privkey(void* opdata, const char*, const char*) {
    guarded("create_privkey", [&] { engine_of(opdata).stall_active_session(); });
}

int is_logged_in(void* opdata, const char* account, const char* protocol, const char*) {
    return guarded("is_logged_in", 0, [&] {
        return engine_of(opdata).host().is_connected({account, protocol}) ? 1 : 0;
    });
}

void inject_message(void* opdata, const char* account, const char* protocol, const char* recipient,
                    const char* message) {
    guarded("inject_message", [&] {
        if (Session* session = engine_of(opdata).find_session(account, protocol, recipient)) {
            static_cast<void>(session->inject(message));
        }
    });
}

void gone_secure(void* opdata, ConnContext* context) {
    guarded("gone_secure",
            [&] { record(opdata, context, {.kind = LibotrEvent::Kind::GoneSecure}); });
}

void still_secure(void* opdata, ConnContext* context, int) {
    guarded("still_secure",
            [&] { record(opdata, context, {.kind = LibotrEvent::Kind::StillSecure}); });
}

int max_message_size(void* opdata, ConnContext* context) {
    return guarded("max_message_size", 0, [&] {
        const std::size_t size = engine_of(opdata).host().max_message_size(
            {{context->accountname, context->protocol}, context->username});
        if (size == 0) {
            return 0;
        }
        return static_cast<int>(std::max(size, model::limits::smallest_message_size));
    });
}

const char* otr_error_message(void* opdata, ConnContext* context, OtrlErrorCode code) {
    // libotr crashes on a null pointer here, so the failure value is a text.
    const char* text = guarded("otr_error_message", static_cast<const char*>(nullptr), [&] {
        PeerText which = PeerText::EncryptionError;
        if (code == OTRL_ERRCODE_MSG_UNREADABLE || code == OTRL_ERRCODE_MSG_NOT_IN_PRIVATE) {
            which = PeerText::Unreadable;
        } else if (code == OTRL_ERRCODE_MSG_MALFORMED) {
            which = PeerText::Malformed;
        }
        const model::AccountId account{context->accountname, context->protocol};
        return static_cast<const char*>(
            ::strdup(engine_of(opdata).host().peer_text(account, which).c_str()));
    });
    return text != nullptr ? text : ::strdup("Error");
}

void otr_error_message_free(void*, const char* text) {
    util::free_memory(const_cast<char*>(text));
}

void handle_msg_event(void* opdata, OtrlMessageEvent event, ConnContext* context, const char*,
                      gcry_error_t) {
    guarded("handle_msg_event", [&] {
        record(opdata, context, {.kind = LibotrEvent::Kind::Message, .message_event = event});
    });
}

void create_instag(void* opdata, const char* account, const char* protocol) {
    guarded("create_instag", [&] {
        static_cast<void>(engine_of(opdata).identity().instance_tag_of({account, protocol}));
    });
}

void timer_control(void* opdata, unsigned int interval) {
    guarded("timer_control", [&] { engine_of(opdata).poll_every(interval); });
}

void ignore_list_update(void*) {}
void ignore_new_fingerprint(void*, OtrlUserState, const char*, const char*, const char*,
                            unsigned char[20]) {}
void ignore_fingerprint_write(void*) {}
void ignore_gone_insecure(void*, ConnContext*) {}

OtrlMessageAppOps make_callbacks() {
    OtrlMessageAppOps ops{};
    ops.policy = policy;
    ops.create_privkey = create_privkey;
    ops.is_logged_in = is_logged_in;
    ops.inject_message = inject_message;
    ops.update_context_list = ignore_list_update;
    // Trust lives in the TrustStore; the session looks the key up once the exchange is complete.
    ops.new_fingerprint = ignore_new_fingerprint;
    ops.write_fingerprints = ignore_fingerprint_write;
    ops.gone_secure = gone_secure;
    ops.gone_insecure = ignore_gone_insecure;
    ops.still_secure = still_secure;
    ops.max_message_size = max_message_size;
    ops.otr_error_message = otr_error_message;
    ops.otr_error_message_free = otr_error_message_free;
    // handle_smp_event stays null: libotr has no part in a verification, see SmpRun.
    ops.handle_msg_event = handle_msg_event;
    ops.create_instag = create_instag;
    ops.timer_control = timer_control;
    return ops;
}

} // namespace

const OtrlMessageAppOps& libotr_callbacks() {
    static const OtrlMessageAppOps ops = make_callbacks();
    return ops;
}

} // namespace otr_guard::core
