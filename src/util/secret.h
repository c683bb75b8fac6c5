// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Text that must not stay in memory: answers, shared secrets, PINs. Wiped when it goes out of
// scope, never copied implicitly, never logged, compared in constant time.

#include <cstddef>
#include <string_view>
#include <vector>

namespace otr_guard::util {

/// Overwrites `size` bytes in a way the compiler keeps.
void wipe(void* memory, std::size_t size) noexcept;

/// Compares without leaking where the first difference is. Lengths are not secret.
[[nodiscard]] bool equal_in_constant_time(std::string_view left, std::string_view right) noexcept;

class SecretString {
public:
    SecretString() = default;
    explicit SecretString(std::string_view text);
    ~SecretString();
    SecretString(SecretString&& other) noexcept;
    SecretString& operator=(SecretString&& other) noexcept;
    SecretString(const SecretString&) = delete;
    SecretString& operator=(const SecretString&) = delete;

    /// Valid until this object changes; must not be copied into an ordinary string.
    [[nodiscard]] std::string_view view() const noexcept;
    [[nodiscard]] bool empty() const noexcept { return m_bytes.empty(); }
    [[nodiscard]] std::size_t size() const noexcept { return m_bytes.size(); }

private:
    std::vector<char> m_bytes;
};

} // namespace otr_guard::util
