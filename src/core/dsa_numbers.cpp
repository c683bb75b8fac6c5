// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "core/dsa_numbers.h"

#include <array>
#include <cstdint>
#include <optional>
#include <utility>

namespace otr_guard::core {

using util::ErrorCode;
using util::Expected;
using util::failure;

namespace {

using SexpPtr = util::CPtr<gcry_sexp, gcry_sexp_release>;
using MpiPtr = util::CPtr<gcry_mpi, gcry_mpi_release>;

constexpr std::size_t p_bytes = 128;
constexpr std::size_t q_bytes = 20;
/// More than any number of a key that somebody could mean for OTR.
constexpr std::size_t longest_number = 1024;

std::string_view without_zeros(std::string_view number) {
    const std::size_t start = std::min(number.find_first_not_of('\0'), number.size());
    return number.substr(start);
}

/// Takes bytes from the front of a text; nothing more once it has been too short.
class Reader {
public:
    explicit Reader(std::string_view bytes) : m_bytes(bytes) {}

    [[nodiscard]] bool is_good() const { return m_is_good; }
    [[nodiscard]] bool is_at_end() const { return m_is_good && m_bytes.empty(); }

    std::string_view take(std::size_t size) {
        if (!m_is_good || size > m_bytes.size()) {
            m_is_good = false;
            return {};
        }
        const std::string_view taken = m_bytes.substr(0, size);
        m_bytes.remove_prefix(size);
        return taken;
    }

    std::size_t take_big_endian(std::size_t bytes) {
        std::size_t value = 0;
        for (const char byte : take(bytes)) {
            value = value << 8U | static_cast<unsigned char>(byte);
        }
        return value;
    }

    /// A number behind its length.
    std::string take_potr_number() {
        const std::size_t size = take_big_endian(4);
        m_is_good = m_is_good && size <= longest_number;
        return std::string(without_zeros(take(m_is_good ? size : 0)));
    }

    /// The contents of an ASN.1 value with this tag.
    Reader take_value(std::uint8_t tag) {
        m_is_good = m_is_good && take_big_endian(1) == tag;
        std::size_t size = take_big_endian(1);
        if (size >= 0x80U) {
            const std::size_t length_bytes = size & 0x7fU;
            m_is_good = m_is_good && length_bytes >= 1 && length_bytes <= 4;
            size = take_big_endian(m_is_good ? length_bytes : 0);
        }
        const std::string_view contents = take(size);
        Reader inner(contents);
        inner.m_is_good = m_is_good;
        return inner;
    }

    std::string take_integer() {
        const Reader number = take_value(0x02);
        m_is_good = m_is_good && number.m_bytes.size() <= longest_number;
        return m_is_good ? std::string(without_zeros(number.m_bytes)) : std::string();
    }

private:
    std::string_view m_bytes;
    bool m_is_good = true;
};

constexpr std::uint8_t sequence = 0x30;
constexpr std::uint8_t object_identifier = 0x06;
constexpr std::uint8_t octet_string = 0x04;
constexpr std::uint8_t bit_string = 0x03;
/// 1.2.840.10040.4.1, id-dsa.
constexpr std::string_view dsa_identifier("\x2a\x86\x48\xce\x38\x04\x01", 7);

/// AlgorithmIdentifier with the three numbers of the group.
DsaNumbers take_group(Reader& reader) {
    Reader algorithm = reader.take_value(sequence);
    Reader identifier = algorithm.take_value(object_identifier);
    const bool is_dsa = identifier.take(dsa_identifier.size()) == dsa_identifier;
    Reader group = algorithm.take_value(sequence);
    DsaNumbers numbers;
    numbers.p = group.take_integer();
    numbers.q = group.take_integer();
    numbers.g = group.take_integer();
    return is_dsa && group.is_at_end() ? numbers : DsaNumbers{};
}

Expected<DsaNumbers> malformed() {
    return failure(ErrorCode::Malformed, "not a DSA key");
}

std::string hex_of(std::string_view bytes) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string hex = "00";
    for (const char character : bytes) {
        const auto byte = static_cast<unsigned char>(character);
        hex += digits[byte >> 4U];
        hex += digits[byte & 0xfU];
    }
    return hex;
}

MpiPtr mpi_of(std::string_view bytes) {
    gcry_mpi_t number = nullptr;
    const auto error = gcry_mpi_scan(&number, GCRYMPI_FMT_USG, bytes.data(), bytes.size(), nullptr);
    return MpiPtr(error == 0 ? number : nullptr);
}

std::string bytes_of(gcry_mpi_t number) {
    std::string bytes(p_bytes, '\0');
    std::size_t size = 0;
    const auto error =
        gcry_mpi_print(GCRYMPI_FMT_USG, reinterpret_cast<unsigned char*>(bytes.data()),
                       bytes.size(), &size, number);
    return error == 0 ? bytes.substr(0, size) : std::string();
}

bool has_group_of_otr(const DsaNumbers& numbers) {
    const auto has_top_bit = [](std::string_view number) {
        return (static_cast<unsigned char>(number.front()) & 0x80U) != 0;
    };
    return numbers.p.size() == p_bytes && has_top_bit(numbers.p) && numbers.q.size() == q_bytes &&
           has_top_bit(numbers.q) && !numbers.g.empty() && numbers.g.size() <= p_bytes;
}

/// g to the power of x; the group and x have OTR's sizes.
std::string public_number(const DsaNumbers& numbers) {
    const MpiPtr p = mpi_of(numbers.p);
    const MpiPtr g = mpi_of(numbers.g);
    const MpiPtr x = mpi_of(numbers.x);
    if (p == nullptr || g == nullptr || x == nullptr) {
        return {};
    }
    const MpiPtr power(gcry_mpi_new(0));
    gcry_mpi_powm(power.get(), g.get(), x.get(), p.get());
    return bytes_of(power.get());
}

void append_potr_number(std::string& bytes, std::string_view number) {
    for (const unsigned shift : {24U, 16U, 8U, 0U}) {
        bytes += static_cast<char>(number.size() >> shift & 0xffU);
    }
    bytes.append(number);
}

} // namespace

// --- Formats -----------------------------------------------------------------------------------

Expected<DsaNumbers> read_potr_key(std::string_view bytes) {
    Reader reader(bytes);
    const bool is_dsa = reader.take_big_endian(2) == 0;
    DsaNumbers numbers;
    for (std::string* number : {&numbers.p, &numbers.q, &numbers.g, &numbers.y, &numbers.x}) {
        *number = reader.take_potr_number();
    }
    return is_dsa && reader.is_at_end() ? Expected<DsaNumbers>(std::move(numbers)) : malformed();
}

std::string write_potr_key(const DsaNumbers& numbers) {
    std::string bytes(2, '\0');
    for (const std::string* number : {&numbers.p, &numbers.q, &numbers.g, &numbers.y, &numbers.x}) {
        append_potr_number(bytes, *number);
    }
    return bytes;
}

Expected<DsaNumbers> read_private_der(std::string_view bytes) {
    Reader whole(bytes);
    Reader info = whole.take_value(sequence);
    const std::string version = info.take_integer();
    DsaNumbers numbers = take_group(info);
    Reader secret = info.take_value(octet_string);
    numbers.x = secret.take_integer();
    // Attributes may follow.
    const bool is_whole = whole.is_at_end() && info.is_good() && secret.is_at_end();
    return is_whole && version.empty() && !numbers.p.empty()
               ? Expected<DsaNumbers>(std::move(numbers))
               : malformed();
}

Expected<DsaNumbers> read_public_der(std::string_view bytes) {
    Reader whole(bytes);
    Reader info = whole.take_value(sequence);
    DsaNumbers numbers = take_group(info);
    Reader bits = info.take_value(bit_string);
    const bool has_whole_bytes = bits.take_big_endian(1) == 0;
    numbers.y = bits.take_integer();
    const bool is_whole = whole.is_at_end() && info.is_at_end() && bits.is_at_end();
    return is_whole && has_whole_bytes && !numbers.p.empty()
               ? Expected<DsaNumbers>(std::move(numbers))
               : malformed();
}

Expected<DsaNumbers> numbers_of(std::string_view key_text) {
    gcry_sexp_t read = nullptr;
    if (gcry_sexp_new(&read, key_text.data(), key_text.size(), 0) != 0) {
        return malformed();
    }
    const SexpPtr key(read);
    const auto number = [&key](const char* name) {
        const SexpPtr found(gcry_sexp_find_token(key.get(), name, 1));
        const MpiPtr value(found == nullptr ? nullptr
                                            : gcry_sexp_nth_mpi(found.get(), 1, GCRYMPI_FMT_USG));
        return value == nullptr ? std::string() : bytes_of(value.get());
    };
    DsaNumbers numbers{number("p"), number("q"), number("g"), number("y"), number("x")};
    return numbers.x.empty() ? malformed() : Expected<DsaNumbers>(std::move(numbers));
}

// --- Keys --------------------------------------------------------------------------------------

Expected<CheckedKey> key_of(DsaNumbers numbers) {
    if (!has_group_of_otr(numbers) || numbers.x.empty() || numbers.x.size() > q_bytes) {
        return failure(ErrorCode::Malformed, "not a DSA key of 1024 and 160 bits");
    }
    if (numbers.y.empty()) {
        numbers.y = public_number(numbers);
    }
    std::string text = "(private-key (dsa";
    for (const auto& [name, number] :
         {std::pair("p", &numbers.p), std::pair("q", &numbers.q), std::pair("g", &numbers.g),
          std::pair("y", &numbers.y), std::pair("x", &numbers.x)}) {
        text.append("(").append(name).append(" #").append(hex_of(*number)).append("#)");
    }
    return check_key_text(text.append("))"));
}

Expected<model::Fingerprint> fingerprint_of(const DsaNumbers& numbers) {
    if (!has_group_of_otr(numbers) || numbers.y.empty() || numbers.y.size() > p_bytes) {
        return failure(ErrorCode::Malformed, "not a DSA key of 1024 and 160 bits");
    }
    std::string bytes;
    for (const std::string* number : {&numbers.p, &numbers.q, &numbers.g, &numbers.y}) {
        append_potr_number(bytes, *number);
    }
    std::array<std::uint8_t, model::Fingerprint::size> hash{};
    gcry_md_hash_buffer(GCRY_MD_SHA1, hash.data(), bytes.data(), bytes.size());
    return model::Fingerprint(hash);
}

// --- Base64 ------------------------------------------------------------------------------------

std::string from_base64(std::string_view text) {
    std::string bytes((text.size() + 3) / 4 * 3, '\0');
    bytes.resize(otrl_base64_decode(reinterpret_cast<unsigned char*>(bytes.data()), text.data(),
                                    text.size()));
    return bytes;
}

std::string to_base64(std::string_view bytes) {
    std::string text((bytes.size() + 2) / 3 * 4, '\0');
    text.resize(otrl_base64_encode(
        text.data(), reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size()));
    return text;
}

} // namespace otr_guard::core
