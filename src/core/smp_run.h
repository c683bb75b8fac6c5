// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// One side of one run of the Socialist Millionaires' Protocol (OTRv3, "Socialist Millionaires'
// Protocol"): which message is due, and the steps between them. libotr takes its steps, of up to 50
// ms each, where it reads a message; here a worker takes them, so that the main loop never waits.
// What a step works on belongs to it while it is computed, and a run that has ended meanwhile hears
// nothing of it. Knows neither the session nor the user, and decides nothing about trust: see
// smp.h. Main thread only.

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "core/smp.h"
#include "core/worker.h"
#include "model/fingerprint.h"
#include "util/secret.h"

namespace otr_guard::core {

class SmpRun {
public:
    /// Between whom and in which session: mixed into the secret, so that nobody in between can pass
    /// on what is said.
    struct Parties {
        model::Fingerprint own_key;
        model::Fingerprint their_key;
        std::string session_id; ///< bytes
    };
    struct Hooks {
        /// As Host::post.
        std::function<void(std::function<void()>)> post;
        /// A record (TLV) for the peer. May end the run.
        std::function<void(unsigned short type, std::string_view value)> send;
        /// `question` is the peer's, as it came. May end the run, and must after a violation.
        std::function<void(Verification::Event event, const std::string& question)> happened;
    };

    /// `worker` may be destroyed before the run, and the run before what it has given to it.
    SmpRun(Worker& worker, Hooks hooks);
    /// Whatever is being computed is for nothing.
    ~SmpRun();
    SmpRun(const SmpRun&) = delete;
    SmpRun& operator=(const SmpRun&) = delete;

    [[nodiscard]] static bool is_record(unsigned short type);

    /// We begin, with a question or a shared secret. Once, and instead of take().
    void ask(const Parties& parties, const std::optional<std::string>& question,
             const util::SecretString& secret);
    /// Takes what came from the peer, in order; what comes while a step is computed waits. Says of
    /// an abort that it came, at once: nothing before it counts any more.
    void take(unsigned short type, std::string_view value);
    /// The peer has asked, and no other question of theirs is on its way to the user.
    [[nodiscard]] bool awaits_answer() const { return m_awaits_answer; }
    /// Only while an answer is awaited.
    void answer(const Parties& parties, const util::SecretString& secret);

    struct Record {
        unsigned short type;
        std::string value;
    };
    /// What came behind the last message of the run: it belongs to another one.
    [[nodiscard]] std::deque<Record> take_waiting() { return std::exchange(m_waiting, {}); }

private:
    enum class Step { Ask, ReadQuestion, Answer, Compare, Conclude, Finish };
    struct Proof;
    struct Job;
    struct Link;

    void handle(unsigned short type, std::string_view value);
    void read_question(unsigned short type, std::string_view value);
    void compute(Step step, std::string_view input, util::SecretString secret);
    void computed(const Job& job);
    void send(unsigned short type, std::string_view value) const;
    void tell(Verification::Event event) const;

    Worker& m_worker;
    Hooks m_hooks;
    std::shared_ptr<Link> m_link;
    std::shared_ptr<Proof> m_proof; ///< the step's alone while it is computed
    unsigned short m_due = 0;       ///< the record that comes next; 0 is a question
    bool m_is_computing = false;
    bool m_awaits_answer = false;
    std::optional<std::string> m_question; ///< ours or theirs
    std::deque<Record> m_waiting;
};

} // namespace otr_guard::core
