// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include <array>

#include "fuzz.h"
#include "ipc/codec.h"
#include "ipc/gobject_ptr.h"
#include "ipc/key_codec.h"
#include "ipc/network_codec.h"
#include "ipc/own_key_codec.h"
#include "ipc/transfer_codec.h"

namespace {

using namespace otr_guard;

/// As GDBus hands it over: of the type that the interface names, and in a trusted form.
ipc::GVariantPtr received(const char* type, const std::uint8_t* data, std::size_t size) {
    const ipc::GVariantPtr raw(g_variant_ref_sink(
        g_variant_new_from_data(G_VARIANT_TYPE(type), data, size, FALSE, nullptr, nullptr)));
    return ipc::GVariantPtr(g_variant_get_normal_form(raw.get()));
}

template <typename T>
void check_again(const std::optional<T>& value, std::optional<T> (*read)(GVariant*)) {
    if (value) {
        const ipc::GVariantPtr written(g_variant_ref_sink(ipc::to_variant(*value)));
        fuzz::check(read(written.get()) == value, "what is taken is written alike");
    }
}

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto peer = received("(sss)", data, size);
    check_again(ipc::peer_from(peer.get()), ipc::peer_from);
    const auto state = received("(ssssssssssssbbbuu)", data, size);
    check_again(ipc::state_from(state.get()), ipc::state_from);
    const auto known = received("a((sss)sssssxxxbb)", data, size);
    check_again(ipc::known_keys_from(known.get()), ipc::known_keys_from);
    const auto names = received("a((sss)s)", data, size);
    check_again(ipc::key_names_from(names.get()), ipc::key_names_from);
    const auto importable = received("a(ssssb)", data, size);
    check_again(ipc::importable_keys_from(importable.get()), ipc::importable_keys_from);
    const auto importable_own = received("a(sss)", data, size);
    check_again(ipc::importable_own_keys_from(importable_own.get()), ipc::importable_own_keys_from);
    const auto own = received("a((ss)sssssubb)", data, size);
    check_again(ipc::own_keys_from(own.get()), ipc::own_keys_from);
    const auto network = received("a((ss)sssua(usss))", data, size);
    check_again(ipc::network_accounts_from(network.get()), ipc::network_accounts_from);
    const auto transfers = received("a((sss)sussssssssu)", data, size);
    check_again(ipc::transfers_from(transfers.get()), ipc::transfers_from);
    const auto account = received("(ss)", data, size);
    check_again(ipc::account_from(account.get()), ipc::account_from);
    // Of another type than expected: refused, not believed.
    fuzz::check(!ipc::state_from(peer.get()) && !ipc::peer_from(known.get()) &&
                    !ipc::transfers_from(known.get()),
                "another type is refused");
    return 0;
}
