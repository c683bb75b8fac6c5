// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later

// Another OTR program, for OTR Guard to talk to: libotr with the habits of a real client, one JSON
// object a line. It has no network; the test carries what it puts on the wire. See
// tests/support/README.md for commands and events.

#include <cerrno>
#include <cstdlib>
#include <iostream>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>

#include <poll.h>
#include <unistd.h>

#include "libotr_peer/peer.h"

// libotr 4.1.1 frees a context without its private part (otrl_context_forget).
extern "C" __attribute__((visibility("default"))) const char* __lsan_default_suppressions();
const char* __lsan_default_suppressions() {
    return "leak:otrl_context_priv_new\n";
}

namespace {

using namespace otr_guard::libotr_peer;
using Json = nlohmann::json;

void emit(Json event) {
    std::cout << event.dump(-1, ' ', false, Json::error_handler_t::replace) << std::endl;
}

struct Arguments {
    Account account;
    Behaviour behaviour;
};

std::optional<Arguments> parse_arguments(int count, char** words) {
    std::map<std::string, std::string> values{{"--protocol", "xmpp"}, {"--behaviour", "libotr"}};
    for (int index = 1; index + 1 < count; index += 2) {
        values[words[index]] = words[index + 1];
    }
    const auto behaviour = find_behaviour(values["--behaviour"]);
    if (count % 2 == 0 || !behaviour || values["--account"].empty() || values["--folder"].empty()) {
        return std::nullopt;
    }
    Arguments arguments{{values["--account"], values["--protocol"], values["--folder"]},
                        *behaviour};
    if (values.count("--policy") != 0) {
        const auto policy = policy_named(values["--policy"], values["--versions"]);
        if (!policy) {
            return std::nullopt;
        }
        arguments.behaviour.policy = *policy;
    }
    return arguments;
}

std::string from_hex(const std::string& digits) {
    std::string bytes;
    for (std::size_t index = 0; index + 1 < digits.size(); index += 2) {
        bytes += static_cast<char>(std::stoi(digits.substr(index, 2), nullptr, 16));
    }
    return bytes;
}

Json run(Peer& peer, const Json& command) {
    const auto name = command.at("command").get<std::string>();
    const auto text = [&command](const char* member) {
        return command.at(member).get<std::string>();
    };
    if (name == "receive") {
        peer.receive(text("who"), text("data"));
    } else if (name == "send") {
        peer.send(text("who"), text("text"));
    } else if (name == "start") {
        peer.start(text("who"));
    } else if (name == "end") {
        peer.end(text("who"));
    } else if (name == "send_tlv") {
        peer.send_tlv(text("who"), command.at("type").get<unsigned short>(), from_hex(text("hex")));
    } else if (name == "smp_question") {
        const auto question = text("question");
        peer.smp_start(text("who"), question.c_str(), text("answer"));
    } else if (name == "smp_secret") {
        peer.smp_start(text("who"), nullptr, text("secret"));
    } else if (name == "smp_answer") {
        peer.smp_answer(text("who"), text("answer"));
    } else if (name == "smp_abort") {
        peer.smp_abort(text("who"));
    } else if (name == "trust") {
        peer.trust(text("who"), text("word"));
    } else if (name == "policy") {
        const auto policy = policy_named(text("policy"), command.value("versions", std::string()));
        if (!policy) {
            throw std::invalid_argument("no such policy");
        }
        peer.set_policy(*policy);
    } else if (name == "max_message_size") {
        peer.set_max_message_size(command.at("size").get<int>());
    } else if (name == "fingerprint") {
        return peer.fingerprint();
    } else if (name == "status") {
        return peer.status(text("who"));
    } else {
        throw std::invalid_argument("no such command");
    }
    return nullptr;
}

void run_line(Peer& peer, const std::string& line) {
    Json result{{"event", "result"}, {"id", nullptr}};
    try {
        const Json command = Json::parse(line);
        result["id"] = command.value("id", Json(nullptr));
        result["value"] = run(peer, command);
        result["ok"] = true;
    } catch (const std::exception& error) {
        result["ok"] = false;
        result["error"] = error.what();
    }
    emit(std::move(result));
}

void serve(Peer& peer) {
    std::string pending;
    pollfd input{STDIN_FILENO, POLLIN, 0};
    while (true) {
        const int ready = poll(&input, 1, 1000);
        if (ready < 0 && errno != EINTR) {
            return;
        }
        if (ready <= 0) {
            peer.poll();
            continue;
        }
        char buffer[65536];
        const ssize_t received = read(STDIN_FILENO, buffer, sizeof buffer);
        if (received <= 0) {
            return;
        }
        pending.append(buffer, static_cast<std::size_t>(received));
        for (std::size_t end = pending.find('\n'); end != std::string::npos;
             end = pending.find('\n')) {
            run_line(peer, pending.substr(0, end));
            pending.erase(0, end + 1);
        }
    }
}

} // namespace

int main(int argument_count, char** words) {
    const auto arguments = parse_arguments(argument_count, words);
    if (!arguments) {
        std::cerr << "usage: otr-guard-libotr-peer --account NAME --folder DIR [--protocol NAME] "
                     "[--behaviour NAME] [--policy NAME [--versions DIGITS]]\n";
        return EXIT_FAILURE;
    }
    gcry_control(GCRYCTL_ENABLE_QUICK_RANDOM, 0); // these keys guard nothing
    if (otrl_init(OTRL_VERSION_MAJOR, OTRL_VERSION_MINOR, OTRL_VERSION_SUB) != 0) {
        std::cerr << "libotr is of another version\n";
        return EXIT_FAILURE;
    }
    try {
        Peer peer(arguments->account, arguments->behaviour, emit);
        emit({{"event", "ready"}, {"fingerprint", peer.fingerprint()}});
        serve(peer);
    } catch (const std::exception& error) {
        std::cerr << error.what() << '\n';
        return EXIT_FAILURE;
    }
    return EXIT_SUCCESS;
}
