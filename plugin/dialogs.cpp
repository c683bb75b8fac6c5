// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "dialogs.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <string_view>
#include <utility>

#include "core/markup.h"
#include "i18n.h"
#include "names.h"
#include "plugin.h"
#include "purple_host.h"
#include "util/guarded.h"

namespace otr_guard::plugin {

namespace {

constexpr const char* title = "OTR Guard";
constexpr std::size_t label_characters = 100;

/// Of a terminal with 80, less the frame.
constexpr std::size_t finch_columns = 72;

Dialogs* g_dialogs = nullptr;

/// How the client closes a window, while window_closes() stands in front of it.
void (*g_close_request)(PurpleRequestType type, void* handle) = nullptr;

/// Finch breaks long lines within words, so it gets short ones.
std::string fitted(const std::string& text) {
    const char* ui = purple_core_get_ui();
    if (ui == nullptr || std::string_view(ui) != "gnt-purple") {
        return text;
    }
    std::string result;
    std::size_t column = 0;
    for (std::size_t start = 0; start < text.size();) {
        const std::size_t end = std::min(text.find_first_of(" \n", start), text.size());
        const std::string word = text.substr(start, end - start);
        const auto width = static_cast<std::size_t>(g_utf8_strlen(word.c_str(), -1));
        if (column > 0 && column + 1 + width > finch_columns) {
            result += '\n';
            column = 0;
        } else if (column > 0) {
            result += ' ';
            ++column;
        }
        result += word;
        column += width;
        if (end < text.size() && text[end] == '\n') {
            result += '\n';
            column = 0;
        }
        start = end + 1;
    }
    return result;
}

} // namespace

/// Its address is the request's owner for libpurple, so that closing can never hit another one.
struct Dialogs::Dialog {
    Subject subject{};
    std::function<void(util::SecretString)> text_answered{};
    std::function<void(std::size_t)> option_chosen{};
    std::vector<Button> buttons{};
    std::function<void(PurpleRequestFields&)> fields_answered{};
    std::function<void(const std::string&)> file_chosen{};
    std::function<void()> dropped{};
    void* window = nullptr; ///< the client's

    [[nodiscard]] PurpleAccount* account() const {
        return subject.peer ? find_account(subject.peer->account) : nullptr;
    }
    [[nodiscard]] const char* who() const {
        return subject.peer ? subject.peer->username.c_str() : nullptr;
    }
};

Dialogs::Dialogs() {
    g_dialogs = this;
    watch_windows();
}

Dialogs::~Dialogs() {
    g_dialogs = nullptr;
    for (const auto& [number, dialog] : std::exchange(m_dialogs, {})) {
        purple_request_close_with_handle(dialog.get());
    }
    PurpleRequestUiOps* ops = purple_request_get_ui_ops();
    if (ops != nullptr && ops->close_request == window_closes) {
        ops->close_request = std::exchange(g_close_request, nullptr);
    }
}

// Pidgin calls nothing back when a window with buttons is closed by its frame, but tells libpurple.
void Dialogs::watch_windows() {
    PurpleRequestUiOps* ops = purple_request_get_ui_ops();
    if (ops != nullptr && g_close_request == nullptr && ops->close_request != nullptr) {
        g_close_request = std::exchange(ops->close_request, window_closes);
    }
}

void Dialogs::window_closes(PurpleRequestType type, void* handle) {
    util::guarded("window_closes", [&] {
        if (g_dialogs == nullptr) {
            return;
        }
        for (const auto& [number, dialog] : g_dialogs->m_dialogs) {
            if (dialog->dropped && dialog->window == handle) {
                // Later: an answer may be on its way behind the window.
                Plugin::instance()->host().post([closed = number] {
                    if (g_dialogs != nullptr) {
                        drop(g_dialogs->take(GUINT_TO_POINTER(closed)).get());
                    }
                });
            }
        }
    });
    g_close_request(type, handle);
}

Dialogs::Number Dialogs::add(Subject subject, Dialog&& dialog) {
    close(subject);
    dialog.subject = std::move(subject);
    const Number number = m_next++;
    m_dialogs.emplace(number, std::make_unique<Dialog>(std::move(dialog)));
    return number;
}

bool Dialogs::shown(Number number, void* handle) {
    if (handle == nullptr) {
        static_cast<void>(take(GUINT_TO_POINTER(number))); // the caller is told so
    } else if (const auto found = m_dialogs.find(number); found != m_dialogs.end()) {
        found->second->window = handle;
    }
    return handle != nullptr;
}

void Dialogs::drop(const Dialog* dialog) {
    if (dialog != nullptr && dialog->dropped) {
        dialog->dropped();
    }
}

std::unique_ptr<Dialogs::Dialog> Dialogs::take(void* data) {
    auto found = m_dialogs.extract(GPOINTER_TO_UINT(data));
    return found.empty() ? nullptr : std::move(found.mapped());
}

void Dialogs::close(const Subject& subject) {
    std::vector<std::unique_ptr<Dialog>> closing;
    for (auto item = m_dialogs.begin(); item != m_dialogs.end();) {
        const Subject& candidate = item->second->subject;
        if (candidate.kind == subject.kind && candidate.peer == subject.peer) {
            closing.push_back(std::move(item->second));
            item = m_dialogs.erase(item);
        } else {
            ++item;
        }
    }
    for (const auto& dialog : closing) {
        purple_request_close_with_handle(dialog.get());
    }
    for (const auto& dialog : closing) {
        drop(dialog.get());
    }
}

// --- Showing -----------------------------------------------------------------------------------

bool Dialogs::ask_text(Subject subject, const Text& text, Entry entry, const std::string& ok,
                       std::function<void(util::SecretString)> answered) {
    Dialog dialog;
    dialog.text_answered = std::move(answered);
    const Number number = add(std::move(subject), std::move(dialog));
    Dialog& owner = *m_dialogs.at(number);
    return shown(number, purple_request_input(&owner, title, fitted(text.primary).c_str(),
                                              fitted(text.secondary).c_str(), nullptr,
                                              entry.is_multiline ? TRUE : FALSE,
                                              entry.is_masked ? TRUE : FALSE, nullptr, ok.c_str(),
                                              as_callback(text_answered), tr("Cancel").c_str(),
                                              as_callback(cancelled<const char*>), owner.account(),
                                              owner.who(), nullptr, GUINT_TO_POINTER(number)));
}

bool Dialogs::choose(Subject subject, const Text& text, const std::vector<std::string>& options,
                     const std::string& ok, std::function<void(std::size_t)> chosen) {
    Dialog dialog;
    dialog.option_chosen = std::move(chosen);
    const Number number = add(std::move(subject), std::move(dialog));
    Dialog& owner = *m_dialogs.at(number);
    const auto option = [&options](std::size_t index) -> const char* {
        return index < options.size() ? options[index].c_str() : nullptr;
    };
    return shown(number,
                 purple_request_choice(&owner, title, fitted(text.primary).c_str(),
                                       fitted(text.secondary).c_str(), 0, ok.c_str(),
                                       as_callback(option_chosen), tr("Cancel").c_str(),
                                       as_callback(cancelled<int>), owner.account(), owner.who(),
                                       nullptr, GUINT_TO_POINTER(number), option(0), 0, option(1),
                                       1, option(2), 2, option(3), 3, option(4), 4, nullptr));
}

bool Dialogs::act(Subject subject, const Text& text, std::vector<Button> buttons,
                  std::function<void()> dropped) {
    const std::size_t count = std::min(buttons.size(), most_buttons);
    Dialog dialog;
    dialog.buttons = std::move(buttons);
    dialog.dropped = std::move(dropped);
    const Number number = add(std::move(subject), std::move(dialog));
    Dialog& owner = *m_dialogs.at(number);
    const auto label = [&owner](std::size_t index) -> const char* {
        return index < owner.buttons.size() ? owner.buttons[index].label.c_str() : nullptr;
    };
    return shown(number, purple_request_action(&owner, title, fitted(text.primary).c_str(),
                                               fitted(text.secondary).c_str(),
                                               static_cast<int>(count) - 1, owner.account(),
                                               owner.who(), nullptr, GUINT_TO_POINTER(number),
                                               count, label(0), as_callback(button_pressed<0>),
                                               label(1), as_callback(button_pressed<1>), label(2),
                                               as_callback(button_pressed<2>)));
}

bool Dialogs::ask_fields(Subject subject, const Text& text, FieldsPtr fields, const std::string& ok,
                         const std::string& cancel,
                         std::function<void(PurpleRequestFields&)> answered) {
    const PurpleRequestUiOps* ops = purple_request_get_ui_ops();
    if (ops == nullptr || ops->request_fields == nullptr) {
        return false;
    }
    Dialog dialog;
    dialog.fields_answered = std::move(answered);
    const Number number = add(std::move(subject), std::move(dialog));
    Dialog& owner = *m_dialogs.at(number);
    return shown(
        number, purple_request_fields(&owner, title, fitted(text.primary).c_str(),
                                      fitted(text.secondary).c_str(), fields.release(), ok.c_str(),
                                      as_callback(fields_answered), cancel.c_str(),
                                      as_callback(cancelled<PurpleRequestFields*>), owner.account(),
                                      owner.who(), nullptr, GUINT_TO_POINTER(number)));
}

bool Dialogs::ask_file(Subject subject, const std::string& question, const std::string& suggestion,
                       bool is_saving, std::function<void(const std::string& path)> chosen) {
    const PurpleRequestUiOps* ops = purple_request_get_ui_ops();
    if (ops == nullptr || ops->request_file == nullptr) {
        return false;
    }
    Dialog dialog;
    dialog.file_chosen = std::move(chosen);
    const Number number = add(std::move(subject), std::move(dialog));
    Dialog& owner = *m_dialogs.at(number);
    return shown(number, purple_request_file(&owner, question.c_str(), suggestion.c_str(),
                                             is_saving ? TRUE : FALSE, as_callback(file_chosen),
                                             as_callback(cancelled<const char*>), owner.account(),
                                             owner.who(), nullptr, GUINT_TO_POINTER(number)));
}

bool Dialogs::ask_folder(Subject subject, const std::string& question,
                         std::function<void(const std::string& path)> chosen) {
    const PurpleRequestUiOps* ops = purple_request_get_ui_ops();
    if (ops == nullptr || ops->request_folder == nullptr) {
        return false;
    }
    Dialog dialog;
    dialog.file_chosen = std::move(chosen);
    const Number number = add(std::move(subject), std::move(dialog));
    Dialog& owner = *m_dialogs.at(number);
    return shown(number,
                 purple_request_folder(&owner, question.c_str(), nullptr, as_callback(file_chosen),
                                       as_callback(cancelled<const char*>), owner.account(),
                                       owner.who(), nullptr, GUINT_TO_POINTER(number)));
}

// --- Answers: the client closes its window itself
// -------------------------------------------------

void Dialogs::text_answered(void* data, const char* text) {
    util::guarded("text_answered", [&] {
        const auto dialog = g_dialogs != nullptr ? g_dialogs->take(data) : nullptr;
        if (dialog != nullptr && text != nullptr) {
            dialog->text_answered(util::SecretString(text));
        }
    });
}

void Dialogs::file_chosen(void* data, const char* path) {
    util::guarded("file_chosen", [&] {
        const auto dialog = g_dialogs != nullptr ? g_dialogs->take(data) : nullptr;
        if (dialog != nullptr && path != nullptr && *path != '\0') {
            dialog->file_chosen(path);
        }
    });
}

void Dialogs::option_chosen(void* data, int option) {
    util::guarded("option_chosen", [&] {
        const auto dialog = g_dialogs != nullptr ? g_dialogs->take(data) : nullptr;
        if (dialog != nullptr && option >= 0) {
            dialog->option_chosen(static_cast<std::size_t>(option));
        }
    });
}

/// Pidgin numbers the buttons from the last one, so each has a function of its own.
template <std::size_t button> void Dialogs::button_pressed(void* data, int) {
    util::guarded("button_pressed", [&] {
        const auto dialog = g_dialogs != nullptr ? g_dialogs->take(data) : nullptr;
        if (dialog != nullptr && button < dialog->buttons.size() &&
            dialog->buttons[button].pressed) {
            dialog->buttons[button].pressed();
        }
    });
}

void Dialogs::fields_answered(void* data, PurpleRequestFields* fields) {
    util::guarded("fields_answered", [&] {
        const auto dialog = g_dialogs != nullptr ? g_dialogs->take(data) : nullptr;
        if (dialog != nullptr && fields != nullptr) {
            dialog->fields_answered(*fields);
        }
    });
}

template <typename Unused> void Dialogs::cancelled(void* data, Unused) {
    util::guarded("cancelled", [&] {
        if (g_dialogs != nullptr) {
            drop(g_dialogs->take(data).get());
        }
    });
}

// --- Lines of text -----------------------------------------------------------------------------

void say(Plugin& plugin, const model::PeerId& peer, const std::string& text) {
    if (find_conversation(peer) != nullptr) {
        plugin.host().write_text(peer, text);
    } else {
        inform(plugin, display_name(peer), text);
    }
}

void inform(Plugin& plugin, const std::string& primary, const std::string& secondary) {
    purple_notify_info(plugin.handle(), title, fitted(primary).c_str(), fitted(secondary).c_str());
}

void check_shown(Plugin& plugin, bool is_shown) {
    if (!is_shown) {
        inform(plugin, tr("This program cannot show this dialog."),
               tr("Use the commands in a conversation instead: /otr help."));
    }
}

std::string account_label(const model::AccountId& account) {
    const PurplePlugin* protocol = purple_find_prpl(account.protocol.c_str());
    const std::string name =
        protocol != nullptr && protocol->info != nullptr ? protocol->info->name : account.protocol;
    return format(
        tr("{account} ({protocol})"),
        {{"account", isolated(core::markup::to_single_line(account.username, label_characters))},
         {"protocol", core::markup::to_single_line(name, label_characters)}});
}

std::string key_label(const core::KeyOfPeer& key, const std::string& state) {
    return format(
        tr("{name}, {state}: {code}, on {account}"),
        {{"name", isolated(core::markup::to_single_line(key.first.username, label_characters))},
         {"account", account_label(key.first.account)},
         {"code", key.second.fingerprint.to_groups()},
         {"state", state}});
}

// --- Fields ------------------------------------------------------------------------------------

PurpleRequestField* add_list_field(PurpleRequestFieldGroup* group, const char* id,
                                   const std::string& label,
                                   const std::vector<std::string>& options, std::size_t selected) {
    PurpleRequestField* field = purple_request_field_list_new(id, label.c_str());
    for (std::size_t i = 0; i < options.size(); ++i) {
        // Finch keys its rows by this value, which must not be null.
        purple_request_field_list_add(field, options[i].c_str(), GSIZE_TO_POINTER(i + 1));
    }
    if (selected < options.size()) {
        purple_request_field_list_add_selected(field, options[selected].c_str());
    }
    purple_request_field_group_add_field(group, field);
    return field;
}

std::vector<std::size_t> selected_indices(PurpleRequestFields& fields, const char* id) {
    std::vector<std::size_t> indices;
    const PurpleRequestField* field = purple_request_fields_get_field(&fields, id);
    for (const GList* item = purple_request_field_list_get_selected(field); item != nullptr;
         item = item->next) {
        const auto value = GPOINTER_TO_SIZE(
            purple_request_field_list_get_data(field, static_cast<const char*>(item->data)));
        if (value != 0) {
            indices.push_back(value - 1);
        }
    }
    std::ranges::sort(indices);
    return indices;
}

util::SecretString take_text(PurpleRequestFields& fields, const char* id) {
    PurpleRequestField* field = purple_request_fields_get_field(&fields, id);
    const char* value = purple_request_field_string_get_value(field);
    if (value == nullptr) {
        return {};
    }
    util::SecretString text(value);
    util::wipe(const_cast<char*>(value), std::strlen(value));
    return text;
}

} // namespace otr_guard::plugin
