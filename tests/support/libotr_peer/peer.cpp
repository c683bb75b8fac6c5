// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "peer.h"

#include <array>
#include <cstdio>
#include <stdexcept>
#include <string_view>

namespace otr_guard::libotr_peer {

namespace {

using Json = nlohmann::json;

constexpr const char* key_file = "otr.private_key";
constexpr const char* fingerprint_file = "otr.fingerprints";
constexpr const char* instance_tag_file = "otr.instance_tags";
constexpr const char* first_key_word = "TrustedTofu";
constexpr const char* later_key_word = "UntrustedNew";

constexpr std::array<const char*, 16> message_event_names{"none",
                                                          "encryption_required",
                                                          "encryption_error",
                                                          "connection_ended",
                                                          "setup_error",
                                                          "reflected",
                                                          "resent",
                                                          "not_in_private",
                                                          "unreadable",
                                                          "malformed",
                                                          "heartbeat_received",
                                                          "heartbeat_sent",
                                                          "general_error",
                                                          "unencrypted",
                                                          "unrecognized",
                                                          "for_other_instance"};

constexpr std::array<const char*, 9> smp_event_names{
    "none",           "error",       "abort",   "cheated", "ask_for_answer",
    "ask_for_secret", "in_progress", "success", "failure"};

const char* state_name(OtrlMessageState state) {
    switch (state) {
    case OTRL_MSGSTATE_PLAINTEXT:
        return "plaintext";
    case OTRL_MSGSTATE_ENCRYPTED:
        return "private";
    case OTRL_MSGSTATE_FINISHED:
        return "finished";
    }
    return "unknown";
}

std::string hex(const unsigned char* bytes, std::size_t size) {
    static constexpr std::string_view digits = "0123456789ABCDEF";
    std::string text;
    for (std::size_t index = 0; index < size; ++index) {
        text += digits[bytes[index] >> 4U];
        text += digits[bytes[index] & 15U];
    }
    return text;
}

const unsigned char* bytes_of(const std::string& text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

const char* trust_word(const ConnContext* context) {
    const Fingerprint* active = context->active_fingerprint;
    return active != nullptr && active->trust != nullptr ? active->trust : "";
}

void must(gcry_error_t error, const char* what) {
    if (error != 0) {
        throw std::runtime_error(std::string(what) + ": " + gcry_strerror(error));
    }
}

bool is_complaint(OtrlMessageEvent event) {
    return event == OTRL_MSGEVENT_RCVDMSG_NOT_IN_PRIVATE ||
           event == OTRL_MSGEVENT_RCVDMSG_UNREADABLE || event == OTRL_MSGEVENT_RCVDMSG_MALFORMED ||
           event == OTRL_MSGEVENT_RCVDMSG_GENERAL_ERR;
}

} // namespace

/// What libotr calls; `opdata` is the Peer.
struct Peer::Callbacks {
    static Peer& self(void* opdata) { return *static_cast<Peer*>(opdata); }

    static OtrlPolicy policy(void* opdata, ConnContext*) { return self(opdata).m_behaviour.policy; }

    static void create_privkey(void* opdata, const char* account, const char* protocol) {
        Peer& peer = self(opdata);
        otrl_privkey_generate(peer.m_state.get(), peer.path(key_file).c_str(), account, protocol);
    }

    static int is_logged_in(void*, const char*, const char*, const char*) { return 1; }

    static void inject(void* opdata, const char*, const char*, const char* to, const char* text) {
        self(opdata).put_on_wire(to, text);
    }

    static void new_fingerprint(void* opdata, OtrlUserState, const char*, const char*,
                                const char* who, unsigned char* fingerprint) {
        Peer& peer = self(opdata);
        const ConnContext* master = peer.master_of(who);
        Fingerprint* known = master->fingerprint_root.next;
        const bool is_first = known != nullptr && known->next == nullptr;
        for (; known != nullptr && peer.m_behaviour.trusts_first_key_only; known = known->next) {
            if (hex(known->fingerprint, 20) == hex(fingerprint, 20)) {
                otrl_context_set_trust(known, is_first ? first_key_word : later_key_word);
            }
        }
        peer.m_emit({{"event", "new_fingerprint"},
                     {"who", who},
                     {"fingerprint", hex(fingerprint, 20)},
                     {"first", is_first}});
    }

    static void write_fingerprints(void* opdata) {
        Peer& peer = self(opdata);
        otrl_privkey_write_fingerprints(peer.m_state.get(), peer.path(fingerprint_file).c_str());
    }

    static void gone_secure(void* opdata, ConnContext* context) {
        self(opdata).m_emit({{"event", "secure"}, {"who", context->username}, {"renewed", false}});
    }

    static void still_secure(void* opdata, ConnContext* context, int) {
        self(opdata).m_emit({{"event", "secure"}, {"who", context->username}, {"renewed", true}});
    }

    static int max_message_size(void* opdata, ConnContext*) {
        return self(opdata).m_behaviour.max_message_size;
    }

    static void received_symkey(void* opdata, ConnContext* context, unsigned use,
                                const unsigned char* data, std::size_t size,
                                const unsigned char* key) {
        self(opdata).m_emit({{"event", "symmetric_key"},
                             {"who", context->username},
                             {"use", use},
                             {"data", hex(data, size)},
                             {"key", hex(key, OTRL_EXTRAKEY_BYTES)}});
    }

    static const char* error_text(void*, ConnContext*, OtrlErrorCode) {
        return "The other program could not read your message.";
    }

    static const char* resent_prefix(void*, ConnContext*) { return "[resent]"; }

    static void keep(void*, const char*) {}

    static void smp_event(void* opdata, OtrlSMPEvent event, ConnContext* context,
                          unsigned short progress, char* question) {
        Peer& peer = self(opdata);
        peer.emit_smp(context, smp_event_names.at(event), progress, question);
        if (event == OTRL_SMPEVENT_CHEATED || event == OTRL_SMPEVENT_ERROR) {
            otrl_message_abort_smp(peer.m_state.get(), ops(), &peer, context);
        }
    }

    static void message_event(void* opdata, OtrlMessageEvent event, ConnContext* context,
                              const char* text, gcry_error_t) {
        Peer& peer = self(opdata);
        const std::string who = context != nullptr ? context->username : "";
        peer.m_emit({{"event", "notice"},
                     {"who", who},
                     {"kind", message_event_names.at(event)},
                     {"text", text != nullptr ? Json(text) : Json(nullptr)}});
        if (event == OTRL_MSGEVENT_RCVDMSG_UNENCRYPTED && text != nullptr) {
            peer.show(who, text, false);
        }
        if (is_complaint(event) && peer.m_behaviour.complains_in_clear) {
            peer.complain_in_clear(who);
        }
    }

    static void create_instag(void* opdata, const char* account, const char* protocol) {
        Peer& peer = self(opdata);
        otrl_instag_generate(peer.m_state.get(), peer.path(instance_tag_file).c_str(), account,
                             protocol);
    }

    static void convert(void* opdata, ConnContext*, OtrlConvertType type, char** result,
                        const char*) {
        *result = nullptr;
        if (type == OTRL_CONVERT_RECEIVING) {
            self(opdata).m_has_decrypted = true;
        }
    }

    static void convert_free(void*, ConnContext*, char*) {}

    static const OtrlMessageAppOps* ops() {
        static const OtrlMessageAppOps table = make_ops();
        return &table;
    }

    static OtrlMessageAppOps make_ops() {
        OtrlMessageAppOps table{};
        table.policy = policy;
        table.create_privkey = create_privkey;
        table.is_logged_in = is_logged_in;
        table.inject_message = inject;
        table.new_fingerprint = new_fingerprint;
        table.write_fingerprints = write_fingerprints;
        table.gone_secure = gone_secure;
        table.still_secure = still_secure;
        table.max_message_size = max_message_size;
        table.received_symkey = received_symkey;
        table.otr_error_message = error_text;
        table.otr_error_message_free = keep;
        table.resent_msg_prefix = resent_prefix;
        table.resent_msg_prefix_free = keep;
        table.handle_smp_event = smp_event;
        table.handle_msg_event = message_event;
        table.create_instag = create_instag;
        table.convert_msg = convert;
        table.convert_free = convert_free;
        return table;
    }
};

Peer::Peer(Account account, Behaviour behaviour, Emit emit)
    : m_account(std::move(account)), m_behaviour(std::move(behaviour)), m_emit(std::move(emit)),
      m_state(otrl_userstate_create()) {
    load_files();
}

void Peer::load_files() {
    OtrlUserState state = m_state.get();
    const char* account = m_account.name.c_str();
    const char* protocol = m_account.protocol.c_str();
    otrl_privkey_read(state, path(key_file).c_str());
    if (otrl_privkey_find(state, account, protocol) == nullptr) {
        must(otrl_privkey_generate(state, path(key_file).c_str(), account, protocol),
             "private key");
    }
    otrl_instag_read(state, path(instance_tag_file).c_str());
    if (otrl_instag_find(state, account, protocol) == nullptr) {
        must(otrl_instag_generate(state, path(instance_tag_file).c_str(), account, protocol),
             "instance tag");
    }
    otrl_privkey_read_fingerprints(state, path(fingerprint_file).c_str(), nullptr, nullptr);
}

ConnContext* Peer::master_of(const std::string& who) {
    int added = 0;
    return otrl_context_find(m_state.get(), who.c_str(), m_account.name.c_str(),
                             m_account.protocol.c_str(), OTRL_INSTAG_MASTER, 1, &added, nullptr,
                             nullptr);
}

ConnContext* Peer::context_of(const std::string& who) {
    master_of(who); // must exist before any other look-up
    int added = 0;
    return otrl_context_find(m_state.get(), who.c_str(), m_account.name.c_str(),
                             m_account.protocol.c_str(), OTRL_INSTAG_BEST, 1, &added, nullptr,
                             nullptr);
}

void Peer::put_on_wire(const std::string& to, const std::string& text) {
    if (text.empty()) {
        return;
    }
    const bool is_query = otrl_proto_message_type(text.c_str()) == OTRL_MSGTYPE_QUERY;
    m_emit({{"event", "wire"}, {"to", to}, {"data", is_query ? query() : text}});
}

std::string Peer::query() const {
    if (!m_behaviour.query.empty()) {
        return m_behaviour.query;
    }
    const util::MallocPtr<char> own(
        otrl_proto_default_query_msg(m_account.name.c_str(), m_behaviour.policy));
    return own != nullptr ? own.get() : "";
}

void Peer::start(const std::string& to) {
    put_on_wire(to, query());
}

void Peer::end(const std::string& to) {
    otrl_message_disconnect_all_instances(m_state.get(), Callbacks::ops(), this,
                                          m_account.name.c_str(), m_account.protocol.c_str(),
                                          to.c_str());
    after_change(to);
}

void Peer::send(const std::string& to, const std::string& text) {
    const ConnContext* before = context_of(to);
    if (before->msgstate == OTRL_MSGSTATE_ENCRYPTED && m_behaviour.trusts_first_key_only &&
        std::string_view(trust_word(before)) == later_key_word) {
        m_emit({{"event", "refused"}, {"who", to}, {"text", text}});
        return;
    }
    char* result = nullptr;
    const gcry_error_t error =
        otrl_message_sending(m_state.get(), Callbacks::ops(), this, m_account.name.c_str(),
                             m_account.protocol.c_str(), to.c_str(), OTRL_INSTAG_BEST, text.c_str(),
                             nullptr, &result, OTRL_FRAGMENT_SEND_ALL, nullptr, nullptr, nullptr);
    const core::OtrMessagePtr owned(result);
    must(error, "sending");
    if (result == nullptr) {
        put_on_wire(to, text + m_behaviour.tag_on_all_plaintext);
    }
    after_change(to);
}

void Peer::send_tlvs(const std::string& to, const std::vector<Record>& records) {
    core::TlvPtr tlvs;
    for (auto record = records.rbegin(); record != records.rend(); ++record) {
        const auto& [type, value] = *record;
        OtrlTLV* const first =
            otrl_tlv_new(type, static_cast<unsigned short>(value.size()), bytes_of(value));
        first->next = tlvs.release();
        tlvs.reset(first);
    }
    context_of(to);
    char* result = nullptr;
    const gcry_error_t error = otrl_message_sending(
        m_state.get(), Callbacks::ops(), this, m_account.name.c_str(), m_account.protocol.c_str(),
        to.c_str(), OTRL_INSTAG_BEST, "", tlvs.get(), &result, OTRL_FRAGMENT_SEND_ALL, nullptr,
        nullptr, nullptr);
    const core::OtrMessagePtr owned(result);
    must(error, "sending a TLV");
}

void Peer::receive(const std::string& from, const std::string& wire_text) {
    master_of(from);
    char* result = nullptr;
    OtrlTLV* tlv_list = nullptr;
    m_has_decrypted = false;
    const int is_internal = otrl_message_receiving(
        m_state.get(), Callbacks::ops(), this, m_account.name.c_str(), m_account.protocol.c_str(),
        from.c_str(), wire_text.c_str(), &result, &tlv_list, nullptr, nullptr, nullptr);
    const core::OtrMessagePtr owned(result);
    const core::TlvPtr tlvs(tlv_list);
    if (is_internal == 0) {
        show(from, result != nullptr ? std::string(result) : wire_text, m_has_decrypted);
    }
    handle_tlvs(from, tlvs.get());
    after_change(from);
}

void Peer::show(const std::string& from, const std::string& text, bool is_private) {
    const bool strips = m_behaviour.markup == Markup::StripReceived;
    m_emit({{"event", "message"},
            {"who", from},
            {"text", strips ? strip_markup(text) : text},
            {"private", is_private}});
}

void Peer::handle_tlvs(const std::string& from, const OtrlTLV* tlvs) {
    for (; tlvs != nullptr; tlvs = tlvs->next) {
        m_emit({{"event", "tlv"},
                {"who", from},
                {"type", tlvs->type},
                {"hex", hex(tlvs->data, tlvs->len)}});
    }
}

void Peer::after_change(const std::string& who) {
    const ConnContext* context = context_of(who);
    if (context->msgstate == OTRL_MSGSTATE_FINISHED && m_behaviour.disconnects_when_finished) {
        otrl_message_disconnect_all_instances(m_state.get(), Callbacks::ops(), this,
                                              m_account.name.c_str(), m_account.protocol.c_str(),
                                              who.c_str());
    }
    Json now = status(who);
    if (m_reported[who] != now) {
        m_reported[who] = now;
        now["event"] = "state";
        m_emit(std::move(now));
    }
}

void Peer::complain_in_clear(const std::string& who) {
    put_on_wire(who, "OTR Error: " + m_account.name + " could not read your message.");
    put_on_wire(who, query());
}

void Peer::emit_smp(const ConnContext* context, const char* what, unsigned progress,
                    const char* question) {
    m_emit({{"event", "smp"},
            {"who", context->username},
            {"kind", what},
            {"progress", progress},
            {"question", question != nullptr ? Json(question) : Json(nullptr)},
            {"trust", trust_word(context)}});
}

void Peer::smp_start(const std::string& to, const char* question, const std::string& secret) {
    ConnContext* context = context_of(to);
    if (question != nullptr) {
        otrl_message_initiate_smp_q(m_state.get(), Callbacks::ops(), this, context, question,
                                    bytes_of(secret), secret.size());
    } else {
        otrl_message_initiate_smp(m_state.get(), Callbacks::ops(), this, context, bytes_of(secret),
                                  secret.size());
    }
}

void Peer::smp_answer(const std::string& to, const std::string& secret) {
    if (!m_behaviour.answers_smp) {
        throw std::runtime_error("this program cannot answer");
    }
    otrl_message_respond_smp(m_state.get(), Callbacks::ops(), this, context_of(to),
                             bytes_of(secret), secret.size());
}

void Peer::smp_abort(const std::string& to) {
    otrl_message_abort_smp(m_state.get(), Callbacks::ops(), this, context_of(to));
}

void Peer::trust(const std::string& who, const std::string& word) {
    Fingerprint* active = context_of(who)->active_fingerprint;
    if (active == nullptr) {
        throw std::runtime_error("no key in use");
    }
    otrl_context_set_trust(active, word.c_str());
    Callbacks::write_fingerprints(this);
    after_change(who);
}

std::string Peer::fingerprint() const {
    std::array<unsigned char, 20> raw{};
    if (otrl_privkey_fingerprint_raw(m_state.get(), raw.data(), m_account.name.c_str(),
                                     m_account.protocol.c_str()) == nullptr) {
        throw std::runtime_error("no key");
    }
    return hex(raw.data(), raw.size());
}

nlohmann::json Peer::status(const std::string& who) {
    const ConnContext* context = context_of(who);
    const Fingerprint* active = context->active_fingerprint;
    const bool has_key = active != nullptr && active->fingerprint != nullptr;
    const bool is_private = context->msgstate == OTRL_MSGSTATE_ENCRYPTED;
    return {{"who", who},
            {"state", state_name(context->msgstate)},
            {"version", is_private ? context->protocol_version : 0},
            {"fingerprint", has_key ? hex(active->fingerprint, 20) : ""},
            {"trust", trust_word(context)},
            {"our_instance", context->our_instance},
            {"their_instance", context->their_instance}};
}

void Peer::poll() {
    otrl_message_poll(m_state.get(), Callbacks::ops(), this);
}

} // namespace otr_guard::libotr_peer
