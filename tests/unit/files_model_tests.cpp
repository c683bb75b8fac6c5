// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include <boost/test/unit_test.hpp>

#include <functional>
#include <string>
#include <vector>

#include "ipc/codec.h"
#include "ipc/gobject_ptr.h"
#include "windows/files_model.h"

using namespace otr_guard;
using ipc::Transfer;
using ipc::TransferKind;
using ipc::TransferStage;
using windows::can_accept;
using windows::can_stop;
using windows::FilesModel;

namespace {

Transfer transfer_of(TransferKind kind, unsigned number, TransferStage stage) {
    return {.peer = {{"alice@example.org/", "prpl-jabber"}, "bob@example.org"},
            .kind = kind,
            .number = number,
            .stage = stage,
            .with = "Bob",
            .account = "alice@example.org (XMPP)",
            .name = "minutes.pdf",
            .size = "3.0 MB",
            .state = "on its way, 40 %",
            .remarks = {},
            .folder = "file:///home/alice/Downloads",
            .percent = 40};
}

std::optional<std::vector<Transfer>> there_and_back(const std::vector<Transfer>& all) {
    const ipc::GVariantPtr variant(g_variant_ref_sink(ipc::to_variant(all)));
    return ipc::transfers_from(variant.get());
}

unsigned chosen_in(const FilesModel& model) {
    return model.chosen() != nullptr ? model.chosen()->number : 0;
}

} // namespace

BOOST_AUTO_TEST_SUITE(files_model)

BOOST_AUTO_TEST_CASE(a_window_opens_with_what_waits_for_an_answer) {
    FilesModel model;
    model.choose_first();
    BOOST_TEST(chosen_in(model) == 0U);
    BOOST_TEST(!model.replace({transfer_of(TransferKind::Out, 1, TransferStage::Running),
                               transfer_of(TransferKind::In, 2, TransferStage::Done)}));
    model.choose_first();
    BOOST_TEST(chosen_in(model) == 1U);
    BOOST_TEST(!model.replace({transfer_of(TransferKind::Out, 1, TransferStage::Running),
                               transfer_of(TransferKind::In, 3, TransferStage::Asked)}));
    BOOST_TEST(chosen_in(model) == 1U); // not while it is open
    model.choose_first();
    BOOST_TEST(chosen_in(model) == 3U);
}

BOOST_AUTO_TEST_CASE(what_was_chosen_never_becomes_another_one) {
    FilesModel model;
    const auto first = transfer_of(TransferKind::In, 1, TransferStage::Asked);
    const auto second = transfer_of(TransferKind::In, 2, TransferStage::Asked);
    BOOST_TEST(!model.replace({first, second}));
    model.choose(second);
    BOOST_TEST(!model.replace({first}));
    BOOST_TEST(chosen_in(model) == 0U);
    // A share may have the number of a file, and a file's number belongs to one peer.
    auto other = second;
    other.kind = TransferKind::Share;
    BOOST_TEST(!model.replace({first, other}));
    BOOST_TEST(chosen_in(model) == 0U);
    other = second;
    other.peer.username = "mallory@example.org";
    BOOST_TEST(!model.replace({first, other}));
    BOOST_TEST(chosen_in(model) == 0U);
    BOOST_TEST(!model.replace({first, second}));
    BOOST_TEST(chosen_in(model) == 2U);
}

BOOST_AUTO_TEST_CASE(rows_are_the_same_while_only_their_state_changes) {
    FilesModel model;
    auto file = transfer_of(TransferKind::In, 1, TransferStage::Running);
    BOOST_TEST(!model.replace({file}));
    file.percent = 50;
    file.stage = TransferStage::Done;
    BOOST_TEST(model.replace({file}));
    BOOST_TEST(model.transfers().front().percent == 50U);
    BOOST_TEST(!model.replace({}));
}

BOOST_AUTO_TEST_CASE(every_stage_has_its_acts_and_no_others) {
    using enum TransferStage;
    for (const TransferStage stage :
         {Preparing, Offered, Asked, Running, Waiting, Checking, Done, Stopped}) {
        const bool is_over = stage == Done || stage == Stopped;
        for (const TransferKind kind : {TransferKind::In, TransferKind::Out, TransferKind::Share}) {
            const Transfer transfer = transfer_of(kind, 1, stage);
            const bool is_offer = kind == TransferKind::In && stage == Asked;
            BOOST_TEST(can_accept(transfer) == is_offer);
            BOOST_TEST(can_stop(transfer) == (!is_over && !is_offer));
        }
    }
}

BOOST_AUTO_TEST_CASE(details_say_all_that_there_is) {
    Transfer transfer = transfer_of(TransferKind::In, 1, TransferStage::Asked);
    BOOST_TEST(windows::details_of(transfer) ==
               "from Bob, alice@example.org (XMPP)\non its way, 40 %");
    transfer.kind = TransferKind::Out;
    transfer.remarks = "Be careful.";
    BOOST_TEST(windows::details_of(transfer).ends_with("\nBe careful."));
    BOOST_TEST(windows::direction_of(transfer) == "to Bob");
    transfer.kind = TransferKind::Share;
    BOOST_TEST(windows::details_of(transfer).starts_with(
        "to Bob, with OnionShare, alice@example.org (XMPP)\n"));
}

BOOST_AUTO_TEST_CASE(the_channel_carries_transfers_whole) {
    std::vector<Transfer> all;
    for (unsigned stage = 0; stage < 8; ++stage) {
        all.push_back(transfer_of(static_cast<TransferKind>(stage % 3), stage,
                                  static_cast<TransferStage>(stage)));
    }
    all.back().name = "\u2068größe.pdf\u2069";
    all.back().folder.clear();
    BOOST_TEST((there_and_back(all) == all));
    BOOST_TEST((there_and_back({}) == std::vector<Transfer>()));
}

BOOST_AUTO_TEST_CASE(the_channel_takes_nothing_beyond_its_limits) {
    const std::string endless(ipc::text_bytes + 1, 'a');
    const std::vector<std::function<void(Transfer&)>> offences{
        [&](Transfer& one) { one.with = endless; },
        [&](Transfer& one) { one.account = endless; },
        [&](Transfer& one) { one.name = endless; },
        [&](Transfer& one) { one.size = endless; },
        [&](Transfer& one) { one.state = endless; },
        [&](Transfer& one) { one.remarks = endless; },
        [&](Transfer& one) { one.folder = "file:///" + endless; },
        [](Transfer& one) { one.folder = "https://example.org/"; },
        [](Transfer& one) { one.folder = "file://example.org/share"; },
        [](Transfer& one) { one.folder = "/home"; },
        [](Transfer& one) { one.peer.username.clear(); },
        [](Transfer& one) { one.percent = 101; }};
    for (const auto& offend : offences) {
        Transfer transfer = transfer_of(TransferKind::In, 1, TransferStage::Running);
        BOOST_TEST(there_and_back({transfer}).has_value());
        offend(transfer);
        BOOST_TEST(!there_and_back({transfer}).has_value());
    }
    const Transfer transfer = transfer_of(TransferKind::In, 1, TransferStage::Running);
    BOOST_TEST(there_and_back(std::vector<Transfer>(ipc::most_transfers, transfer)).has_value());
    BOOST_TEST(
        !there_and_back(std::vector<Transfer>(ipc::most_transfers + 1, transfer)).has_value());
}

BOOST_AUTO_TEST_CASE(the_channel_takes_no_other_words) {
    const auto with_words = [](const char* kind, const char* stage) {
        GVariantBuilder builder;
        g_variant_builder_init(&builder, G_VARIANT_TYPE("a((sss)sussssssssu)"));
        g_variant_builder_add(&builder, "((sss)sussssssssu)", "a", "p", "u", kind, 1U, stage, "",
                              "", "", "", "", "", "", 0U);
        const ipc::GVariantPtr made(g_variant_ref_sink(g_variant_builder_end(&builder)));
        return ipc::transfers_from(made.get()).has_value();
    };
    BOOST_TEST(with_words("share", "running"));
    BOOST_TEST(!with_words("shared", "running"));
    BOOST_TEST(!with_words("in", "Running"));
    BOOST_TEST(!with_words("", ""));
    const ipc::GVariantPtr other(g_variant_ref_sink(g_variant_new("(su)", "x", 1U)));
    BOOST_TEST(!ipc::transfers_from(other.get()).has_value());
}

BOOST_AUTO_TEST_SUITE_END()
