// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "pidgin_part.h"

#include <filesystem>
#include <gmodule.h>
#include <string_view>

#include "i18n.h"
#include "menus.h"
#include "names.h"
#include "state_text.h"
#include "util/glib_ptr.h"
#include "util/guarded.h"
#include "util/log.h"
#include "util/parts.h"

namespace otr_guard::plugin {

namespace {

char pidgin_ui[] = "gtk-gaim"; // not constant, because libpurple does not say so
constexpr const char* module_name = "pidgin-ui.so";

gboolean state_of(PurpleConversation* conversation, OtrGuardState* state) {
    return util::guarded("state_of", gboolean{FALSE}, [&] {
        Plugin* plugin = Plugin::instance();
        const auto peer = peer_of(conversation);
        if (plugin == nullptr || !peer) {
            return gboolean{FALSE};
        }
        const StateText text =
            describe(plugin->engine().status(*peer), isolated(display_name(*peer)));
        static_assert(static_cast<int>(Look::NotPrivate) == OTR_GUARD_LOOK_NOT_PRIVATE &&
                      static_cast<int>(Look::Unverified) == OTR_GUARD_LOOK_UNVERIFIED &&
                      static_cast<int>(Look::Private) == OTR_GUARD_LOOK_PRIVATE &&
                      static_cast<int>(Look::Finished) == OTR_GUARD_LOOK_FINISHED);
        state->look = static_cast<OtrGuardLook>(text.look);
        state->word = g_strdup(text.word.c_str());
        state->explanation = g_strdup(text.explanation.c_str());
        return gboolean{TRUE};
    });
}

GList* menu_of(PurpleConversation* conversation) {
    return util::guarded("menu_of", static_cast<GList*>(nullptr), [&] {
        Plugin* plugin = Plugin::instance();
        const auto peer = peer_of(conversation);
        return plugin != nullptr && peer ? make_conversation_menu(*plugin, *peer) : nullptr;
    });
}

char* decision_of(PurpleConversation* conversation, GList** actions, gboolean* is_question) {
    return util::guarded("decision_of", static_cast<char*>(nullptr), [&]() -> char* {
        Plugin* plugin = Plugin::instance();
        const auto peer = peer_of(conversation);
        if (plugin == nullptr || !peer) {
            return nullptr;
        }
        const core::SessionStatus status = plugin->engine().status(*peer);
        const std::string name = isolated(display_name(*peer));
        std::string text = decision_text(status, name);
        const bool is_offer = text.empty() && is_file_offered(*plugin, *peer);
        if (is_offer) {
            text = format(tr("{name} offers you a file."), {{"name", name}});
        }
        if (text.empty()) {
            return nullptr;
        }
        *actions = make_decisions(*plugin, *peer);
        *is_question = static_cast<gboolean>(is_offer || has_question_to_answer(status));
        return g_strdup(text.c_str());
    });
}

} // namespace

std::unique_ptr<PidginPart> PidginPart::open() {
    const char* ui = purple_core_get_ui();
    if (ui == nullptr || std::string_view(ui) != pidgin_ui) {
        return nullptr;
    }
    const std::string path =
        util::find_part(std::filesystem::path("pidgin") / module_name,
                        std::filesystem::path(OTR_GUARD_MODULE_DIR) / module_name);
    // Never closed: GTK keeps pointers into whatever has made widgets.
    GModule* module = g_module_open(
        path.c_str(), static_cast<GModuleFlags>(G_MODULE_BIND_LAZY | G_MODULE_BIND_LOCAL));
    void* symbol = nullptr;
    if (module == nullptr || !g_module_symbol(module, OTR_GUARD_SHIM_ENTRY, &symbol)) {
        util::log_warning("pidgin_part", g_module_error());
        return nullptr;
    }
    const auto* shim = reinterpret_cast<OtrGuardShimEntry>(symbol)(OTR_GUARD_SHIM_VERSION);
    if (shim == nullptr || shim->version != OTR_GUARD_SHIM_VERSION) {
        util::log_warning("pidgin_part", "another version: " + path);
        return nullptr;
    }
    auto part = std::make_unique<PidginPart>(*shim, tr("OT_R"));
    const auto refresh = +[](PurpleConnection*, PidginPart* self) { self->refresh(); };
    for (const char* signal : {"signed-on", "signed-off"}) {
        purple_signal_connect(purple_connections_get_handle(), signal, part.get(),
                              as_callback(refresh), part.get());
    }
    return part;
}

PidginPart::PidginPart(const OtrGuardShim& shim, std::string menu_label)
    : m_shim(shim), m_menu_label(std::move(menu_label)), m_host{.version = OTR_GUARD_SHIM_VERSION,
                                                                .menu_label = m_menu_label.c_str(),
                                                                .state = state_of,
                                                                .menu = menu_of,
                                                                .decision = decision_of} {
    m_shim.attach(&m_host);
    PurplePluginInfo& info = *Plugin::instance()->handle()->info;
    info.ui_info = m_shim.ui_info;
    info.ui_requirement = pidgin_ui; // Pidgin looks at ui_info only then
}

guint64 PidginPart::window_of(const model::PeerId& peer) const {
    PurpleConversation* conversation = find_conversation(peer);
    return conversation != nullptr ? m_shim.window_of(conversation) : 0;
}

ClickedLink PidginPart::clicked_link(const std::string& address) const {
    char* text = nullptr;
    PurpleConversation* conversation = m_shim.clicked_link(address.c_str(), &text);
    const util::GlibPtr<char> owned(text);
    return {.conversation = conversation, .text = text != nullptr ? text : ""};
}

PidginPart::~PidginPart() {
    purple_signals_disconnect_by_handle(this);
    PurplePluginInfo& info = *Plugin::instance()->handle()->info;
    info.ui_info = nullptr;
    info.ui_requirement = nullptr;
    m_shim.detach();
}

} // namespace otr_guard::plugin
