// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "run/arguments.h"

#include <algorithm>
#include <cstring>
#include <netdb.h>

#include "util/c_ptr.h"
#include "util/i18n.h"

namespace otr_guard::run {

using util::ErrorCode;
using util::failure;

namespace {

constexpr std::string_view tors_usual_place = "127.0.0.1:9050";
constexpr std::string_view proxy_option = "--proxy";

bool is_port(std::string_view text) {
    return !text.empty() && text.size() <= 5 &&
           std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; }) &&
           text.front() != '0' && std::stoul(std::string(text)) <= 65535;
}

util::Expected<Endpoint> parse_proxy(std::string_view text) {
    auto endpoint = parse_endpoint(text);
    if (!endpoint) {
        return failure(ErrorCode::Malformed,
                       util::format(util::tr("\"{text}\" is no proxy. Write its address in numbers "
                                             "and its port, for example 127.0.0.1:9050."),
                                    {{"text", util::isolated(text)}}));
    }
    return endpoint;
}

/// Takes an option with its value off the words; what is left begins with the program.
util::Expected<Arguments> parse_option(std::span<char* const>& words, Arguments arguments) {
    const std::string_view word = words.front();
    words = words.subspan(1);
    if (word == "--help" || word == "-h") {
        arguments.task = Arguments::Task::ShowHelp;
        return arguments;
    }
    if (word == "--version") {
        arguments.task = Arguments::Task::ShowVersion;
        return arguments;
    }
    std::string_view value;
    if (word.starts_with(proxy_option) && word.substr(proxy_option.size()).starts_with('=')) {
        value = word.substr(proxy_option.size() + 1);
    } else if (word == proxy_option && !words.empty()) {
        value = words.front();
        words = words.subspan(1);
    } else {
        return failure(ErrorCode::Malformed,
                       util::format(util::tr("\"{option}\" is not understood."),
                                    {{"option", util::isolated(word)}}));
    }
    const auto proxy = parse_proxy(value);
    if (!proxy) {
        return tl::unexpected(proxy.error());
    }
    arguments.proxy = *proxy;
    return arguments;
}

} // namespace

util::Expected<Endpoint> parse_endpoint(std::string_view text) {
    const std::size_t colon = text.rfind(':');
    if (colon == std::string_view::npos || !is_port(text.substr(colon + 1))) {
        return failure(ErrorCode::Malformed, "no port");
    }
    std::string host(text.substr(0, colon));
    const bool has_brackets = host.starts_with('[') && host.ends_with(']');
    if (has_brackets) {
        host = host.substr(1, host.size() - 2);
    }
    addrinfo wanted{};
    wanted.ai_family = has_brackets ? AF_INET6 : AF_INET;
    wanted.ai_socktype = SOCK_STREAM;
    wanted.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
    addrinfo* list = nullptr;
    const std::string port(text.substr(colon + 1));
    if (host.empty() || ::getaddrinfo(host.c_str(), port.c_str(), &wanted, &list) != 0) {
        return failure(ErrorCode::Malformed, "no address in numbers");
    }
    const util::CPtr<addrinfo, ::freeaddrinfo> found(list);
    Endpoint endpoint;
    endpoint.size = found->ai_addrlen;
    std::memcpy(&endpoint.address, found->ai_addr, found->ai_addrlen);
    return endpoint;
}

util::Expected<Arguments> parse_arguments(std::span<char* const> words) {
    Arguments arguments;
    arguments.proxy = *parse_endpoint(tors_usual_place);
    while (!words.empty() && words.front()[0] == '-') {
        if (std::string_view(words.front()) == "--") {
            words = words.subspan(1);
            break;
        }
        auto next = parse_option(words, std::move(arguments));
        if (!next || next->task != Arguments::Task::Run) {
            return next;
        }
        arguments = std::move(*next);
    }
    if (words.empty()) {
        return failure(ErrorCode::Malformed, util::tr("The program to start is missing."));
    }
    arguments.command.assign(words.begin(), words.end());
    return arguments;
}

} // namespace otr_guard::run
