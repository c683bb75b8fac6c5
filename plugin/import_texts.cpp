// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "import_texts.h"

#include <algorithm>

#include "core/markup.h"
#include "i18n.h"

namespace otr_guard::plugin {

using core::Conflict;
using core::Doubt;
using core::ForeignProblem;

namespace {

constexpr std::size_t name_characters = 100;
constexpr std::size_t word_characters = 30;
/// The rest would not fit into a dialog.
constexpr std::size_t shown_remarks = 6;

std::string counted(const char* one, const char* many, std::size_t number) {
    return number == 0
               ? std::string()
               : " " + format(tr_n(one, many, number), {{"number", std::to_string(number)}});
}

std::string doubt_label(const core::PlannedKey& planned) {
    switch (planned.doubt) {
    case Doubt::None:
        break;
    case Doubt::UnknownWord:
        return format(
            tr("its mark “{word}” is not known, so it does not count"),
            {{"word", isolated(core::markup::to_single_line(planned.word, word_characters))}});
    case Doubt::KeySync:
        return tr("marked as verified, but KeySync marks what nobody has verified");
    case Doubt::OnlyAnswered:
        return tr("marked as verified, but perhaps only because a question was answered");
    }
    return {};
}

std::string conflict_label(Conflict conflict) {
    switch (conflict) {
    case Conflict::None:
        break;
    case Conflict::OtherVerified:
        return tr("another code of theirs is verified here");
    case Conflict::OtherExpected:
        return tr("another code of theirs is expected here");
    }
    return {};
}

std::string remark_text(const core::ForeignRemark& remark) {
    const std::string file = isolated(core::markup::to_single_line(remark.file, name_characters));
    const std::string detail =
        isolated(core::markup::to_single_line(remark.detail, name_characters));
    switch (remark.problem) {
    case ForeignProblem::Unreadable:
        return format(tr("{file} cannot be read: {problem}"),
                      {{"file", file}, {"problem", detail}});
    case ForeignProblem::TooLarge:
        return format(tr("{file}: there is more than can be looked at."), {{"file", file}});
    case ForeignProblem::Writable:
        return format(
            tr("{file} was left alone, because everybody on this computer can change it."),
            {{"file", file}});
    case ForeignProblem::Pickle:
        return format(tr("{file} was left alone: to read it would be to run what is in it."),
                      {{"file", file}});
    case ForeignProblem::Locked:
        return format(tr("{file} is locked. Let {program} export the keys, and import that."),
                      {{"file", file}, {"program", detail}});
    case ForeignProblem::Malformed:
        return format(tr("{file} cannot be understood, or a part of it."), {{"file", file}});
    case ForeignProblem::BadKey:
        return format(tr("{file} has a private key that is damaged, or of a kind that OTR cannot "
                         "use."),
                      {{"file", file}});
    case ForeignProblem::BadFingerprint:
        return format(tr("{file} has a code that is not that of the key beside it."),
                      {{"file", file}});
    }
    return {};
}

std::string change_label(core::ImportEffect effect, bool is_verified) {
    switch (effect) {
    case core::ImportEffect::Adds:
        return is_verified ? tr("new, and verified") : tr("new");
    case core::ImportEffect::Verifies:
        return tr("known, becomes verified");
    case core::ImportEffect::Nothing:
        break;
    }
    return tr("known already");
}

} // namespace

std::string foreign_label(const model::AccountId& account) {
    if (account.username.empty()) {
        return tr("contacts whose account is not said");
    }
    const std::string name =
        isolated(core::markup::to_single_line(account.username, name_characters));
    return account.protocol.empty()
               ? name
               : format(tr("{account} ({protocol})"),
                        {{"account", name},
                         {"protocol", isolated(core::markup::to_single_line(account.protocol,
                                                                            word_characters))}});
}

std::string effect_label(const core::PlannedKey& planned) {
    std::string text = change_label(planned.effect, planned.key.second.is_verified());
    for (const std::string& more : {doubt_label(planned), conflict_label(planned.conflict)}) {
        text += more.empty() ? more : "; " + more;
    }
    return text;
}

std::string import_question(const core::ImportPlan& plan) {
    return plan.keys.empty()
               ? tr("Import your own keys?")
               : format(tr_n("Import {number} code?", "Import {number} codes?", plan.keys.size()),
                        {{"number", std::to_string(plan.keys.size())}});
}

std::string import_advice(const core::ImportPlan& plan,
                          const std::vector<core::ForeignRemark>& remarks) {
    std::string text = tr("Import only from a source that you trust: a code that is imported as "
                          "verified is trusted as if you had verified it yourself. Nothing that is "
                          "verified here is lost.");
    if (!plan.own.empty()) {
        text += "\n" + tr("Your own keys are imported only when you choose them. A key belongs to "
                          "one program: stop using the other one.");
    }
    for (const std::string& more : {left_out_text(plan), remarks_text(remarks)}) {
        text += more.empty() ? more : "\n" + more;
    }
    return text;
}

std::string left_out_text(const core::ImportPlan& plan) {
    std::string text =
        counted("{number} is here already.", "{number} are here already.", plan.same);
    text += counted("{number} was rejected there and is left out.",
                    "{number} were rejected there and are left out.", plan.rejected);
    text += counted("{number} belongs to no account here and is left out.",
                    "{number} belong to no account here and are left out.", plan.homeless);
    text += counted("{number} has a name that cannot be stored.",
                    "{number} have names that cannot be stored.", plan.nameless);
    return text.empty() ? text : text.substr(1);
}

std::string remarks_text(const std::vector<core::ForeignRemark>& remarks) {
    std::string text;
    for (std::size_t i = 0; i < std::min(remarks.size(), shown_remarks); ++i) {
        text += (text.empty() ? "" : "\n") + remark_text(remarks[i]);
    }
    return remarks.size() > shown_remarks ? text + "\n…" : text;
}

} // namespace otr_guard::plugin
