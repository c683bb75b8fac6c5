// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "core/smp_run.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <exception>
#include <iterator>
#include <utility>
#include <vector>

#include "core/libotr.h"
#include "core/utf8.h"
#include "model/limits.h"
#include "util/guarded.h"

namespace otr_guard::core {

namespace limits = model::limits;
using util::SecretString;
using Event = Verification::Event;

namespace {

constexpr unsigned short any_question = 0;

const unsigned char* bytes_of(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

/// OTRv3, "Combining the secrets": version, who asks, who answers, session, what was typed.
SecretString combine(const model::Fingerprint& asker, const model::Fingerprint& answerer,
                     std::string_view session_id, const SecretString& typed) {
    constexpr std::uint8_t version = 1;
    std::vector<std::uint8_t> input;
    input.reserve(1 + 2 * model::Fingerprint::size + session_id.size() + typed.size());
    input.push_back(version);
    std::ranges::copy(asker.bytes(), std::back_inserter(input));
    std::ranges::copy(answerer.bytes(), std::back_inserter(input));
    std::ranges::copy(session_id, std::back_inserter(input));
    std::ranges::copy(typed.view(), std::back_inserter(input));
    std::array<char, SM_DIGEST_SIZE> digest{};
    gcry_md_hash_buffer(SM_HASH_ALGORITHM, digest.data(), input.data(), input.size());
    util::wipe(input.data(), input.size());
    SecretString combined(std::string_view(digest.data(), digest.size()));
    util::wipe(digest.data(), digest.size());
    return combined;
}

} // namespace

/// What libotr keeps from step to step.
struct SmpRun::Proof {
    Proof() { otrl_sm_state_new(&state); }
    ~Proof() { otrl_sm_state_free(&state); }
    Proof(const Proof&) = delete;
    Proof& operator=(const Proof&) = delete;

    OtrlSMState state{};
};

/// Tells who is at work for a run that it has ended.
struct SmpRun::Link {
    SmpRun* owner = nullptr;          ///< main thread only
    std::atomic<bool> is_over{false}; ///< any thread
};

struct SmpRun::Job {
    Step step;
    std::shared_ptr<Proof> proof;
    std::string input;   ///< the peer's
    SecretString secret; ///< combined
    SecretString output{};
    OtrlSMProgState result = OTRL_SMP_PROG_CHEATED;

    void run();
};

// In the worker, on nothing but its own.
void SmpRun::Job::run() {
    OtrlSMState* const state = &proof->state;
    const auto length = static_cast<int>(input.size());
    const auto secret_length = static_cast<int>(secret.size());
    unsigned char* reply = nullptr;
    int reply_length = 0;
    switch (step) {
    case Step::Ask:
        otrl_sm_step1(state, bytes_of(secret.view()), secret_length, &reply, &reply_length);
        break;
    case Step::ReadQuestion: // whether there is a text with it changes nothing in the proof
        otrl_sm_step2a(state, bytes_of(input), length, 0);
        break;
    case Step::Answer:
        otrl_sm_step2b(state, bytes_of(secret.view()), secret_length, &reply, &reply_length);
        break;
    case Step::Compare:
        otrl_sm_step3(state, bytes_of(input), length, &reply, &reply_length);
        break;
    case Step::Conclude:
        otrl_sm_step4(state, bytes_of(input), length, &reply, &reply_length);
        break;
    case Step::Finish:
        otrl_sm_step5(state, bytes_of(input), length);
        break;
    }
    const util::MallocPtr<unsigned char> owned(reply);
    if (reply != nullptr) {
        const auto size = static_cast<std::size_t>(reply_length);
        output = SecretString({reinterpret_cast<const char*>(reply), size});
        util::wipe(reply, size);
    }
    result = state->sm_prog_state;
}

SmpRun::SmpRun(Worker& worker, Hooks hooks)
    : m_worker(worker), m_hooks(std::move(hooks)), m_link(std::make_shared<Link>()),
      m_proof(std::make_shared<Proof>()) {
    m_link->owner = this;
}

SmpRun::~SmpRun() {
    m_link->owner = nullptr;
    m_link->is_over = true;
}

bool SmpRun::is_record(unsigned short type) {
    return type >= OTRL_TLV_SMP1 && type <= OTRL_TLV_SMP1Q;
}

// --- What the user does ------------------------------------------------------------------------

void SmpRun::ask(const Parties& parties, const std::optional<std::string>& question,
                 const SecretString& secret) {
    m_question = question;
    m_due = OTRL_TLV_SMP2;
    compute(Step::Ask, {}, combine(parties.own_key, parties.their_key, parties.session_id, secret));
}

void SmpRun::answer(const Parties& parties, const SecretString& secret) {
    m_awaits_answer = false;
    m_due = OTRL_TLV_SMP3;
    compute(Step::Answer, {},
            combine(parties.their_key, parties.own_key, parties.session_id, secret));
}

// --- What comes from the peer ------------------------------------------------------------------

void SmpRun::take(unsigned short type, std::string_view value) {
    if (type == OTRL_TLV_SMP_ABORT) {
        tell(Event::Abort);
    } else if (!m_is_computing) {
        handle(type, value);
    } else if (m_waiting.size() < limits::waiting_smp_records) {
        m_waiting.push_back({type, std::string(value)});
    } else {
        tell(Event::Violation);
    }
}

void SmpRun::handle(unsigned short type, std::string_view value) {
    const bool is_question = type == OTRL_TLV_SMP1 || type == OTRL_TLV_SMP1Q;
    if (is_question ? m_due != any_question : m_due != type) {
        tell(Event::OutOfOrder);
    } else if (is_question) {
        read_question(type, value);
    } else if (value.size() > limits::smp_step_bytes) {
        tell(Event::Violation);
    } else if (type == OTRL_TLV_SMP2) {
        m_due = OTRL_TLV_SMP4;
        compute(Step::Compare, value, {});
    } else {
        m_due = any_question;
        compute(type == OTRL_TLV_SMP3 ? Step::Conclude : Step::Finish, value, {});
    }
}

void SmpRun::read_question(unsigned short type, std::string_view value) {
    std::optional<std::string> question;
    if (type == OTRL_TLV_SMP1Q) {
        const std::size_t end = value.find('\0');
        if (end == std::string_view::npos) {
            tell(Event::Violation);
            return;
        }
        question = value.substr(0, end);
        value.remove_prefix(end + 1);
    }
    if (value.size() > limits::smp_step_bytes) {
        tell(Event::Violation);
        return;
    }
    m_question = std::move(question);
    m_awaits_answer = false;
    m_proof = std::make_shared<Proof>(); // libotr would lose the exponents of an earlier question
    compute(Step::ReadQuestion, value, {});
}

// --- Steps -------------------------------------------------------------------------------------

void SmpRun::compute(Step step, std::string_view input, SecretString secret) {
    const auto job = std::make_shared<Job>(Job{
        .step = step, .proof = m_proof, .input = std::string(input), .secret = std::move(secret)});
    const auto work = [job, link = m_link] {
        if (!link->is_over) {
            util::guarded("smp_run", [&job] { job->run(); });
        }
    };
    const auto deliver = [job, link = m_link, post = m_hooks.post] {
        util::guarded("smp_run", [&] {
            post([job, link] {
                if (link->owner != nullptr) {
                    link->owner->computed(*job);
                }
            });
        });
    };
    m_is_computing = true;
    try {
        m_worker.submit(work, deliver);
    } catch (const std::exception&) { // no thread to be had
        work();
        deliver();
    }
}

void SmpRun::computed(const Job& job) {
    m_is_computing = false;
    if (job.result == OTRL_SMP_PROG_CHEATED) {
        tell(Event::Violation);
        return;
    }
    const auto link = m_link; // whoever is told may end this object
    const auto conclusion = job.result == OTRL_SMP_PROG_SUCCEEDED ? Event::Success : Event::Failure;
    const auto tell_if_alive = [this, &link](Event event) {
        if (link->owner != nullptr) {
            tell(event);
        }
    };
    switch (job.step) {
    case Step::Ask: {
        // A zero ends the question, and the length of a record has 16 bits.
        const std::string question = m_question.value_or("");
        const std::string_view text = std::string_view(question).substr(0, question.find('\0'));
        std::string value(utf8::cut(text, limits::sent_question_bytes));
        value.append(m_question ? 1 : 0, '\0').append(job.output.view());
        send(m_question ? OTRL_TLV_SMP1Q : OTRL_TLV_SMP1, value);
        break;
    }
    case Step::ReadQuestion:
        m_awaits_answer = true;
        tell(m_question ? Event::AskedQuestion : Event::AskedSecret);
        break;
    case Step::Answer:
        send(OTRL_TLV_SMP2, job.output.view());
        break;
    case Step::Compare:
        send(OTRL_TLV_SMP3, job.output.view());
        tell_if_alive(Event::InProgress);
        break;
    case Step::Conclude:
        send(OTRL_TLV_SMP4, job.output.view());
        tell_if_alive(conclusion);
        break;
    case Step::Finish:
        tell(conclusion);
        break;
    }
    while (link->owner != nullptr && !m_is_computing && !m_waiting.empty()) {
        const Record next = std::move(m_waiting.front());
        m_waiting.pop_front();
        handle(next.type, next.value);
    }
}

// The functions may end this object, and with it themselves.

void SmpRun::send(unsigned short type, std::string_view value) const {
    const auto hook = m_hooks.send;
    hook(type, value);
}

void SmpRun::tell(Event event) const {
    const auto hook = m_hooks.happened;
    hook(event, m_question.value_or(""));
}

} // namespace otr_guard::core
