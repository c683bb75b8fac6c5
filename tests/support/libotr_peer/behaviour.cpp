// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "behaviour.h"

#include <array>
#include <utility>

namespace otr_guard::libotr_peer {

namespace {

constexpr OtrlPolicy all_versions =
    OTRL_POLICY_ALLOW_V1 | OTRL_POLICY_ALLOW_V2 | OTRL_POLICY_ALLOW_V3;

Behaviour adium() {
    Behaviour adium;
    adium.policy =
        OTRL_POLICY_ALLOW_V2 | OTRL_POLICY_WHITESPACE_START_AKE | OTRL_POLICY_ERROR_START_AKE;
    adium.query =
        "?OTR?v2?\n<b>peer</b> would like to talk <a href=\"https://otr.cypherpunks.ca/\">"
        "off the record</a> with you.";
    adium.answers_smp = false;
    return adium;
}

Behaviour chatsecure_ios() {
    Behaviour ios;
    ios.markup = Markup::StripReceived;
    ios.answers_smp = false;
    ios.disconnects_when_finished = true;
    ios.complains_in_clear = true;
    ios.trusts_first_key_only = true;
    return ios;
}

Behaviour chatsecure_android() {
    Behaviour android;
    android.policy =
        OTRL_POLICY_ALLOW_V2 | OTRL_POLICY_WHITESPACE_START_AKE | OTRL_POLICY_ERROR_START_AKE;
    android.query = "?OTR?v2? Your contact would like an encrypted chat; a program such as "
                    "ChatSecure is needed for it.";
    android.tag_on_all_plaintext = OTRL_MESSAGE_TAG_BASE OTRL_MESSAGE_TAG_V1 OTRL_MESSAGE_TAG_V2;
    return android;
}

Behaviour tor_messenger() {
    Behaviour tor;
    tor.policy = OTRL_POLICY_ALWAYS;
    tor.query = "?OTRv23?\npeer would like a private conversation that is off the record.";
    tor.max_message_size = 65536;
    return tor;
}

} // namespace

std::optional<Behaviour> find_behaviour(std::string_view name) {
    if (name == "libotr") {
        return Behaviour{};
    }
    if (name == "adium") {
        return adium();
    }
    if (name == "chatsecure-ios") {
        return chatsecure_ios();
    }
    if (name == "chatsecure-android") {
        return chatsecure_android();
    }
    if (name == "tor-messenger") {
        return tor_messenger();
    }
    return std::nullopt;
}

std::optional<OtrlPolicy> policy_named(std::string_view name, std::string_view versions) {
    OtrlPolicy policy = OTRL_POLICY_NEVER;
    if (name == "manual") {
        policy = OTRL_POLICY_MANUAL;
    } else if (name == "opportunistic") {
        policy = OTRL_POLICY_OPPORTUNISTIC;
    } else if (name == "always") {
        policy = OTRL_POLICY_ALWAYS;
    } else if (name != "never") {
        return std::nullopt;
    }
    if (policy == OTRL_POLICY_NEVER || versions.empty()) {
        return policy;
    }
    policy &= ~all_versions;
    for (const char version : versions) {
        if (version < '1' || version > '3') {
            return std::nullopt;
        }
        policy |= OTRL_POLICY_ALLOW_V1 << (version - '1');
    }
    return policy;
}

std::string strip_markup(std::string_view html) {
    static constexpr std::array<std::pair<std::string_view, char>, 5> entities{
        {{"&lt;", '<'}, {"&gt;", '>'}, {"&amp;", '&'}, {"&quot;", '"'}, {"&apos;", '\''}}};
    std::string text;
    while (!html.empty()) {
        if (html.front() == '<' && html.find('>') != std::string_view::npos) {
            const auto tag = html.substr(0, html.find('>') + 1);
            if (tag.substr(0, 3) == "<br" || tag.substr(0, 3) == "<BR") {
                text += '\n';
            }
            html.remove_prefix(tag.size());
            continue;
        }
        std::pair<std::string_view, char> next{html.substr(0, 1), html.front()};
        for (const auto& entity : entities) {
            if (html.substr(0, entity.first.size()) == entity.first) {
                next = entity;
            }
        }
        text += next.second;
        html.remove_prefix(next.first.size());
    }
    return text;
}

} // namespace otr_guard::libotr_peer
