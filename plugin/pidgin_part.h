// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// The plugin's end of the GTK 2 part for Pidgin (plugin/pidgin): opens it where the client is
// Pidgin, answers what it asks, and tells it when something has changed. Everything it shows is in
// the menus of libpurple and in /otr too: where it is missing, nothing but comfort is.

#include <memory>
#include <string>

#include "pidgin/shim_api.h"
#include "plugin.h"

namespace otr_guard::plugin {

class PidginPart {
public:
    /// Null in other clients, and when the part is missing or of another version (that is logged).
    [[nodiscard]] static std::unique_ptr<PidginPart> open();
    PidginPart(const OtrGuardShim& shim, std::string menu_label);
    ~PidginPart();
    PidginPart(const PidginPart&) = delete;
    PidginPart& operator=(const PidginPart&) = delete;

    /// Something that a padlock or a menu shows may have changed.
    void refresh() const { m_shim.refresh(); }
    /// The X window of the conversation with this peer; 0 when there is none.
    [[nodiscard]] guint64 window_of(const model::PeerId& peer) const;
    /// X time of the click or key that is being worked on; 0 when it is none.
    [[nodiscard]] guint32 event_time() const { return m_shim.event_time(); }

    /// See OtrGuardShim::clicked_link.
    [[nodiscard]] ClickedLink clicked_link(const std::string& address) const;
    void copy_text(const std::string& text) const { m_shim.copy_text(text.c_str()); }

private:
    const OtrGuardShim& m_shim;
    std::string m_menu_label;
    OtrGuardHost m_host;
};

} // namespace otr_guard::plugin
