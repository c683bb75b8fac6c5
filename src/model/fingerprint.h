// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// The SHA-1 hash of a public DSA key, 20 bytes (OTRv3, "Public keys, signatures, and
// fingerprints"). Public information; compared as a value.

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace otr_guard::model {

class Fingerprint {
public:
    static constexpr std::size_t size = 20;

    Fingerprint() = default;
    explicit Fingerprint(std::span<const std::uint8_t, size> bytes);

    /// Exactly 40 hexadecimal digits, any case; nothing else.
    [[nodiscard]] static std::optional<Fingerprint> from_hex(std::string_view hex);

    [[nodiscard]] const std::array<std::uint8_t, size>& bytes() const { return m_bytes; }
    /// 40 lower-case digits, as libotr's files have them.
    [[nodiscard]] std::string to_hex() const;
    /// Five groups of eight upper-case digits, as every OTR client shows them.
    [[nodiscard]] std::string to_groups() const;

    auto operator<=>(const Fingerprint&) const = default;

private:
    std::array<std::uint8_t, size> m_bytes{};
};

} // namespace otr_guard::model
