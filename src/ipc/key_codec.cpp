// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "ipc/key_codec.h"

#include <algorithm>
#include <array>

#include "ipc/codec.h"
#include "ipc/gobject_ptr.h"

namespace otr_guard::ipc {

namespace {

constexpr const char* known_type = "((sss)sssssxxxbb)";
constexpr const char* name_type = "((sss)s)";
constexpr const char* importable_type = "(ssssb)";
constexpr const char* importable_own_type = "(sss)";

template <typename T>
GVariant* to_array(const std::vector<T>& values, const char* type, GVariant* (*write)(const T&)) {
    GVariantBuilder builder;
    const std::string array = std::string("a") + type;
    g_variant_builder_init(&builder, G_VARIANT_TYPE(array.c_str()));
    for (const T& value : values) {
        g_variant_builder_add_value(&builder, write(value));
    }
    return g_variant_builder_end(&builder);
}

template <typename T>
std::optional<std::vector<T>> from_array(GVariant* variant, const char* type,
                                         std::optional<T> (*read)(GVariant*)) {
    const std::string array = std::string("a") + type;
    if (!g_variant_is_of_type(variant, G_VARIANT_TYPE(array.c_str())) ||
        g_variant_n_children(variant) > most_keys) {
        return std::nullopt;
    }
    std::vector<T> values;
    values.reserve(g_variant_n_children(variant));
    GVariantIter iterator;
    g_variant_iter_init(&iterator, variant);
    for (GVariantPtr child(g_variant_iter_next_value(&iterator)); child != nullptr;
         child.reset(g_variant_iter_next_value(&iterator))) {
        auto value = read(child.get());
        if (!value) {
            return std::nullopt;
        }
        values.push_back(std::move(*value));
    }
    return values;
}

/// False when one of the texts, of which `first` is the place of the first, is too long.
template <std::size_t size>
bool read_texts(GVariant* variant, std::size_t first, std::array<std::string*, size> texts) {
    for (std::size_t i = 0; i < size; ++i) {
        const char* text = nullptr;
        g_variant_get_child(variant, first + i, "&s", &text);
        if (!is_within(text, text_bytes)) {
            return false;
        }
        *texts.at(i) = text;
    }
    return true;
}

/// The peer in front, and the texts behind it.
template <std::size_t size>
std::optional<model::PeerId> read_peer_and(GVariant* variant,
                                           std::array<std::string*, size> texts) {
    if (!read_texts(variant, 1, texts)) {
        return std::nullopt;
    }
    const GVariantPtr peer(g_variant_get_child_value(variant, 0));
    return peer_from(peer.get());
}

bool is_whole_key(const std::string& key) {
    return !key.empty() && is_key(key);
}

GVariant* write_known(const KnownKey& key) {
    return g_variant_new("(@(sss)sssssxxxbb)", to_variant(key.peer), key.name.c_str(),
                         key.account.c_str(), key.key.c_str(), key.verified.c_str(),
                         key.state.c_str(), key.verified_at, key.first_seen, key.last_used,
                         static_cast<gboolean>(key.is_verified),
                         static_cast<gboolean>(key.is_changed));
}

std::optional<KnownKey> read_known(GVariant* variant) {
    KnownKey key;
    auto peer =
        read_peer_and<5>(variant, {&key.name, &key.account, &key.key, &key.verified, &key.state});
    if (!peer || !is_whole_key(key.key)) {
        return std::nullopt;
    }
    key.peer = std::move(*peer);
    gboolean is_verified = FALSE;
    gboolean is_changed = FALSE;
    g_variant_get_child(variant, 6, "x", &key.verified_at);
    g_variant_get_child(variant, 7, "x", &key.first_seen);
    g_variant_get_child(variant, 8, "x", &key.last_used);
    g_variant_get_child(variant, 9, "b", &is_verified);
    g_variant_get_child(variant, 10, "b", &is_changed);
    key.is_verified = is_verified != FALSE;
    key.is_changed = is_changed != FALSE;
    return key;
}

GVariant* write_name(const KeyName& name) {
    return g_variant_new("(@(sss)s)", to_variant(name.peer), name.key.c_str());
}

std::optional<KeyName> read_name(GVariant* variant) {
    KeyName name;
    auto peer = read_peer_and<1>(variant, {&name.key});
    if (!peer || !is_whole_key(name.key)) {
        return std::nullopt;
    }
    name.peer = std::move(*peer);
    return name;
}

GVariant* write_importable(const ImportableKey& key) {
    return g_variant_new(importable_type, key.name.c_str(), key.account.c_str(), key.key.c_str(),
                         key.effect.c_str(), static_cast<gboolean>(key.is_chosen));
}

std::optional<ImportableKey> read_importable(GVariant* variant) {
    ImportableKey key;
    if (!read_texts<4>(variant, 0, {&key.name, &key.account, &key.key, &key.effect}) ||
        !is_whole_key(key.key)) {
        return std::nullopt;
    }
    gboolean is_chosen = FALSE;
    g_variant_get_child(variant, 4, "b", &is_chosen);
    key.is_chosen = is_chosen != FALSE;
    return key;
}

GVariant* write_importable_own(const ImportableOwnKey& key) {
    return g_variant_new(importable_own_type, key.account.c_str(), key.key.c_str(),
                         key.warning.c_str());
}

std::optional<ImportableOwnKey> read_importable_own(GVariant* variant) {
    ImportableOwnKey key;
    if (!read_texts<3>(variant, 0, {&key.account, &key.key, &key.warning}) ||
        !is_whole_key(key.key)) {
        return std::nullopt;
    }
    return key;
}

} // namespace

GVariant* to_variant(const std::vector<KnownKey>& keys) {
    return to_array(keys, known_type, write_known);
}

GVariant* to_variant(const std::vector<KeyName>& keys) {
    return to_array(keys, name_type, write_name);
}

GVariant* to_variant(const std::vector<ImportableKey>& keys) {
    return to_array(keys, importable_type, write_importable);
}

GVariant* to_variant(const std::vector<ImportableOwnKey>& keys) {
    return to_array(keys, importable_own_type, write_importable_own);
}

std::optional<std::vector<KnownKey>> known_keys_from(GVariant* variant) {
    return from_array(variant, known_type, read_known);
}

std::optional<std::vector<KeyName>> key_names_from(GVariant* variant) {
    return from_array(variant, name_type, read_name);
}

std::optional<std::vector<ImportableKey>> importable_keys_from(GVariant* variant) {
    return from_array(variant, importable_type, read_importable);
}

std::optional<std::vector<ImportableOwnKey>> importable_own_keys_from(GVariant* variant) {
    return from_array(variant, importable_own_type, read_importable_own);
}

} // namespace otr_guard::ipc
