// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "ipc/transfer_codec.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "ipc/codec.h"
#include "ipc/gobject_ptr.h"

namespace otr_guard::ipc {

namespace {

constexpr const char* transfers_type = "a((sss)sussssssssu)";
constexpr std::array<std::string_view, 3> kinds{"in", "out", "share"};
constexpr std::array<std::string_view, 8> stages{"preparing", "offered",  "asked", "running",
                                                 "waiting",   "checking", "done",  "stopped"};

std::optional<std::string> read_text(GVariant* variant, std::size_t place) {
    const char* text = nullptr;
    g_variant_get_child(variant, place, "&s", &text);
    return is_within(text, text_bytes) ? std::optional<std::string>(text) : std::nullopt;
}

/// Of an enumeration whose values stand for the words in their order.
template <typename Value, std::size_t size>
std::optional<Value> read_word(GVariant* variant, std::size_t place,
                               const std::array<std::string_view, size>& words) {
    const char* word = nullptr;
    g_variant_get_child(variant, place, "&s", &word);
    const auto found = std::ranges::find(words, std::string_view(word));
    return found == words.end() ? std::nullopt
                                : std::optional(static_cast<Value>(found - words.begin()));
}

/// Of this program alone: the last path of a URI is the desktop's to open.
bool is_folder(std::string_view uri) {
    return uri.empty() || uri.starts_with("file:///");
}

std::optional<Transfer> read_transfer(GVariant* variant) {
    const GVariantPtr named(g_variant_get_child_value(variant, 0));
    auto peer = peer_from(named.get());
    const auto kind = read_word<TransferKind>(variant, 1, kinds);
    const auto stage = read_word<TransferStage>(variant, 3, stages);
    if (!peer || !kind || !stage) {
        return std::nullopt;
    }
    Transfer transfer;
    transfer.peer = std::move(*peer);
    transfer.kind = *kind;
    transfer.stage = *stage;
    g_variant_get_child(variant, 2, "u", &transfer.number);
    g_variant_get_child(variant, 11, "u", &transfer.percent);
    std::size_t place = 4;
    for (std::string* text : {&transfer.with, &transfer.account, &transfer.name, &transfer.size,
                              &transfer.state, &transfer.remarks, &transfer.folder}) {
        auto read = read_text(variant, place++);
        if (!read) {
            return std::nullopt;
        }
        *text = std::move(*read);
    }
    return transfer.percent <= 100 && is_folder(transfer.folder) ? std::optional(transfer)
                                                                 : std::nullopt;
}

} // namespace

GVariant* to_variant(const std::vector<Transfer>& transfers) {
    GVariantBuilder builder;
    g_variant_builder_init(&builder, G_VARIANT_TYPE(transfers_type));
    for (const Transfer& transfer : transfers) {
        g_variant_builder_add(&builder, "(@(sss)sussssssssu)", to_variant(transfer.peer),
                              kinds.at(static_cast<std::size_t>(transfer.kind)).data(),
                              transfer.number,
                              stages.at(static_cast<std::size_t>(transfer.stage)).data(),
                              transfer.with.c_str(), transfer.account.c_str(),
                              transfer.name.c_str(), transfer.size.c_str(), transfer.state.c_str(),
                              transfer.remarks.c_str(), transfer.folder.c_str(), transfer.percent);
    }
    return g_variant_builder_end(&builder);
}

std::optional<std::vector<Transfer>> transfers_from(GVariant* variant) {
    if (!g_variant_is_of_type(variant, G_VARIANT_TYPE(transfers_type)) ||
        g_variant_n_children(variant) > most_transfers) {
        return std::nullopt;
    }
    std::vector<Transfer> transfers;
    transfers.reserve(g_variant_n_children(variant));
    for (gsize i = 0; i < g_variant_n_children(variant); ++i) {
        const GVariantPtr child(g_variant_get_child_value(variant, i));
        auto transfer = read_transfer(child.get());
        if (!transfer) {
            return std::nullopt;
        }
        transfers.push_back(std::move(*transfer));
    }
    return transfers;
}

} // namespace otr_guard::ipc
