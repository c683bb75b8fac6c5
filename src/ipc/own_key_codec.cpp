// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "ipc/own_key_codec.h"

#include <array>

#include "ipc/codec.h"
#include "ipc/gobject_ptr.h"

namespace otr_guard::ipc {

namespace {

constexpr const char* keys_type = "a((ss)sssssubb)";
constexpr const char* account_type = "(ss)";

std::optional<OwnKey> read_key(GVariant* variant) {
    OwnKey key;
    const GVariantPtr named(g_variant_get_child_value(variant, 0));
    auto account = account_from(named.get());
    const std::array texts{&key.label, &key.key, &key.words, &key.uri, &key.origin};
    for (std::size_t i = 0; i < texts.size(); ++i) {
        const char* text = nullptr;
        g_variant_get_child(variant, i + 1, "&s", &text);
        if (!is_within(text, text_bytes)) {
            return std::nullopt;
        }
        *texts.at(i) = text;
    }
    if (!account || !is_key(key.key)) {
        return std::nullopt;
    }
    key.account = std::move(*account);
    gboolean has_account = FALSE;
    gboolean is_under_way = FALSE;
    g_variant_get_child(variant, 6, "u", &key.people);
    g_variant_get_child(variant, 7, "b", &has_account);
    g_variant_get_child(variant, 8, "b", &is_under_way);
    key.has_account = has_account != FALSE;
    key.is_under_way = is_under_way != FALSE;
    return key;
}

} // namespace

bool can_be_named(const model::AccountId& account) {
    const auto is_text = [](const std::string& name) {
        return !name.empty() && name.size() <= name_bytes &&
               g_utf8_validate(name.data(), static_cast<gssize>(name.size()), nullptr) != FALSE;
    };
    return is_text(account.username) && is_text(account.protocol);
}

GVariant* to_variant(const model::AccountId& account) {
    return g_variant_new(account_type, account.username.c_str(), account.protocol.c_str());
}

GVariant* to_variant(const std::vector<OwnKey>& keys) {
    GVariantBuilder builder;
    g_variant_builder_init(&builder, G_VARIANT_TYPE(keys_type));
    for (const OwnKey& key : keys) {
        g_variant_builder_add(
            &builder, "(@(ss)sssssubb)", to_variant(key.account), key.label.c_str(),
            key.key.c_str(), key.words.c_str(), key.uri.c_str(), key.origin.c_str(), key.people,
            static_cast<gboolean>(key.has_account), static_cast<gboolean>(key.is_under_way));
    }
    return g_variant_builder_end(&builder);
}

std::optional<model::AccountId> account_from(GVariant* variant) {
    if (!g_variant_is_of_type(variant, G_VARIANT_TYPE(account_type))) {
        return std::nullopt;
    }
    const char* username = nullptr;
    const char* protocol = nullptr;
    g_variant_get(variant, "(&s&s)", &username, &protocol);
    if (*username == '\0' || *protocol == '\0' || !is_within(username, name_bytes) ||
        !is_within(protocol, name_bytes)) {
        return std::nullopt;
    }
    return model::AccountId{username, protocol};
}

std::optional<std::vector<OwnKey>> own_keys_from(GVariant* variant) {
    if (!g_variant_is_of_type(variant, G_VARIANT_TYPE(keys_type)) ||
        g_variant_n_children(variant) > most_accounts) {
        return std::nullopt;
    }
    std::vector<OwnKey> keys;
    GVariantIter iterator;
    g_variant_iter_init(&iterator, variant);
    for (GVariantPtr child(g_variant_iter_next_value(&iterator)); child != nullptr;
         child.reset(g_variant_iter_next_value(&iterator))) {
        auto key = read_key(child.get());
        if (!key) {
            return std::nullopt;
        }
        keys.push_back(std::move(*key));
    }
    return keys;
}

} // namespace otr_guard::ipc
