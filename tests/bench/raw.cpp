// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "raw.h"

#include <deque>
#include <memory>
#include <stdexcept>

#include "core/libotr.h"
#include "loopback.h"

namespace otr_guard::bench {

namespace {

struct Person {
    std::string name;
    std::string peer;
    int limit = 0;
    std::unique_ptr<s_OtrlUserState, decltype(&otrl_userstate_free)> state{otrl_userstate_create(),
                                                                           otrl_userstate_free};
    std::deque<std::string> sent{};
    bool is_private = false;
};

Person& person(void* data) {
    return *static_cast<Person*>(data);
}

OtrlPolicy policy(void*, ConnContext*) {
    return OTRL_POLICY_ALLOW_V3;
}

int is_logged_in(void*, const char*, const char*, const char*) {
    return 1;
}

void inject(void* data, const char*, const char*, const char*, const char* message) {
    person(data).sent.emplace_back(message);
}

void gone_secure(void* data, ConnContext*) {
    person(data).is_private = true;
}

int max_message_size(void* data, ConnContext*) {
    return person(data).limit;
}

void create_instag(void* data, const char* account, const char* protocol) {
    std::unique_ptr<std::FILE, decltype(&std::fclose)> file(std::tmpfile(), std::fclose);
    otrl_instag_generate_FILEp(person(data).state.get(), file.get(), account, protocol);
}

OtrlMessageAppOps operations() {
    OtrlMessageAppOps ops{};
    ops.policy = policy;
    ops.is_logged_in = is_logged_in;
    ops.inject_message = inject;
    ops.gone_secure = gone_secure;
    ops.max_message_size = max_message_size;
    ops.create_instag = create_instag;
    return ops;
}

const OtrlMessageAppOps ops = operations();

/// What is shown of a message, or nothing.
std::string receive(Person& reader, const std::string& message) {
    char* text = nullptr;
    OtrlTLV* tlvs = nullptr;
    const int is_internal = otrl_message_receiving(
        reader.state.get(), &ops, &reader, reader.name.c_str(), loopback, reader.peer.c_str(),
        message.c_str(), &text, &tlvs, nullptr, nullptr, nullptr);
    std::string shown = is_internal == 0 && text != nullptr ? text : "";
    otrl_message_free(text);
    otrl_tlv_free(tlvs);
    return shown;
}

std::string carry(Person& from, Person& to) {
    std::string shown;
    while (!from.sent.empty()) {
        shown += receive(to, from.sent.front());
        from.sent.pop_front();
    }
    return shown;
}

void send(Person& from, const std::string& text) {
    char* message = nullptr;
    const gcry_error_t error =
        otrl_message_sending(from.state.get(), &ops, &from, from.name.c_str(), loopback,
                             from.peer.c_str(), OTRL_INSTAG_BEST, text.c_str(), nullptr, &message,
                             OTRL_FRAGMENT_SEND_ALL, nullptr, nullptr, nullptr);
    otrl_message_free(message);
    if (error != 0) {
        throw std::runtime_error("libotr does not encrypt");
    }
}

} // namespace

void talk_raw(const std::string& key_file, const RawTalk& talk,
              const std::function<void(const std::function<void()>&)>& measured) {
    OTRL_INIT;
    Person writer{.name = "ya", .peer = "zb", .limit = talk.limit};
    Person reader{.name = "zb", .peer = "ya", .limit = talk.limit};
    for (Person* each : {&writer, &reader}) {
        if (otrl_privkey_read(each->state.get(), key_file.c_str()) != 0) {
            throw std::runtime_error("no keys in " + key_file);
        }
    }
    static_cast<void>(receive(writer, "?OTRv3?"));
    while (!writer.sent.empty() || !reader.sent.empty()) {
        carry(writer, reader);
        carry(reader, writer);
    }
    if (!writer.is_private || !reader.is_private) {
        throw std::runtime_error("libotr alone has no session");
    }
    const std::string text(talk.size, 'x');
    const auto say = [&] {
        send(writer, text);
        if (carry(writer, reader) != text) {
            throw std::runtime_error("a text did not arrive");
        }
    };
    say(); // the first one under new keys costs more
    measured([&] {
        for (unsigned long number = 0; number < talk.count; ++number) {
            say();
        }
    });
}

} // namespace otr_guard::bench
