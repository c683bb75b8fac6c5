// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "inband_guard.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>

#include "core/metadata_policy.h"
#include "model/limits.h"
#include "util/c_ptr.h"
#include "util/glib_ptr.h"
#include "util/guarded.h"

namespace otr_guard::plugin {

namespace {

using NodePtr = util::CPtr<xmlnode, xmlnode_free>;

std::string_view text_or_empty(const char* text) {
    return text != nullptr ? std::string_view(text) : std::string_view();
}

std::string_view name_of(const xmlnode* node) {
    return node->type == XMLNODE_TYPE_TAG ? text_or_empty(node->name) : std::string_view();
}

std::string_view space_of(xmlnode* node) {
    return text_or_empty(xmlnode_get_namespace(node));
}

/// Requests that are answered as unknown, and what they ask for.
constexpr std::array telling_requests{
    std::pair<std::string_view, Tale>("jabber:iq:version", Tale::Program),
    std::pair<std::string_view, Tale>("http://jabber.org/protocol/disco#info", Tale::Program),
    std::pair<std::string_view, Tale>("http://jabber.org/protocol/disco#items", Tale::Program),
    std::pair<std::string_view, Tale>("urn:xmpp:time", Tale::Clock),
    std::pair<std::string_view, Tale>("jabber:iq:time", Tale::Clock),
    std::pair<std::string_view, Tale>("jabber:iq:last", Tale::Idle)};
/// These are in any case: they would make the client connect or listen elsewhere.
constexpr std::array<std::string_view, 5> connecting_requests{
    "urn:xmpp:jingle:1", "http://www.google.com/session", "http://www.google.com/session/phone",
    "google:jingleinfo", "jabber:iq:oob"};

bool would_connect(xmlnode* request) {
    return std::ranges::find(connecting_requests, space_of(request)) != connecting_requests.end();
}

// --- XMPP -------------------------------------------------------------------------------------

/// Calls `visit` with every element down to where libpurple looks; it may change the element's own
/// children.
template <typename Visit> // NOLINTNEXTLINE(misc-no-recursion): no deeper than the limit
void for_each_element(xmlnode* node, Visit visit, std::size_t depth = model::limits::stanza_depth) {
    visit(node);
    if (depth == 0) {
        return;
    }
    for (xmlnode* child = node->child; child != nullptr; child = child->next) {
        if (child->type == XMLNODE_TYPE_TAG) {
            for_each_element(child, visit, depth - 1);
        }
    }
}

/// Takes out the children for which `is_unwanted`.
template <typename Unwanted> void prune(xmlnode* node, Unwanted is_unwanted) {
    xmlnode* next = nullptr;
    for (xmlnode* child = node->child; child != nullptr; child = next) {
        next = child->next;
        if (child->type == XMLNODE_TYPE_TAG && is_unwanted(child)) {
            xmlnode_free(child);
        }
    }
}

/// A picture's address is fetched by the client, whoever published it; and libpurple frees the
/// fetched one twice when the account goes offline.
void drop_picture_addresses(xmlnode* packet) {
    for_each_element(packet, [](xmlnode* node) {
        if (name_of(node) == "metadata" && space_of(node) == "urn:xmpp:avatar:metadata") {
            prune(node,
                  [](const xmlnode* info) { return xmlnode_get_attrib(info, "url") != nullptr; });
        }
    });
}

/// A server that is asked for the places of its STUN servers answers with names to look up.
void drop_names_to_resolve(xmlnode* packet) {
    if (name_of(packet) != "iq") {
        return;
    }
    for (xmlnode* child = packet->child; child != nullptr; child = child->next) {
        if (child->type == XMLNODE_TYPE_TAG && space_of(child) == "google:jingleinfo") {
            prune(child, [](const xmlnode*) { return true; });
        }
    }
}

/// Kerberos and NTLM look names up and name this computer.
void drop_telling_mechanisms(xmlnode* packet) {
    for_each_element(packet, [](xmlnode* node) {
        if (name_of(node) != "mechanisms") {
            return;
        }
        prune(node, [](xmlnode* mechanism) {
            const util::GlibPtr<char> name(xmlnode_get_data(mechanism));
            return !core::is_quiet_mechanism(text_or_empty(name.get()));
        });
    });
}

/// The answer of a program that does not know the request.
void answer_unknown(PurpleConnection* connection, const xmlnode* request) {
    const NodePtr answer(xmlnode_new("iq"));
    xmlnode_set_attrib(answer.get(), "type", "error");
    for (const auto& [from, to] : {std::pair("id", "id"), std::pair("from", "to")}) {
        if (const char* value = xmlnode_get_attrib(request, from)) {
            xmlnode_set_attrib(answer.get(), to, value);
        }
    }
    xmlnode* error = xmlnode_new_child(answer.get(), "error");
    xmlnode_set_attrib(error, "type", "cancel");
    xmlnode_set_namespace(xmlnode_new_child(error, "service-unavailable"),
                          "urn:ietf:params:xml:ns:xmpp-stanzas");
    int size = 0;
    const util::GlibPtr<char> text(xmlnode_to_str(answer.get(), &size));
    PurplePluginProtocolInfo* protocol =
        PURPLE_PLUGIN_PROTOCOL_INFO(purple_connection_get_prpl(connection));
    if (protocol->send_raw != nullptr) {
        protocol->send_raw(connection, text.get(), size);
    }
}

bool is_request(const xmlnode* packet) {
    const std::string_view type = text_or_empty(xmlnode_get_attrib(packet, "type"));
    return name_of(packet) == "iq" && (type == "get" || type == "set");
}

template <typename MayTell> bool is_answered_as_unknown(const xmlnode* packet, MayTell may_tell) {
    if (!is_request(packet)) {
        return false;
    }
    for (xmlnode* child = packet->child; child != nullptr; child = child->next) {
        if (child->type != XMLNODE_TYPE_TAG) {
            continue;
        }
        const std::string_view space = space_of(child);
        const auto telling = std::ranges::find_if(
            telling_requests, [&](const auto& request) { return request.first == space; });
        if (would_connect(child) ||
            (telling != telling_requests.end() && !may_tell(telling->second))) {
            return true;
        }
    }
    return false;
}

void drop(xmlnode** packet) {
    xmlnode_free(*packet);
    *packet = nullptr;
}

void received_xml(PurpleConnection* connection, xmlnode** packet, TaleKeeper* keeper) {
    const bool is_safe = util::guarded("received_xml", false, [&] {
        if (packet == nullptr || *packet == nullptr) {
            return true;
        }
        PurpleAccount* account = purple_connection_get_account(connection);
        if (keeper->is_any_account_active()) {
            drop_picture_addresses(*packet);
        }
        if (!keeper->is_bound(account)) {
            return true;
        }
        drop_telling_mechanisms(*packet);
        drop_names_to_resolve(*packet);
        const auto may_tell = [&](Tale what) { return keeper->may_tell(account, what); };
        if (is_answered_as_unknown(*packet, may_tell)) {
            answer_unknown(connection, *packet);
            drop(packet);
        }
        return true;
    });
    if (!is_safe && packet != nullptr && *packet != nullptr) {
        drop(packet);
    }
}

/// The abstract of what the program can do is the same wherever the same program is.
void sending_xml(PurpleConnection* connection, xmlnode** packet, TaleKeeper* keeper) {
    util::guarded("sending_xml", [&] {
        if (packet == nullptr || *packet == nullptr || name_of(*packet) != "presence") {
            return;
        }
        PurpleAccount* account = purple_connection_get_account(connection);
        if (keeper->is_bound(account) && !keeper->may_tell(account, Tale::Program)) {
            prune(*packet, [](xmlnode* child) {
                return space_of(child) == "http://jabber.org/protocol/caps";
            });
        }
    });
}

// --- IRC --------------------------------------------------------------------------------------

/// In place, because libpurple goes on with the same buffer: a line that it does not understand.
void received_irc(PurpleConnection* connection, char** line, TaleKeeper* keeper) {
    const bool is_safe = util::guarded("received_irc", false, [&] {
        if (line == nullptr || *line == nullptr || !core::is_program_question(*line)) {
            return true;
        }
        PurpleAccount* account = purple_connection_get_account(connection);
        return !keeper->is_bound(account) || keeper->may_tell(account, Tale::Program);
    });
    if (!is_safe && line != nullptr && *line != nullptr) {
        std::memset(*line, 'x', std::strlen(*line));
    }
}

} // namespace

bool begins_call(xmlnode* packet) {
    if (!is_request(packet)) {
        return false;
    }
    for (xmlnode* child = packet->child; child != nullptr; child = child->next) {
        if (child->type != XMLNODE_TYPE_TAG || !would_connect(child)) {
            continue;
        }
        // What belongs to a call that was allowed goes on.
        const std::string_view action = text_or_empty(xmlnode_get_attrib(child, "action"));
        const std::string_view type = text_or_empty(xmlnode_get_attrib(child, "type"));
        if (action == "session-initiate" || type == "initiate" ||
            space_of(child) == "jabber:iq:oob") {
            return true;
        }
    }
    return false;
}

void refuse_request(PurpleConnection* connection, xmlnode** packet) {
    answer_unknown(connection, *packet);
    drop(packet);
}

bool has_inline_pictures(xmlnode* packet) {
    bool has_picture = false;
    if (name_of(packet) == "message") {
        for_each_element(packet, [&has_picture](const xmlnode* node) {
            has_picture = has_picture || name_of(node) == "img";
        });
    }
    return has_picture;
}

void drop_inline_pictures(xmlnode* packet) {
    for_each_element(packet, [](xmlnode* node) {
        prune(node, [](const xmlnode* child) { return name_of(child) == "img"; });
    });
}

void watch_inside(PurplePlugin* protocol, TaleKeeper& keeper) {
    const std::string_view id = text_or_empty(purple_plugin_get_id(protocol));
    // First of all, so that nobody acts on what is taken out.
    if (id == "prpl-jabber") {
        purple_signal_connect_priority(protocol, "jabber-receiving-xmlnode", &keeper,
                                       as_callback(received_xml), &keeper,
                                       PURPLE_SIGNAL_PRIORITY_HIGHEST);
        purple_signal_connect_priority(protocol, "jabber-sending-xmlnode", &keeper,
                                       as_callback(sending_xml), &keeper,
                                       PURPLE_SIGNAL_PRIORITY_LOWEST);
    } else if (id == "prpl-irc") {
        purple_signal_connect_priority(protocol, "irc-receiving-text", &keeper,
                                       as_callback(received_irc), &keeper,
                                       PURPLE_SIGNAL_PRIORITY_HIGHEST);
    }
}

} // namespace otr_guard::plugin
