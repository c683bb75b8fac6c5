// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "xmpp_hints.h"

#include <string_view>

#include "util/glib_ptr.h"
#include "util/guarded.h"

namespace otr_guard::plugin {

namespace {

void add_child(xmlnode* parent, const char* name, const char* name_space) {
    xmlnode_set_namespace(xmlnode_new_child(parent, name), name_space);
}

bool is_encrypted(const xmlnode* message) {
    const xmlnode* body = xmlnode_get_child(message, "body");
    if (body == nullptr) {
        return false;
    }
    const util::GlibPtr<char> text(xmlnode_get_data(body));
    const std::string_view wire = text ? text.get() : "";
    return wire.starts_with("?OTR:") || wire.starts_with("?OTR|") || wire.starts_with("?OTR,");
}

} // namespace

void add_xmpp_hints(PurpleConnection*, xmlnode** packet, void*) {
    util::guarded("add_xmpp_hints", [&] {
        if (packet == nullptr || *packet == nullptr || (*packet)->name == nullptr ||
            std::string_view((*packet)->name) != "message" || !is_encrypted(*packet)) {
            return;
        }
        xmlnode* message = *packet;
        add_child(message, "private", "urn:xmpp:carbons:2");
        add_child(message, "no-copy", "urn:xmpp:hints");
        add_child(message, "no-permanent-store", "urn:xmpp:hints");
        xmlnode* encryption = xmlnode_new_child(message, "encryption");
        xmlnode_set_namespace(encryption, "urn:xmpp:eme:0");
        xmlnode_set_attrib(encryption, "namespace", "urn:xmpp:otr:0");
        xmlnode_set_attrib(encryption, "name", "OTR");
    });
}

} // namespace otr_guard::plugin
