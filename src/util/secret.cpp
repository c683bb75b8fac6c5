// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "util/secret.h"

#include <cstring>
#include <utility>

namespace otr_guard::util {

void wipe(void* memory, std::size_t size) noexcept {
    if (size > 0) {
        ::explicit_bzero(memory, size);
    }
}

bool equal_in_constant_time(std::string_view left, std::string_view right) noexcept {
    if (left.size() != right.size()) {
        return false;
    }
    unsigned difference = 0;
    for (std::size_t i = 0; i < left.size(); ++i) {
        difference |= static_cast<unsigned>(static_cast<unsigned char>(left[i]) ^
                                            static_cast<unsigned char>(right[i]));
    }
    return difference == 0;
}

SecretString::SecretString(std::string_view text) : m_bytes(text.begin(), text.end()) {}

SecretString::~SecretString() {
    wipe(m_bytes.data(), m_bytes.size());
}

SecretString::SecretString(SecretString&& other) noexcept
    : m_bytes(std::exchange(other.m_bytes, {})) {}

SecretString& SecretString::operator=(SecretString&& other) noexcept {
    if (this != &other) {
        wipe(m_bytes.data(), m_bytes.size());
        m_bytes = std::exchange(other.m_bytes, {});
    }
    return *this;
}

std::string_view SecretString::view() const noexcept {
    return {m_bytes.data(), m_bytes.size()};
}

} // namespace otr_guard::util
