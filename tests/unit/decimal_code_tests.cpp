// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/decimal_code.h"

#include <boost/test/unit_test.hpp>

#include <string>

namespace model = otr_guard::model;
using model::Fingerprint;

BOOST_AUTO_TEST_SUITE(decimal_code)

// From python: "%049d" % int(hex, 16)
BOOST_AUTO_TEST_CASE(a_fingerprint_is_a_number_too) {
    const auto known = *Fingerprint::from_hex("0123456789abcdef0123456789abcdef01234567");
    const auto most = *Fingerprint::from_hex(std::string(40, 'f'));
    BOOST_TEST(model::to_decimal(known) ==
               "00064 95562 83258 17906 63061 89257 46348 53316 33152 1383");
    BOOST_TEST(model::to_decimal(Fingerprint()) ==
               "00000 00000 00000 00000 00000 00000 00000 00000 00000 0000");
    BOOST_TEST(model::to_decimal(most) ==
               "14615 01637 33090 29182 03684 83271 62830 19655 93254 2975");
    for (const Fingerprint& each : {known, Fingerprint(), most}) {
        std::string digits = model::to_decimal(each);
        std::erase(digits, ' ');
        BOOST_TEST((model::from_decimal(digits) == each));
    }
}

BOOST_AUTO_TEST_CASE(what_is_too_large_or_too_short_or_no_number_is_none) {
    for (const std::string& digits :
         {std::string("1461501637330902918203684832716283019655932542976"), std::string(49, '9'),
          std::string(48, '1'), std::string(50, '0'), std::string(48, '0') + "a", std::string()}) {
        BOOST_TEST(!model::from_decimal(digits).has_value());
    }
}

BOOST_AUTO_TEST_SUITE_END()
