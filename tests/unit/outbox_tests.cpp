// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include <deque>
#include <string>

#include <boost/test/unit_test.hpp>
#include <rapidcheck.h>

#include "core/outbox.h"
#include "model/limits.h"

using otr_guard::core::Outbox;
using otr_guard::core::QueuedMessage;
namespace limits = otr_guard::model::limits;

namespace {

QueuedMessage message(std::string html) {
    return {.html = std::move(html), .bound_key = {}, .resend_of = {}};
}

} // namespace

BOOST_AUTO_TEST_SUITE(outbox_tests)

BOOST_AUTO_TEST_CASE(gives_back_in_the_order_it_was_given) {
    Outbox outbox;
    BOOST_TEST(outbox.empty());
    BOOST_TEST(outbox.push(message("one")));
    BOOST_TEST(outbox.push(message("two")));
    BOOST_TEST(outbox.push_front(message("zero")));
    for (const char* expected : {"zero", "one", "two"}) {
        BOOST_TEST(outbox.front().html == expected);
        outbox.pop();
    }
    BOOST_TEST(outbox.empty());
}

BOOST_AUTO_TEST_CASE(refuses_more_than_the_limits) {
    Outbox outbox;
    for (std::size_t i = 0; i < limits::queued_messages_per_peer; ++i) {
        BOOST_REQUIRE(outbox.push(message("x")));
    }
    BOOST_TEST(!outbox.push(message("x")));
    BOOST_TEST(!outbox.push_front(message("x")));
    BOOST_TEST(outbox.size() == limits::queued_messages_per_peer);
    BOOST_TEST(outbox.clear() == limits::queued_messages_per_peer);
    BOOST_TEST(outbox.push(message(std::string(limits::queued_bytes_per_peer, 'x'))));
    BOOST_TEST(!outbox.push(message("x")));
    BOOST_TEST(outbox.push(message("")));
    outbox.pop();
    BOOST_TEST(outbox.push(message("x")));
}

BOOST_AUTO_TEST_CASE(unbinding_frees_every_message) {
    Outbox outbox;
    QueuedMessage bound = message("x");
    bound.bound_key = otr_guard::model::Fingerprint{};
    BOOST_TEST(outbox.push(bound));
    BOOST_TEST(outbox.push(bound));
    outbox.unbind();
    for (const QueuedMessage& queued : outbox.messages()) {
        BOOST_TEST(!queued.bound_key.has_value());
    }
    BOOST_TEST(outbox.size() == 2U);
}

BOOST_AUTO_TEST_CASE(behaves_like_a_queue_whatever_is_done) {
    BOOST_TEST(
        rc::check("model", [](const std::vector<std::pair<std::uint8_t, std::string>>& steps) {
            Outbox outbox;
            std::deque<std::string> model;
            for (const auto& [what, text] : steps) {
                if (what % 4 == 0 && !model.empty()) {
                    RC_ASSERT(outbox.front().html == model.front());
                    outbox.pop();
                    model.pop_front();
                } else if (what % 4 == 1) {
                    RC_ASSERT(outbox.push_front(message(text)));
                    model.push_front(text);
                } else if (what == 255) {
                    RC_ASSERT(outbox.clear() == model.size());
                    model.clear();
                } else {
                    RC_ASSERT(outbox.push(message(text)));
                    model.push_back(text);
                }
                RC_ASSERT(outbox.size() == model.size());
            }
        }));
}

BOOST_AUTO_TEST_SUITE_END()
