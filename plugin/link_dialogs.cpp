// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "link_dialogs.h"

#include <algorithm>
#include <utility>

#include "core/markup.h"
#include "i18n.h"
#include "model/sharing_limits.h"
#include "tor_browser.h"

namespace otr_guard::plugin {

using core::LinkFinding;

namespace {

namespace limits = model::limits;

const Dialogs::Subject subject{Dialogs::Kind::Link, std::nullopt};

std::string label_of(LinkWay way) {
    switch (way) {
    case LinkWay::TorBrowser:
        return tr("Open it in Tor Browser");
    case LinkWay::Copy:
        return tr("Copy the address");
    case LinkWay::Normally:
        break;
    }
    return tr("Open it as usual");
}

std::string shown(std::string_view text, std::size_t characters) {
    return isolated(core::markup::to_single_line(text, characters));
}

/// Both forms, where there are two: "xn--80ak6aa92e.com (аррӏе.com)".
std::string host_text(const core::LinkHost& host) {
    return host.readable.empty()
               ? shown(host.ascii, limits::shown_link_characters)
               : format(tr("{name} ({readable})"),
                        {{"name", shown(host.ascii, limits::shown_link_characters)},
                         {"readable", shown(host.readable, limits::shown_link_characters)}});
}

std::string joined(const std::vector<std::string>& words) {
    std::string result;
    for (const std::string& word : words) {
        result += (result.empty() ? "" : ", ") + word;
    }
    return isolated(result);
}

std::string title_of(const LinkQuestion& question) {
    if (!question.view) {
        return tr("This link is not one that can be opened safely.");
    }
    return question.view->is_for_browser() ? format(tr("This link leads to {host}."),
                                                    {{"host", host_text(question.view->host)}})
                                           : tr("This link is opened by another program.");
}

std::string details_of(const LinkQuestion& question) {
    std::string details = shown(question.address, limits::shown_link_characters);
    if (!question.view) {
        return details + "\n\n" +
               tr("Programs understand it in different ways, so nobody can say where it leads.");
    }
    for (const LinkFinding finding : question.view->findings) {
        details += "\n\n" + text_of(finding, *question.view);
    }
    const bool wants_tor_browser =
        question.view->is_for_browser() &&
        std::ranges::find(question.ways, LinkWay::TorBrowser) == question.ways.end();
    if (wants_tor_browser) {
        details += "\n\n" + how_to_get_tor_browser();
    }
    if (std::ranges::find(question.ways, LinkWay::Normally) != question.ways.end()) {
        details += "\n\n" + tr("Opened as usual, it goes past everything that protects this "
                               "conversation: the page learns your address.");
    }
    return details;
}

} // namespace

std::string text_of(LinkFinding finding, const core::LinkView& view) {
    const std::string claimed = isolated(view.claimed);
    switch (finding) {
    case LinkFinding::OtherText:
        return format(tr("Its text says {claimed}, but that is not where it leads."),
                      {{"claimed", claimed}});
    case LinkFinding::UserInfo:
        return tr("A name stands in front of the real one in the address, up to the @. It has no "
                  "meaning, but is easily taken for where the link leads.");
    case LinkFinding::OtherAlphabet:
        return tr("The name has letters of other alphabets or with marks. Some look the same as "
                  "others.");
    case LinkFinding::MixedAlphabets:
        return tr("Letters of different alphabets that look alike are mixed in the name. Hardly "
                  "anybody does that but to deceive.");
    case LinkFinding::NumberHost:
        return tr("It leads to a computer by its number instead of a name.");
    case LinkFinding::OddNumberHost:
        return tr("It leads to a computer by its number, written in an unusual way to hide it.");
    case LinkFinding::NearHost:
        return tr("It leads to this computer or into your own network. A stranger has no reason to "
                  "send you there.");
    case LinkFinding::OddPort:
        return format(tr("It uses the unusual port {port}."),
                      {{"port", std::to_string(view.port)}});
    case LinkFinding::Onion:
        return tr("It is an onion service: it can be reached with Tor Browser alone.");
    case LinkFinding::NotEncrypted:
        return tr("The connection is not encrypted: everybody on the way can read and change the "
                  "page.");
    case LinkFinding::Shortener:
        return tr("It is a shortened link: it leads on to somewhere else, and who shortened it "
                  "learns who follows it.");
    case LinkFinding::Redirect:
        return format(tr("It seems to lead on to {host}, and is counted on the way."),
                      {{"host", isolated(view.leads_to)}});
    case LinkFinding::Tracking:
        break;
    }
    return format(tr("Parts of it only tell who passed the link on: {names}."),
                  {{"names", joined(view.tracking)}});
}

bool ask_about_link(Dialogs& dialogs, const LinkQuestion& question, LinkAnswered answered) {
    FieldsPtr fields(purple_request_fields_new());
    PurpleRequestFieldGroup* group = purple_request_field_group_new(nullptr);
    purple_request_fields_add_group(fields.get(), group);
    std::vector<std::string> labels;
    for (const LinkWay way : question.ways) {
        labels.push_back(label_of(way));
    }
    add_list_field(group, "way", tr("What to do"), labels, 0);
    if (question.can_be_remembered) {
        purple_request_field_group_add_field(
            group,
            purple_request_field_bool_new(
                "remember",
                tr("Do the same with all links to this place, until this program ends").c_str(),
                FALSE));
    }
    const auto chosen = [ways = question.ways, can_be_remembered = question.can_be_remembered,
                         answered = std::move(answered)](PurpleRequestFields& filled) {
        const auto selected = selected_indices(filled, "way");
        if (selected.size() == 1 && selected.front() < ways.size()) {
            const bool is_for_host =
                can_be_remembered && purple_request_fields_get_bool(&filled, "remember") != FALSE;
            answered(ways[selected.front()], is_for_host);
        }
    };
    return dialogs.ask_fields(subject, {title_of(question), details_of(question)},
                              std::move(fields), tr("Continue"), tr("Cancel"), chosen);
}

} // namespace otr_guard::plugin
