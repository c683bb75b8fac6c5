// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// The one result type for everything that the outside world can make fail: files, peers, keys,
// input. Exceptions are left to our own bugs and to memory running out.

#include <string>
#include <tl/expected.hpp>
#include <utility>

namespace otr_guard::util {

enum class ErrorCode {
    NotFound,        ///< the thing asked for does not exist
    Io,              ///< the operating system refused; `detail` holds its reason
    Malformed,       ///< the input does not follow its format
    TooLarge,        ///< a limit of model/limits.h was exceeded
    Refused,         ///< not allowed in the present state; nothing was changed
    Busy,            ///< the same thing is already under way
    Crypto,          ///< libotr or libgcrypt failed
    WrongPassphrase, ///< what is sealed under another one stays closed
    Unavailable,     ///< something needed is not there yet (key, session, connection)
};

/// Why something failed. `detail` is for the log and for developers, in English; what the user
/// reads is a Notice made by the caller.
struct Error {
    ErrorCode code;
    std::string detail;
};

template <typename T> using Expected = tl::expected<T, Error>;

[[nodiscard]] inline tl::unexpected<Error> failure(ErrorCode code, std::string detail) {
    return tl::unexpected<Error>(Error{code, std::move(detail)});
}

} // namespace otr_guard::util
