// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// The conversation with one peer: our own state above libotr's. It leaves Private only when the
// user ends it, we end it, or the peer's authenticated goodbye arrives; whenever libotr's state and
// ours disagree, typed text is held (libotr can fall to plaintext without any callback). Keeps no
// ConnContext between calls. libotr's callbacks only record what happened; it is acted upon after
// libotr has returned.

#include <chrono>
#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/contexts.h"
#include "core/host.h"
#include "core/libotr.h"
#include "core/markup.h"
#include "core/messages.h"
#include "core/outbox.h"
#include "core/policy.h"
#include "core/rate_limiter.h"
#include "core/records.h"
#include "core/services.h"
#include "core/smp.h"
#include "core/smp_run.h"
#include "core/unconfirmed.h"
#include "core/wire.h"
#include "model/account.h"
#include "model/limits.h"
#include "util/secret.h"

namespace otr_guard::core {

class Session {
public:
    Session(Services& services, model::PeerId peer);
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    [[nodiscard]] const model::PeerId& peer() const { return m_peer; }

    // Messages.
    [[nodiscard]] Outgoing send(std::string_view html, Origin origin);
    [[nodiscard]] Incoming receive(std::string_view wire);

    // The user's actions. Each tells the user what came of it.
    /// Starts a private conversation, or refreshes the keys of the one there is.
    void start();
    /// Ends it with a goodbye; the conversation is in clear afterwards.
    void end();
    /// Goodbye because the account goes away; text typed later waits for a new session.
    void suspend();
    /// Goodbye because OTR Guard stops: what waits is given up, and nothing holds text any more.
    void stop();
    /// Goodbye because the account's own key is about to be another one, or none; as above.
    void own_key_leaves();
    void trust(const model::Fingerprint& fingerprint);
    void untrust(const model::Fingerprint& fingerprint);
    /// The user compared the code in use, and it is not the peer's: nothing is sent to it.
    void reject(const model::Fingerprint& fingerprint);
    /// What is known about the key was put back from outside.
    void trust_restored(const model::Fingerprint& fingerprint);
    void expect(std::optional<model::Fingerprint> fingerprint);
    void select_instance(unsigned number);
    void release_queue();
    void discard_queue();
    void policy_changed();

    void verify_by_question(std::string_view question, const util::SecretString& answer);
    void verify_by_secret(const util::SecretString& secret);
    void verify_by_pin();
    void answer(const util::SecretString& typed);
    void abort_verification();
    void compare_code(const model::Fingerprint& code);

    // Files, see file_transfers.
    /// Whether this device has the conversation with this key, and nothing holds it up.
    [[nodiscard]] bool carries_files(const FileEnd& end) const;
    /// The device that text goes to now; nothing while text would be held.
    [[nodiscard]] std::optional<FileEnd> file_end() const;
    /// Verified, or the one that the user expects.
    [[nodiscard]] bool is_trusted(const model::Fingerprint& key) const;
    /// In a message of its own. False when it did not go out.
    [[nodiscard]] bool send_file_record(const FileEnd& end, unsigned short type,
                                        std::string_view record);
    /// Starts again what ended because our own account was away: a file waits for it.
    void reopen();

    // Things that happen.
    void key_ready();
    void key_failed();
    /// The peer has come online: try again if text is waiting.
    void peer_online();

    [[nodiscard]] SessionStatus status() const;
    /// What waits, in the order in which it will be sent. Valid until the next call that sends.
    [[nodiscard]] const std::list<QueuedMessage>& queue() const { return m_outbox.messages(); }
    /// Nothing would be lost by forgetting this object and libotr's contexts.
    [[nodiscard]] bool is_disposable() const;
    [[nodiscard]] SteadyTime last_used() const { return m_last_used; }
    /// What libotr knows of the peer.
    [[nodiscard]] Contexts& contexts() { return m_contexts; }

    // Called from libotr's callbacks, see app_ops.
    [[nodiscard]] OtrlPolicy libotr_policy() const;
    void record(const LibotrEvent& event) { m_events.push_back(event); }
    void stall_for_key();
    [[nodiscard]] bool inject(std::string_view wire);

private:
    /// Whether a program says which texts it has shown.
    enum class Receipts { Unknown, Given, None };
    struct Instance {
        unsigned number = 0;
        model::InstanceTag tag = 0;
        model::SessionState state = model::SessionState::Plaintext;
        model::Fingerprint key;
        unsigned version = 0;
        SteadyTime last_heard;
        std::optional<markup::TextFormat> format; ///< in which its program writes, once known
        Receipts receipts = Receipts::Unknown;
        SteadyTime keys_since;
        // Under the present keys:
        bool is_heard = false;       ///< it has read something, or said something
        bool is_silent = true;       ///< neither a text nor a receipt has come
        bool knows_receipts = false; ///< it has shown that it knows that we give them
        std::vector<MessageDigest> to_confirm;
    };
    enum class StartCause { User, Policy, Recovery };
    /// A text as it goes to the network.
    struct Encrypted {
        std::vector<std::string> pieces; ///< empty when it could not be encrypted
        MessageDigest digest{};
    };

    // session.cpp: state
    /// What settings and trust store say about the peer, until one of them changes: it is asked for
    /// many times for every message. Never for long: settings can be changed by others than us, who
    /// tell nobody.
    struct Known {
        std::uint64_t settings_version = 0;
        std::uint64_t trust_version = 0;
        SteadyTime since;
        Rules rules;
        std::optional<model::Fingerprint> expected_key;
        bool has_verified_key = false;
        std::optional<std::pair<model::Fingerprint, bool>> verified; ///< the key asked for last
    };
    [[nodiscard]] const Known& known() const;
    [[nodiscard]] bool is_verified(const model::Fingerprint& key) const;
    [[nodiscard]] const Rules& rules() const { return known().rules; }
    [[nodiscard]] bool is_live() const { return m_state != model::SessionState::Plaintext; }
    [[nodiscard]] ConnContext* master_context() const;
    /// Null when libotr has none for the peer, and none is made.
    [[nodiscard]] ConnContext* known_master_context() const;
    [[nodiscard]] ConnContext* context_of(model::InstanceTag tag) const;
    [[nodiscard]] const Instance* current() const;
    [[nodiscard]] Instance* current();
    [[nodiscard]] Instance* find_instance(model::InstanceTag tag);
    Instance& add_instance(model::InstanceTag tag);
    [[nodiscard]] bool is_usable(const Instance& instance) const;
    /// Nobody we have ever had to do with.
    [[nodiscard]] bool is_stranger() const;
    /// Goodbye to one instance, in libotr alone.
    void disconnect(model::InstanceTag tag);
    [[nodiscard]] model::HoldReason key_hold(const model::Fingerprint& key) const;
    /// The first message that waits was typed under another key and may not go to this one.
    [[nodiscard]] bool is_bound_elsewhere(const model::Fingerprint& key) const;
    [[nodiscard]] model::HoldReason hold_reason() const;
    void tell(model::NoticeKind kind, std::vector<std::string> arguments = {});
    void changed();

    // session_send.cpp
    [[nodiscard]] Outgoing send_in_clear(std::string_view html, const Rules& rules);
    [[nodiscard]] Outgoing hold(std::string_view html, Origin origin, model::HoldReason reason);
    [[nodiscard]] Encrypted encrypt(Instance& instance, std::string_view html,
                                    const std::optional<MessageDigest>& resend_of);
    void flush();
    [[nodiscard]] bool send_first();
    void tell_send_failure();
    void tell_bound_elsewhere();

    /// In a message without text, of which nobody is told when it cannot be read. False when it
    /// surely did not go out.
    bool send_record(model::InstanceTag tag, const OtrlTLV* record);

    // session_receipts.cpp
    /// A text of the peer's was shown.
    void note_shown(model::InstanceTag tag, const MessageDigest& digest);
    /// The record that goes along with a text; null when there is nothing to say.
    [[nodiscard]] TlvPtr receipt_for(Instance& receiver);
    /// At once, in messages of their own.
    void give_receipts();
    void take_receipt(model::InstanceTag tag, const OtrlTLV* tlvs, bool has_text);
    void remember_sent(std::string_view html, const Instance& receiver, const MessageDigest& digest,
                       const std::optional<MessageDigest>& resend_of);
    [[nodiscard]] bool gives_receipts(model::InstanceTag tag) const;
    [[nodiscard]] std::size_t awaited_receipts() const;
    /// In front of what waits. Returns how many found room; the user is told of the others.
    std::size_t requeue(std::vector<SentText> texts);
    /// The peer's program says that something could not be read, but not what.
    void requeue_after_error();
    /// An instance is about to have new keys.
    void requeue_sent_before(const Instance& instance);
    /// Puts texts of which nobody said in time that they were read in front of the outbox, once.
    void resend_overdue();
    void watch_for_receipts();
    void stop_watching_for_receipts();
    /// The instance is gone, and with it whoever could confirm what was sent to it.
    void settle_unconfirmed(model::InstanceTag tag);
    /// For the next private conversation, unless another device can have them now.
    void keep_unread(std::vector<SentText> texts);
    void tell_maybe_unread(std::size_t count);

    // session_exchange.cpp
    /// `delay` is before the first query: the peer may begin meanwhile.
    void begin_exchange(StartCause cause,
                        std::chrono::milliseconds delay = std::chrono::milliseconds::zero());
    /// Loss: of a message, and the peer has been told of it, which makes it begin.
    enum class RestartCause { PeerError, Interruption, Loss };
    [[nodiscard]] std::chrono::milliseconds restart_delay(RestartCause cause) const;
    void send_query();
    void exchange_timer_fired();
    void exchange_done();
    void adopt_key(Instance& instance, const ConnContext& context);
    void new_keys(Instance& instance);
    void announce(const Instance& instance, bool is_new_key);
    void refuse_key(model::InstanceTag tag, const model::Fingerprint& key,
                    const model::Fingerprint& expected);
    /// libotr has worked on a D-H Key Message under a session that we have.
    void mend_after_dh_key(model::InstanceTag tag);
    void expect_new_keys(model::InstanceTag tag);
    void gone_secure(model::InstanceTag tag);
    void tell_refreshed(bool is_asked_for);
    void still_secure(model::InstanceTag tag);
    void watch_for_interruption(std::chrono::milliseconds delay);
    void watch_if_interrupted();
    void stop_watching();
    void recover();

    // session_ends.cpp
    /// The instance is private no longer; true when no other one is either.
    bool leave(model::InstanceTag tag);
    [[nodiscard]] bool is_exchanging() const;
    /// Goodbye to all instances, in libotr alone.
    void disconnect_all();
    /// Goodbye to all instances; what is typed later waits.
    void leave_all();
    /// The same, told; what is typed later starts a new session.
    void end_until_typed(model::NoticeKind reason);
    /// The goodbye that end() has put off.
    void finish_end();
    void peer_said_goodbye(model::InstanceTag tag);
    /// Nothing is private any more, with any instance.
    void forget_session();

    // session_receive.cpp
    [[nodiscard]] Incoming receive_plain(std::string_view text);
    [[nodiscard]] Incoming receive_otr(const std::string& message);
    [[nodiscard]] Incoming receive_protocol(const std::string& message, OtrlMessageType type);
    [[nodiscard]] Incoming show_decrypted(std::string_view text, const OtrlTLV* tlvs,
                                          model::InstanceTag tag);
    /// In which format a text is, and what that says about its sender's program.
    [[nodiscard]] markup::TextFormat learn_format(Instance* sender, std::string_view text,
                                                  const OtrlTLV* tlvs) const;
    void start_from_tag(const std::string& tag);
    [[nodiscard]] bool may_answer(OtrlMessageType type);
    [[nodiscard]] bool may_begin_with_us();
    /// There is something in libotr that the message can belong to, or it begins something.
    [[nodiscard]] bool is_expected(OtrlMessageType type, const std::optional<Header>& header) const;
    /// False for one that libotr must not see; what is to be said of it is said.
    [[nodiscard]] bool admit(const std::string& message, OtrlMessageType type,
                             const std::optional<Header>& header, const MessageDigest& digest);
    /// Says what libotr would have said of an unexpected one.
    void turn_away(OtrlMessageType type, const std::optional<Header>& header);
    /// libotr keeps something for every instance tag that a peer makes up.
    [[nodiscard]] bool has_room_for(const std::optional<Header>& header);
    /// What libotr makes of a message.
    struct Decoded {
        OtrMessagePtr text; ///< null when there is nothing for the user to read
        TlvPtr tlvs;
        model::InstanceTag tag;
    };
    [[nodiscard]] Decoded decode(const std::string& message, OtrlMessageType type);
    [[nodiscard]] bool has_event(OtrlMessageEvent wanted) const;
    /// Whether a data message that was not read is a text that the user misses.
    [[nodiscard]] bool is_loss(model::InstanceTag tag);
    void follow_exchange(OtrlMessageType type, model::InstanceTag tag);
    /// Of two D-H Commit messages that cross, one counts: whether `commit`, theirs, does not.
    [[nodiscard]] bool is_outdone(const std::string& commit);
    void note_read(model::InstanceTag tag);
    /// False when the text of this message has been shown already.
    [[nodiscard]] bool is_first_reading(model::InstanceTag tag, const MessageDigest& digest,
                                        const OtrlTLV* tlvs);
    [[nodiscard]] bool has_read(model::InstanceTag tag, const MessageDigest& digest) const;

    // session_events.cpp
    void process_events();
    void handle_message_event(const LibotrEvent& event);
    void handle_peer_error(std::string_view text);
    void private_message_lost();
    void other_device_received();
    [[nodiscard]] bool may_complain();

    // session_files.cpp
    void take_file_records(model::InstanceTag tag, const OtrlTLV* tlvs);

    // session_verify.cpp
    [[nodiscard]] bool can_verify();
    bool start_verification(model::VerificationMethod method,
                            const std::optional<std::string>& question,
                            const util::SecretString& secret);
    void verification_failed(model::NoticeKind kind);
    void verification_succeeded();
    void peer_has_verified_us();
    void end_verification();
    /// The session under a verification is gone; its user is told.
    void lose_verification(model::NoticeKind kind);
    void warn_about_odd_answer(std::string_view answer);

    // session_smp.cpp
    /// Before a data message: libotr takes no step of its own for it.
    void keep_libotr_from_proving();
    /// After it: whoever made libotr take one all the same is not answered for a while.
    void punish_proving();
    void take_smp_records(model::InstanceTag tag, const OtrlTLV* tlvs);
    void take_smp_record(model::InstanceTag tag, unsigned short type, std::string_view value);
    [[nodiscard]] std::unique_ptr<SmpRun> new_run(const Instance& instance);
    /// Nothing when libotr's session is not the one that is being verified.
    [[nodiscard]] std::optional<SmpRun::Parties> parties() const;
    void send_smp_record(unsigned short type, std::string_view value);
    void send_abort(model::InstanceTag tag);
    void smp_happened(model::InstanceTag tag, Verification::Event event, const std::string& asked);

    Services& m_services;
    model::PeerId m_peer;
    mutable Contexts m_contexts;
    model::SessionState m_state = model::SessionState::Plaintext;
    std::vector<Instance> m_instances;
    unsigned m_next_instance_number = 1;
    std::optional<model::InstanceTag> m_chosen_instance;
    std::optional<model::Fingerprint> m_last_key; ///< key of the last private session
    std::set<model::Fingerprint> m_accepted_keys; ///< "send anyway", until the session ends
    /// What the user pasted and the key in use was not: no other key will do from now on.
    std::optional<model::Fingerprint> m_pasted_code;
    std::optional<model::Fingerprint> m_rejected_key;
    bool m_suspended = false; ///< Finished because our account went away, not by the peer

    Outbox m_outbox;
    std::optional<model::HoldReason> m_told_hold;
    bool m_told_send_failure = false;
    bool m_told_interruption = false; ///< and not yet that it is over
    Unconfirmed m_unconfirmed;
    bool m_receipt_is_due = false;
    Timer m_receipt_timer;
    bool m_awaits_receipts = false;
    Timer m_overdue_timer;
    /// The latest messages whose text was shown, by device: one that was off for long may not know
    /// that we have read its last ones.
    std::map<model::InstanceTag, RememberedDigests> m_read;
    enum class Offer { NotMade, Made, Declined };
    Offer m_offer = Offer::NotMade;

    std::optional<StartCause> m_exchange; ///< under way since a query of ours
    /// When we answered a query of theirs; not when a query of ours came after that.
    std::optional<SteadyTime> m_committed;
    int m_exchange_tries = 0;
    Timer m_exchange_timer;
    bool m_waits_for_key = false;
    /// The peer may have lost its session: cleared by new keys, or by a message that proves the
    /// old.
    bool m_is_doubtful = false;
    /// The keys are being replaced: what we send now may reach the peer after it has dropped the
    /// old. Theirs: it has begun. Ours: it has all it needs, and we wait for its signature.
    enum class Rekeying { No, Theirs, Ours };
    Rekeying m_rekeying = Rekeying::No;
    Timer m_rekeying_timer;
    /// The user ended it, and the goodbye waits: for receipts, or for a key exchange, of which
    /// comes what is ended as well.
    bool m_is_ending = false;
    Timer m_end_timer;
    bool m_is_watching = false;
    Timer m_interruption_timer;
    RateLimiter m_restarts{1, model::limits::restart_interval};
    RateLimiter m_errors_sent{model::limits::errors_sent_per_minute, std::chrono::minutes(1)};
    RateLimiter m_queries_answered{model::limits::queries_answered, std::chrono::seconds(10)};
    RateLimiter m_exchanges_answered{model::limits::exchanges_answered, std::chrono::seconds(10)};
    RateLimiter m_questions{model::limits::questions_per_minute, std::chrono::minutes(1)};
    SteadyTime m_shunned_until{};
    RateLimiter m_contexts_renewed{1, model::limits::context_renewal};
    RateLimiter m_errors_told{1, std::chrono::minutes(1)};
    RateLimiter m_losses_told{1, std::chrono::minutes(1)};
    RateLimiter m_other_device_told{1, std::chrono::minutes(10)};
    RateLimiter m_setup_told{1, std::chrono::minutes(1)};
    RateLimiter m_refreshes_told{1, std::chrono::minutes(1)};
    RateLimiter m_wrong_keys_told{1, std::chrono::minutes(1)};

    Verification m_verification;
    /// While it lives, with `m_verification_instance`; before m_verification knows of a question.
    std::unique_ptr<SmpRun> m_smp;
    model::InstanceTag m_verification_instance = 0;
    model::Fingerprint m_verification_key;
    bool m_reply_is_overdue = false;
    Timer m_reply_timer;
    Timer m_pin_timer;

    mutable std::optional<Known> m_known;
    std::vector<LibotrEvent> m_events;
    /// The message libotr is working on, for replay once there is a key.
    const std::string* m_in_progress = nullptr;
    std::vector<std::string> m_stalled;
    SteadyTime m_last_used;
};

} // namespace otr_guard::core
