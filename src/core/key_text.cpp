// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "core/key_text.h"

#include <algorithm>
#include <array>
#include <string>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "model/limits.h"

namespace otr_guard::core {

using util::ErrorCode;
using util::Expected;
using util::failure;
using util::SecretString;

namespace {

using SexpPtr = util::CPtr<gcry_sexp, gcry_sexp_release>;
using MpiPtr = util::CPtr<gcry_mpi, gcry_mpi_release>;

constexpr unsigned p_bits = 1024;
constexpr unsigned q_bits = 160;

/// The account of a key that has none yet.
const model::AccountId nobody{"-", "-"};

/// False when libgcrypt could not print it.
bool append_sexp(std::string& text, gcry_sexp_t sexp) {
    const std::size_t size = gcry_sexp_sprint(sexp, GCRYSEXP_FMT_ADVANCED, nullptr, 0);
    std::string printed(size, '\0');
    const std::size_t length =
        gcry_sexp_sprint(sexp, GCRYSEXP_FMT_ADVANCED, printed.data(), printed.size());
    text.append(printed, 0, length);
    util::wipe(printed.data(), printed.size());
    return length > 0;
}

bool append_name(std::string& text, const char* format, const std::string& name) {
    gcry_sexp_t sexp = nullptr;
    if (gcry_sexp_build(&sexp, nullptr, format, name.c_str()) != 0) {
        return false;
    }
    const SexpPtr owned(sexp);
    return append_sexp(text, sexp);
}

SecretString text_of_sexp(gcry_sexp_t sexp) {
    std::string text;
    text.reserve(model::limits::private_key_bytes);
    const bool is_whole = append_sexp(text, sexp);
    SecretString secret(is_whole ? std::string_view(text) : std::string_view());
    util::wipe(text.data(), text.size());
    return secret;
}

/// The only key of a list, with its fingerprint.
Expected<CheckedKey> only_key(const UserStatePtr& state) {
    std::array<unsigned char, model::Fingerprint::size> hash{};
    if (state == nullptr || state->privkey_root == nullptr ||
        otrl_privkey_fingerprint_raw(state.get(), hash.data(), nobody.username.c_str(),
                                     nobody.protocol.c_str()) == nullptr) {
        return failure(ErrorCode::Crypto, "libotr does not take the key");
    }
    SecretString text = key_text_of(*state->privkey_root);
    if (text.empty()) {
        return failure(ErrorCode::Crypto, "libgcrypt could not print the key");
    }
    return CheckedKey{std::move(text), model::Fingerprint(hash)};
}

// --- Checking ----------------------------------------------------------------------------------

struct DsaKey {
    MpiPtr p, q, g, y, x;
};

MpiPtr number_in(gcry_sexp_t dsa, const char* name) {
    const SexpPtr found(gcry_sexp_find_token(dsa, name, 1));
    return MpiPtr(found == nullptr ? nullptr : gcry_sexp_nth_mpi(found.get(), 1, GCRYMPI_FMT_USG));
}

Expected<DsaKey> read_key(std::string_view text) {
    gcry_sexp_t read = nullptr;
    if (gcry_sexp_new(&read, text.data(), text.size(), 0) != 0) {
        return failure(ErrorCode::Malformed, "not an s-expression");
    }
    const SexpPtr whole(read);
    const SexpPtr key(gcry_sexp_find_token(whole.get(), "private-key", 0));
    const SexpPtr dsa(key == nullptr ? nullptr : gcry_sexp_find_token(key.get(), "dsa", 0));
    if (dsa == nullptr) {
        return failure(ErrorCode::Malformed, "not a private DSA key");
    }
    DsaKey numbers{number_in(dsa.get(), "p"), number_in(dsa.get(), "q"), number_in(dsa.get(), "g"),
                   number_in(dsa.get(), "y"), number_in(dsa.get(), "x")};
    for (const MpiPtr* number : {&numbers.p, &numbers.q, &numbers.g, &numbers.y, &numbers.x}) {
        // Before anything is computed with them.
        if (*number == nullptr || gcry_mpi_get_nbits(number->get()) > p_bits ||
            gcry_mpi_cmp_ui(number->get(), 0) <= 0) {
            return failure(ErrorCode::Malformed, "a number of the key is missing or out of range");
        }
    }
    return numbers;
}

bool is_group_good(const DsaKey& key) {
    if (gcry_mpi_get_nbits(key.p.get()) != p_bits || gcry_mpi_get_nbits(key.q.get()) != q_bits ||
        gcry_prime_check(key.p.get(), 0) != 0 || gcry_prime_check(key.q.get(), 0) != 0 ||
        gcry_mpi_cmp_ui(key.g.get(), 1) <= 0 || gcry_mpi_cmp(key.g.get(), key.p.get()) >= 0) {
        return false;
    }
    const MpiPtr power(gcry_mpi_new(p_bits));
    gcry_mpi_powm(power.get(), key.g.get(), key.q.get(), key.p.get());
    return gcry_mpi_cmp_ui(power.get(), 1) == 0;
}

bool is_pair_good(const DsaKey& key) {
    if (gcry_mpi_cmp(key.x.get(), key.q.get()) >= 0) {
        return false;
    }
    const MpiPtr power(gcry_mpi_new(p_bits));
    gcry_mpi_powm(power.get(), key.g.get(), key.x.get(), key.p.get());
    return gcry_mpi_cmp(power.get(), key.y.get()) == 0;
}

} // namespace

// --- Lists -------------------------------------------------------------------------------------

util::FilePtr memory_file(std::string_view content) {
    const int descriptor = ::memfd_create("otr-guard", MFD_CLOEXEC);
    util::FilePtr stream(descriptor < 0 ? nullptr : ::fdopen(descriptor, "w+b"));
    if (stream == nullptr) {
        return stream;
    }
    static_cast<void>(std::setvbuf(stream.get(), nullptr, _IONBF, 0));
    const bool is_whole = content.empty() || std::fwrite(content.data(), 1, content.size(),
                                                         stream.get()) == content.size();
    if (!is_whole || std::fseek(stream.get(), 0, SEEK_SET) != 0) {
        return nullptr;
    }
    return stream;
}

SecretString content_of(std::FILE* stream) {
    struct stat status {};
    if (std::ferror(stream) != 0 || ::fstat(::fileno(stream), &status) != 0 ||
        std::fseek(stream, 0, SEEK_SET) != 0) {
        return {};
    }
    std::string text(static_cast<std::size_t>(status.st_size), '\0');
    const std::size_t size = std::fread(text.data(), 1, text.size(), stream);
    SecretString secret(size == text.size() ? std::string_view(text) : std::string_view());
    util::wipe(text.data(), text.size());
    return secret;
}

SecretString private_keys_text(std::span<const NamedKey> keys) {
    // Enough room for all of them: a string that grows leaves copies behind.
    std::string text;
    text.reserve((keys.size() + 1) * model::limits::private_key_bytes);
    text.append("(privkeys\n");
    bool is_whole = true;
    for (const NamedKey& key : keys) {
        text.append(" (account\n");
        is_whole = append_name(text, "(name %s)", key.account.username) &&
                   append_name(text, "(protocol %s)", key.account.protocol) && is_whole &&
                   !key.key.empty();
        text.append(key.key).append(" )\n");
    }
    text.append(")\n");
    SecretString secret(is_whole ? std::string_view(text) : std::string_view());
    util::wipe(text.data(), text.size());
    return secret;
}

UserStatePtr parse_private_keys(std::string_view text) {
    UserStatePtr state(otrl_userstate_create());
    const util::FilePtr stream = memory_file(text);
    if (stream == nullptr || otrl_privkey_read_FILEp(state.get(), stream.get()) != 0) {
        return nullptr;
    }
    return state;
}

SecretString key_text_of(const OtrlPrivKey& key) {
    return text_of_sexp(key.privkey);
}

// --- One key -----------------------------------------------------------------------------------

Expected<CheckedKey> make_key() {
    const UserStatePtr state(otrl_userstate_create());
    const util::FilePtr stream = memory_file({});
    if (stream == nullptr) {
        return failure(ErrorCode::Io, "out of memory");
    }
    const gcry_error_t error = otrl_privkey_generate_FILEp(
        state.get(), stream.get(), nobody.username.c_str(), nobody.protocol.c_str());
    if (error != 0) {
        return failure(ErrorCode::Crypto, gcry_strerror(error));
    }
    return only_key(state);
}

Expected<CheckedKey> check_key_text(std::string_view text) {
    const auto key = read_key(text);
    if (!key) {
        return tl::unexpected(key.error());
    }
    if (!is_group_good(*key)) {
        return failure(ErrorCode::Malformed, "not a DSA group of 1024 and 160 bits");
    }
    if (!is_pair_good(*key)) {
        return failure(ErrorCode::Malformed, "the public key is not that of the private key");
    }
    gcry_sexp_t built = nullptr;
    if (gcry_sexp_build(&built, nullptr, "(private-key (dsa (p %m)(q %m)(g %m)(y %m)(x %m)))",
                        key->p.get(), key->q.get(), key->g.get(), key->y.get(),
                        key->x.get()) != 0) {
        return failure(ErrorCode::Crypto, "libgcrypt could not build the key");
    }
    const SexpPtr owned(built);
    const SecretString alone = text_of_sexp(built);
    const std::array<NamedKey, 1> list{NamedKey{nobody, alone.view()}};
    return only_key(parse_private_keys(private_keys_text(list).view()));
}

} // namespace otr_guard::core
