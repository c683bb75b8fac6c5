// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
//
// What the core's work takes, without a client around it: google-benchmark's usual options choose
// and repeat (--benchmark_filter=message). tests/bench/run.py compares with others.

#include <fstream>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "../fuzz/person.h"
#include "core/fragments.h"
#include "core/markup.h"
#include "core/records.h"
#include "core/trust_store.h"
#include "core/wire.h"

namespace otr_guard::bench {

namespace {

using benchmark::State;

/// Two people and a network that loses nothing.
class Pair {
public:
    Pair() : m_ann(m_folder.path() / "ann", "ann", 0), m_bob(m_folder.path() / "bob", "bob", 1) {}

    /// Ann also writes to Bob under other names of his: a conversation each.
    void make_private(const std::string& mark = "") {
        m_bob.engine().session(m_bob.peer("ann" + mark)).start();
        deliver();
        if (m_ann.engine().status(m_ann.peer("bob" + mark)).state != model::SessionState::Private) {
            throw std::runtime_error("no private conversation");
        }
    }
    void say(const std::string& text, const std::string& mark = "") {
        const core::Outgoing sent =
            m_ann.engine().send(m_ann.peer("bob" + mark), text, core::Origin::User);
        const core::Incoming read = m_bob.engine().receive(m_bob.peer("ann" + mark), sent.text);
        if (read.action != core::Incoming::Action::ShowPrivate || read.html != text) {
            throw std::runtime_error("a text did not arrive");
        }
    }

private:
    void deliver() {
        while (take(m_ann, m_bob, "bob", "ann") || take(m_bob, m_ann, "ann", "bob")) {
        }
    }
    static bool take(fuzz::Person& from, fuzz::Person& to, const std::string& receiver,
                     const std::string& sender) {
        if (from.host.sent.empty()) {
            return false;
        }
        const auto [name, text] = std::move(from.host.sent.front());
        from.host.sent.pop_front();
        const std::string mark = name.substr(receiver.size());
        static_cast<void>(to.engine().receive(to.peer(sender + mark), text));
        return true;
    }

    fuzz::Folder m_folder;
    fuzz::Person m_ann;
    fuzz::Person m_bob;
};

void exchange(State& state) {
    Pair pair;
    int number = 0;
    for (auto _ : state) {
        pair.make_private(std::to_string(number++ % 50));
    }
}
BENCHMARK(exchange)->Unit(benchmark::kMillisecond)->Iterations(50);

/// Sent and read, by size.
void message(State& state) {
    Pair pair;
    pair.make_private();
    const std::string text(static_cast<std::size_t>(state.range(0)), 'x');
    for (auto _ : state) {
        pair.say(text);
    }
}
BENCHMARK(message)->Arg(50)->Arg(1024)->Arg(16384);

/// To the last of so many private conversations.
void message_among(State& state) {
    Pair pair;
    std::string mark;
    for (std::int64_t number = 0; number < state.range(0); ++number) {
        mark = std::to_string(number);
        pair.make_private(mark);
    }
    const std::string text(50, 'x');
    for (auto _ : state) {
        pair.say(text, mark);
    }
}
BENCHMARK(message_among)->Arg(1)->Arg(40);

void digest(State& state) {
    const std::string wire =
        "?OTR:AAMD" + std::string(static_cast<std::size_t>(state.range(0)), 'A') + ".";
    for (auto _ : state) {
        benchmark::DoNotOptimize(core::digest_of(wire));
    }
}
BENCHMARK(digest)->Arg(400)->Arg(22000);

void fragments(State& state) {
    const std::string body(22000, 'A');
    const auto pieces = core::split_message("?OTR:AAMDAAAAAAAAAAAA" + body + ".", 417);
    core::Reassembler reassembler;
    const model::PeerId peer{{"ann", "prpl-irc"}, "bob"};
    for (auto _ : state) {
        for (const std::string& piece : pieces) {
            benchmark::DoNotOptimize(reassembler.add(peer, piece, 0, {}));
        }
    }
}
BENCHMARK(fragments);

const std::string typed_html =
    "<b>bold</b> &amp; <a href=\"https://example.org/\">a link</a> and words after it";

void markup_to_wire(State& state) {
    for (auto _ : state) {
        benchmark::DoNotOptimize(core::markup::to_wire(typed_html, core::markup::TextFormat::Html));
    }
}
BENCHMARK(markup_to_wire);

void markup_to_display(State& state) {
    for (auto _ : state) {
        benchmark::DoNotOptimize(
            core::markup::to_display(typed_html, core::markup::TextFormat::Html));
    }
}
BENCHMARK(markup_to_display);

/// otr.fingerprints with so many lines.
std::unique_ptr<fuzz::Folder> folder_with_codes(std::int64_t count) {
    auto folder = std::make_unique<fuzz::Folder>();
    std::ofstream file(folder->path() / "otr.fingerprints");
    for (std::int64_t number = 0; number < count; ++number) {
        std::string code = std::to_string(number);
        code.insert(0, 40 - code.size(), 'a');
        file << "friend" << number << "\tann\tprpl-irc\t" << code << "\t\n";
    }
    return folder;
}

void codes_load(State& state) {
    const auto folder = folder_with_codes(state.range(0));
    for (auto _ : state) {
        core::TrustStore store(folder->path());
        benchmark::DoNotOptimize(store.load());
    }
}
BENCHMARK(codes_load)->Unit(benchmark::kMillisecond)->Arg(10'000)->Arg(100'000);

void codes_text(State& state) {
    const auto folder = folder_with_codes(state.range(0));
    core::TrustStore store(folder->path());
    benchmark::DoNotOptimize(store.load());
    for (auto _ : state) {
        benchmark::DoNotOptimize(store.fingerprints_text());
    }
}
BENCHMARK(codes_text)->Unit(benchmark::kMillisecond)->Arg(10'000)->Arg(100'000);

void codes_find(State& state) {
    const auto folder = folder_with_codes(state.range(0));
    core::TrustStore store(folder->path());
    benchmark::DoNotOptimize(store.load());
    const model::PeerId peer{{"ann", "prpl-irc"}, "friend77"};
    for (auto _ : state) {
        benchmark::DoNotOptimize(store.keys_of(peer));
    }
}
BENCHMARK(codes_find)->Arg(100)->Arg(100'000);

} // namespace

} // namespace otr_guard::bench

BENCHMARK_MAIN();
