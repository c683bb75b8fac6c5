// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "xmpp_hints.h"

#include <string>
#include <string_view>

#include "core/wire.h"
#include "util/glib_ptr.h"
#include "util/guarded.h"

namespace otr_guard::plugin {

namespace {

void add_child(xmlnode* parent, const char* name, const char* name_space) {
    xmlnode_set_namespace(xmlnode_new_child(parent, name), name_space);
}

std::string body_of(const xmlnode* message) {
    const xmlnode* body = xmlnode_get_child(message, "body");
    const util::GlibPtr<char> text(body != nullptr ? xmlnode_get_data(body) : nullptr);
    return text ? text.get() : "";
}

bool is_encrypted(std::string_view wire) {
    return wire.starts_with("?OTR:") || wire.starts_with("?OTR|") || wire.starts_with("?OTR,");
}

/// A whole message of one: it is of no use to who comes online later. Texts are, after a lost
/// connection; so they may be kept until then.
bool is_key_exchange(std::string_view wire) {
    return core::header_of(wire) && !core::is_data_message(wire);
}

} // namespace

void add_xmpp_hints(PurpleConnection*, xmlnode** packet, void*) {
    util::guarded("add_xmpp_hints", [&] {
        if (packet == nullptr || *packet == nullptr || (*packet)->name == nullptr ||
            std::string_view((*packet)->name) != "message") {
            return;
        }
        xmlnode* message = *packet;
        const std::string wire = body_of(message);
        if (!is_encrypted(wire)) {
            return;
        }
        add_child(message, "private", "urn:xmpp:carbons:2");
        add_child(message, "no-copy", "urn:xmpp:hints");
        add_child(message, "no-permanent-store", "urn:xmpp:hints");
        if (is_key_exchange(wire)) {
            add_child(message, "no-store", "urn:xmpp:hints");
        }
        xmlnode* encryption = xmlnode_new_child(message, "encryption");
        xmlnode_set_namespace(encryption, "urn:xmpp:eme:0");
        xmlnode_set_attrib(encryption, "namespace", "urn:xmpp:otr:0");
        xmlnode_set_attrib(encryption, "name", "OTR");
    });
}

} // namespace otr_guard::plugin
