// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "ipc/network_codec.h"

#include <algorithm>
#include <array>

#include "ipc/codec.h"
#include "ipc/gobject_ptr.h"
#include "ipc/own_key_codec.h"

namespace otr_guard::ipc {

namespace {

constexpr const char* accounts_type = "a((ss)sssua(usss))";
constexpr const char* rows_type = "a(usss)";
constexpr std::array<std::string_view, 4> way_words{"off", "tor", "socks5", "http"};
constexpr std::uint32_t last_port = 65535;

std::optional<std::string> read_text(GVariant* variant, std::size_t place) {
    const char* text = nullptr;
    g_variant_get_child(variant, place, "&s", &text);
    return is_within(text, text_bytes) ? std::optional<std::string>(text) : std::nullopt;
}

std::optional<CheckRow> read_row(GVariant* variant) {
    guint32 finding = 0;
    g_variant_get_child(variant, 0, "u", &finding);
    auto text = read_text(variant, 1);
    auto remedy = read_text(variant, 2);
    auto label = read_text(variant, 3);
    if (finding > static_cast<guint32>(Finding::Problem) || !text || !remedy || !label) {
        return std::nullopt;
    }
    return CheckRow{static_cast<Finding>(finding), std::move(*text), std::move(*remedy),
                    std::move(*label)};
}

std::optional<NetworkAccount> read_account(GVariant* variant) {
    const GVariantPtr named(g_variant_get_child_value(variant, 0));
    auto account = account_from(named.get());
    auto label = read_text(variant, 1);
    const auto word = read_text(variant, 2);
    auto host = read_text(variant, 3);
    const auto way = word ? way_from_word(*word) : std::nullopt;
    guint32 port = 0;
    g_variant_get_child(variant, 4, "u", &port);
    const GVariantPtr rows(g_variant_get_child_value(variant, 5));
    const gsize count = g_variant_n_children(rows.get());
    if (!account || !label || !host || !way || port > last_port || count > most_check_rows) {
        return std::nullopt;
    }
    NetworkAccount result{std::move(*account), std::move(*label), *way, std::move(*host), port, {}};
    for (gsize i = 0; i < count; ++i) {
        const GVariantPtr child(g_variant_get_child_value(rows.get(), i));
        auto row = read_row(child.get());
        if (!row) {
            return std::nullopt;
        }
        result.rows.push_back(std::move(*row));
    }
    return result;
}

} // namespace

std::string_view to_word(Way way) {
    return way_words.at(static_cast<std::size_t>(way));
}

std::optional<Way> way_from_word(std::string_view word) {
    const auto found = std::ranges::find(way_words, word);
    return found == way_words.end() ? std::nullopt
                                    : std::optional(static_cast<Way>(found - way_words.begin()));
}

GVariant* to_variant(const std::vector<NetworkAccount>& accounts) {
    GVariantBuilder builder;
    g_variant_builder_init(&builder, G_VARIANT_TYPE(accounts_type));
    for (const NetworkAccount& account : accounts) {
        GVariantBuilder rows;
        g_variant_builder_init(&rows, G_VARIANT_TYPE(rows_type));
        for (const CheckRow& row : account.rows) {
            g_variant_builder_add(&rows, "(usss)", static_cast<guint32>(row.finding),
                                  row.text.c_str(), row.remedy.c_str(), row.remedy_label.c_str());
        }
        g_variant_builder_add(&builder, "(@(ss)sssu@a(usss))", to_variant(account.account),
                              account.label.c_str(), to_word(account.way).data(),
                              account.host.c_str(), account.port, g_variant_builder_end(&rows));
    }
    return g_variant_builder_end(&builder);
}

std::optional<std::vector<NetworkAccount>> network_accounts_from(GVariant* variant) {
    const gsize count = g_variant_n_children(variant);
    if (count > most_accounts) {
        return std::nullopt;
    }
    std::vector<NetworkAccount> accounts;
    for (gsize i = 0; i < count; ++i) {
        const GVariantPtr child(g_variant_get_child_value(variant, i));
        auto account = read_account(child.get());
        if (!account) {
            return std::nullopt;
        }
        accounts.push_back(std::move(*account));
    }
    return accounts;
}

} // namespace otr_guard::ipc
