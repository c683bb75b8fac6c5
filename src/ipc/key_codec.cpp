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
constexpr const char* importable_type = "((sss)sssss)";
constexpr std::array<std::string_view, 3> effects{"adds", "verifies", "nothing"};

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

/// The peer in front, and the texts behind it.
template <std::size_t size>
std::optional<model::PeerId> read_texts(GVariant* variant, std::array<std::string*, size> texts) {
    const GVariantPtr peer(g_variant_get_child_value(variant, 0));
    for (std::size_t i = 0; i < size; ++i) {
        const char* text = nullptr;
        g_variant_get_child(variant, i + 1, "&s", &text);
        if (!is_within(text, text_bytes)) {
            return std::nullopt;
        }
        *texts.at(i) = text;
    }
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
        read_texts<5>(variant, {&key.name, &key.account, &key.key, &key.verified, &key.state});
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
    auto peer = read_texts<1>(variant, {&name.key});
    if (!peer || !is_whole_key(name.key)) {
        return std::nullopt;
    }
    name.peer = std::move(*peer);
    return name;
}

GVariant* write_importable(const ImportableKey& key) {
    return g_variant_new("(@(sss)sssss)", to_variant(key.peer), key.name.c_str(),
                         key.account.c_str(), key.key.c_str(), key.verified.c_str(),
                         key.effect.c_str());
}

std::optional<ImportableKey> read_importable(GVariant* variant) {
    ImportableKey key;
    auto peer =
        read_texts<5>(variant, {&key.name, &key.account, &key.key, &key.verified, &key.effect});
    if (!peer || !is_whole_key(key.key) ||
        std::ranges::find(effects, key.effect) == effects.end()) {
        return std::nullopt;
    }
    key.peer = std::move(*peer);
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

std::optional<std::vector<KnownKey>> known_keys_from(GVariant* variant) {
    return from_array(variant, known_type, read_known);
}

std::optional<std::vector<KeyName>> key_names_from(GVariant* variant) {
    return from_array(variant, name_type, read_name);
}

std::optional<std::vector<ImportableKey>> importable_keys_from(GVariant* variant) {
    return from_array(variant, importable_type, read_importable);
}

} // namespace otr_guard::ipc
