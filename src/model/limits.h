// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Every size and time limit, named, with its reason. Whatever a stranger can make grow ends here.

#include <chrono>
#include <cstddef>

namespace otr_guard::model::limits {

using namespace std::chrono_literals;

// What comes in.
/// A whole incoming message. XMPP servers stop at 256 KiB to 1 MiB; a ChatSecure file chunk is 87
/// KiB.
inline constexpr std::size_t incoming_message_bytes = 4U << 20;
/// All unfinished fragments of one sender instance.
inline constexpr std::size_t reassembly_bytes = 1U << 20;
/// Sender instances whose fragments are kept at the same time, per peer and over all peers.
inline constexpr std::size_t reassemblies_per_peer = 4;
inline constexpr std::size_t reassemblies_total = 64;
/// Unfinished fragments older than this are dropped; IRC sends about one line in two seconds.
inline constexpr auto reassembly_age = 10min;
/// A peer's question as shown to the user, in characters.
inline constexpr std::size_t question_characters = 400;
/// One message of a verification: libotr's longest has 11 numbers of 192 bytes and their lengths. A
/// longer one makes it compute with as many digits as somebody likes to send.
inline constexpr std::size_t smp_step_bytes = 4 + 11 * (4 + 192);
/// Messages of a verification that wait until one is computed; honest programs wait for our reply.
inline constexpr std::size_t waiting_smp_records = 4;
/// A peer's error text as shown to the user, in characters.
inline constexpr std::size_t error_text_characters = 200;

// What is remembered.
/// Peers without a private conversation, queue or verification for whom libotr keeps a context.
inline constexpr std::size_t idle_sessions = 256;
/// Instances (devices) of one peer that are followed; the longest silent one is forgotten first.
inline constexpr std::size_t instances_per_peer = 8;
/// Instance tags of one peer for which libotr keeps a context.
inline constexpr std::size_t contexts_per_peer = 32;
/// They are forgotten, to make room for others, at most this often: libotr 4.1.1 gives back all of
/// a context but 728 bytes.
inline constexpr auto context_renewal = 10min;
/// Messages of one device whose text was shown, remembered so that a network which delivers twice
/// changes nothing.
inline constexpr std::size_t remembered_messages = 256;
/// Texts that were sent and that nobody has said to have read, per peer: they may have to be sent
/// again. The peer remembers as many, and twice as many when each was sent twice.
inline constexpr std::size_t unconfirmed_texts = 128;
/// Messages that wait for one peer. The next one is refused with a reason, and stays typed.
inline constexpr std::size_t queued_messages_per_peer = 200;
inline constexpr std::size_t queued_bytes_per_peer = 4U << 20;
/// Notices kept for a conversation that is not open.
inline constexpr std::size_t pending_notices_per_peer = 8;
/// Messages kept for replay while our own key is being made.
inline constexpr std::size_t stalled_messages = 16;

// Files.
inline constexpr std::size_t key_file_bytes = 4U << 20;
inline constexpr std::size_t fingerprint_file_bytes = 64U << 20;
inline constexpr std::size_t instance_tag_file_bytes = 1U << 20;
inline constexpr std::size_t side_file_bytes = 64U << 20;
/// A list of other people's keys that the user imports.
inline constexpr std::size_t key_list_bytes = 16U << 20;
/// A file of another program that the user imports from; so many of them are looked at in a folder,
/// this deep, among so many others.
inline constexpr std::size_t foreign_file_bytes = key_list_bytes;
inline constexpr std::size_t foreign_files = 500;
inline constexpr int foreign_folder_depth = 4;
inline constexpr std::size_t foreign_folder_entries = 20'000;
/// The user's own keys in these files: checking one takes some milliseconds.
inline constexpr std::size_t foreign_own_keys = 100;
inline constexpr std::size_t message_size_file_bytes = 64U << 10;
/// One private key as text; libotr's take about 1100 bytes.
inline constexpr std::size_t private_key_bytes = 4U << 10;
/// A key sealed under a passphrase, which may come from anybody.
inline constexpr std::size_t key_backup_bytes = 64U << 10;
/// The name of an account or a protocol in it.
inline constexpr std::size_t backup_name_bytes = 1000;
inline constexpr std::size_t passphrase_bytes = 1000;
/// scrypt's N for what we seal (128 MiB, some tenths of a second), and what we take from a text: at
/// most 256 MiB.
inline constexpr unsigned backup_scrypt_cost = 1U << 17;
inline constexpr unsigned smallest_backup_scrypt_cost = 1U << 14;
inline constexpr unsigned largest_backup_scrypt_cost = 1U << 18;

// Time.
/// At the end, a thread that writes files is waited for this long: a disk that sleeps wakes up
/// within some seconds, one that is gone never comes back.
inline constexpr auto worker_patience = 10s;
/// The user is told that what was decided is not written yet after this.
inline constexpr auto slow_write = 30s;
/// What applies to a peer is looked up anew at least this often, whoever changed it.
inline constexpr auto known_age = 1s;
/// A peer's errors restart a private conversation at most this often.
inline constexpr auto restart_interval = 1min;
/// A new key exchange that got no answer is tried once more after this.
inline constexpr auto exchange_retry = 8s;
/// A peer who has been told that we lost a session is given this long to start a new one, or half
/// of it, or twice as long: see Session::restart_delay.
inline constexpr auto peer_restart = 2s;
/// The user is told that nobody answered after this.
inline constexpr auto exchange_timeout = 60s;
/// A verification without an answer is explained after this (Adium and ChatSecure iOS never
/// answer).
inline constexpr auto verification_timeout = 90s;
/// A one-time PIN is void after this.
inline constexpr auto pin_lifetime = 10min;
/// Failed verifications by PIN, question or secret in one session before we advise to stop.
inline constexpr int verification_failures = 3;
/// A peer whose program waits for it is told after this which texts were read, unless it is told
/// together with an answer; a line on IRC costs about as much.
inline constexpr auto receipt_delay = 2s;
/// A receipt that has not come after this is not on its way any more.
inline constexpr auto receipt_overdue = 10s;
/// Text sent to a peer who then reports that it could not read it is sent again within this time.
inline constexpr auto resend_interval = 60s;
/// Key exchanges that people whom we don't know can start with us within ten seconds, together.
inline constexpr std::size_t stranger_exchanges = 60;
/// The same within a day: each may leave a key, which is kept, and the remains of two contexts.
inline constexpr std::size_t stranger_exchanges_per_day = 5000;
/// Queries, and key exchanges, of one peer that are answered within ten seconds. A person has a few
/// devices, and both sides may begin.
inline constexpr std::size_t queries_answered = 6;
inline constexpr std::size_t exchanges_answered = 12;
/// A peer's questions for verification, each of which is a line and some computing. More are not
/// answered.
inline constexpr std::size_t questions_per_minute = 10;
/// How long nothing that begins a private conversation is answered, after it was abused.
inline constexpr std::chrono::minutes shunning{10};
/// Their unreadable messages that we answer or mention within a minute, together.
inline constexpr std::size_t stranger_complaints = 10;
/// Error messages that we send to one peer within a minute.
inline constexpr int errors_sent_per_minute = 2;

// What goes out.
/// Our question, beside the first message of a verification in one record of 64 KiB.
inline constexpr std::size_t sent_question_bytes = 60'000;
/// Below this a fragment header (37 bytes in v3) leaves no room; libotr divides by zero at 37
/// and 19.
inline constexpr std::size_t smallest_message_size = 100;

// The windows program.
/// What it may say to the chat client in this time, in messages and in bytes. A key held down in a
/// list asks thirty times a second; a file that is imported crosses twice.
inline constexpr auto channel_interval = 10s;
inline constexpr std::size_t channel_messages = 1000;
inline constexpr std::size_t channel_bytes = 8 * key_list_bytes;

// The network of bound accounts.
/// Blocked targets that are listed for one account, and the bytes of a host's name in one: a server
/// chooses both.
inline constexpr std::size_t blocked_entries = 50;
inline constexpr std::size_t blocked_host_bytes = 255;
/// How deep a stanza is looked into; what libpurple acts upon is within five levels.
inline constexpr std::size_t stanza_depth = 16;
/// A check whether a proxy is Tor; Tor answers at once, whatever its own state.
inline constexpr auto tor_check_timeout = 4s;
/// A log-in can be put off by this at most.
inline constexpr int longest_stagger_seconds = 3600;
/// Connections that otr-guard-run carries at the same time; a client has one or two an account. The
/// next one waits.
inline constexpr std::size_t forwarded_connections = 256;

} // namespace otr_guard::model::limits
