// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// One account of a chat program that speaks OTR through libotr, without a network: text from the
// wire goes in, text for the wire comes out as events. It shares no code with OTR Guard's core, so
// that the two can check each other; nothing of it may be linked into the plugin.

#include <functional>
#include <map>
#include <string>

#include <nlohmann/json.hpp>

#include "behaviour.h"

namespace otr_guard::libotr_peer {

struct Account {
    std::string name;
    std::string protocol;
    /// Keys, fingerprints and instance tag live here; a new process continues with them.
    std::string folder;
};

class Peer {
public:
    using Emit = std::function<void(nlohmann::json)>;

    /// Reads the folder's files and makes what is missing.
    Peer(Account account, Behaviour behaviour, Emit emit);

    /// Something arrived from the network.
    void receive(const std::string& from, const std::string& wire_text);
    /// The user typed something.
    void send(const std::string& to, const std::string& text);
    void start(const std::string& to);
    void end(const std::string& to);
    /// A message without text that carries one TLV.
    using Record = std::pair<unsigned short, std::string>; ///< type, value
    void send_tlv(const std::string& to, unsigned short type, const std::string& value) {
        send_tlvs(to, {{type, value}});
    }
    /// All in one message.
    void send_tlvs(const std::string& to, const std::vector<Record>& records);

    /// Without a question when `question` is null.
    void smp_start(const std::string& to, const char* question, const std::string& secret);
    void smp_answer(const std::string& to, const std::string& secret);
    void smp_abort(const std::string& to);

    void trust(const std::string& who, const std::string& word);
    void set_policy(OtrlPolicy policy) { m_behaviour.policy = policy; }
    void set_max_message_size(int size) { m_behaviour.max_message_size = size; }

    std::string fingerprint() const;
    /// state, version, their fingerprint and trust, instance tags: of the best session.
    nlohmann::json status(const std::string& who);
    /// To be called about once a second.
    void poll();

private:
    struct Callbacks;

    std::string path(const char* file) const { return m_account.folder + "/" + file; }
    void load_files();
    ConnContext* context_of(const std::string& who);
    ConnContext* master_of(const std::string& who);
    void put_on_wire(const std::string& to, const std::string& text);
    std::string query() const;
    void after_change(const std::string& who);
    void handle_tlvs(const std::string& from, const OtrlTLV* tlvs);
    void show(const std::string& from, const std::string& text, bool is_private);
    void emit_smp(const ConnContext* context, const char* what, unsigned progress,
                  const char* question);
    void complain_in_clear(const std::string& who);

    Account m_account;
    Behaviour m_behaviour;
    Emit m_emit;
    core::UserStatePtr m_state;
    /// The last state reported for each correspondent.
    std::map<std::string, nlohmann::json> m_reported;
    /// libotr decrypted something while it handled the message at hand.
    bool m_has_decrypted = false;
};

} // namespace otr_guard::libotr_peer
