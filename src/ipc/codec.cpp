// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "ipc/codec.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "ipc/gobject_ptr.h"
#include "model/fingerprint.h"

namespace otr_guard::ipc {

namespace {

constexpr const char* state_type = "(ssssssssssssbbbuu)";
constexpr std::array<std::string_view, 4> looks{"not-private", "unverified", "private", "finished"};
constexpr std::array<std::string_view, 7> tellings{"pin",     "succeeded", "answered", "failed",
                                                   "differs", "no-reply",  "note"};
constexpr unsigned stages = 4;

template <typename T, std::size_t size>
std::optional<T> from_word(const std::array<std::string_view, size>& words, std::string_view word) {
    const auto found = std::ranges::find(words, word);
    return found == words.end() ? std::nullopt
                                : std::optional(static_cast<T>(found - words.begin()));
}

} // namespace

std::string_view to_word(Told told) {
    return tellings.at(static_cast<std::size_t>(told));
}

std::optional<Told> told_from_word(std::string_view word) {
    return from_word<Told>(tellings, word);
}

bool is_within(const char* text, std::size_t limit) {
    return text != nullptr && ::strnlen(text, limit + 1) <= limit;
}

bool can_be_named(const model::PeerId& peer) {
    const auto is_text = [](const std::string& name) {
        return !name.empty() && name.size() <= name_bytes &&
               g_utf8_validate(name.data(), static_cast<gssize>(name.size()), nullptr) != FALSE;
    };
    return is_text(peer.username) && is_text(peer.account.username) &&
           is_text(peer.account.protocol);
}

bool is_key(std::string_view text) {
    return text.empty() || model::Fingerprint::from_hex(text).has_value();
}

GVariant* to_variant(const model::PeerId& peer) {
    return g_variant_new("(sss)", peer.account.username.c_str(), peer.account.protocol.c_str(),
                         peer.username.c_str());
}

GVariant* to_variant(const VerificationState& state) {
    return g_variant_new(
        state_type, state.name.c_str(), state.account.c_str(),
        std::string(looks.at(static_cast<std::size_t>(state.look))).c_str(),
        state.explanation.c_str(), state.key.c_str(), state.words.c_str(), state.my_key.c_str(),
        state.my_words.c_str(), state.my_uri.c_str(), state.verified.c_str(),
        state.verified_us.c_str(), state.question.c_str(), static_cast<gboolean>(state.is_verified),
        static_cast<gboolean>(state.has_question), static_cast<gboolean>(state.has_otr_guard),
        static_cast<guint32>(state.stage), static_cast<guint32>(state.protocol_version));
}

std::optional<model::PeerId> peer_from(GVariant* variant) {
    const char* account = nullptr;
    const char* protocol = nullptr;
    const char* user = nullptr;
    if (!g_variant_is_of_type(variant, G_VARIANT_TYPE("(sss)"))) {
        return std::nullopt;
    }
    g_variant_get(variant, "(&s&s&s)", &account, &protocol, &user);
    for (const char* text : {account, protocol, user}) {
        if (!is_within(text, name_bytes) || *text == '\0') {
            return std::nullopt;
        }
    }
    return model::PeerId{{account, protocol}, user};
}

std::optional<VerificationState> state_from(GVariant* variant) {
    if (!g_variant_is_of_type(variant, G_VARIANT_TYPE(state_type))) {
        return std::nullopt;
    }
    std::array<const char*, 12> texts{};
    for (std::size_t i = 0; i < texts.size(); ++i) {
        g_variant_get_child(variant, i, "&s", &texts.at(i));
        if (!is_within(texts.at(i), text_bytes)) {
            return std::nullopt;
        }
    }
    gboolean is_verified = FALSE;
    gboolean has_question = FALSE;
    gboolean has_otr_guard = FALSE;
    guint32 stage = 0;
    guint32 version = 0;
    g_variant_get_child(variant, 12, "b", &is_verified);
    g_variant_get_child(variant, 13, "b", &has_question);
    g_variant_get_child(variant, 14, "b", &has_otr_guard);
    g_variant_get_child(variant, 15, "u", &stage);
    g_variant_get_child(variant, 16, "u", &version);
    const auto look = from_word<Look>(looks, texts[2]);
    if (!look || stage >= stages || !is_key(texts[4]) || !is_key(texts[6])) {
        return std::nullopt;
    }
    return VerificationState{.name = texts[0],
                             .account = texts[1],
                             .look = *look,
                             .explanation = texts[3],
                             .key = texts[4],
                             .words = texts[5],
                             .my_key = texts[6],
                             .my_words = texts[7],
                             .my_uri = texts[8],
                             .verified = texts[9],
                             .verified_us = texts[10],
                             .question = texts[11],
                             .is_verified = is_verified != FALSE,
                             .has_question = has_question != FALSE,
                             .has_otr_guard = has_otr_guard != FALSE,
                             .stage = static_cast<Stage>(stage),
                             .protocol_version = version};
}

} // namespace otr_guard::ipc
