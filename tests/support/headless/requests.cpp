// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "requests.h"

#include <algorithm>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "events.h"

namespace otr_guard::headless {

namespace {

using Json = nlohmann::json;

struct FieldsOwner {
    void operator()(PurpleRequestFields* fields) const noexcept {
        purple_request_fields_destroy(fields);
    }
};

struct Dialog {
    PurpleRequestType type = PURPLE_REQUEST_INPUT;
    const char* type_name = "";
    void* user_data = nullptr;
    GCallback ok = nullptr;
    GCallback cancel = nullptr;
    std::vector<GCallback> actions;
    std::shared_ptr<PurpleRequestFields> fields;
};

std::map<int, Dialog> dialogs;
int last_number = 0;

void* handle_of(int number) {
    return GINT_TO_POINTER(number);
}

Json describe(const char* title, const char* primary, const char* secondary,
              const PurpleAccount* account, const char* who, PurpleConversation* conversation) {
    Json event{{"event", "request"},
               {"title", text_or_null(title)},
               {"primary", text_or_null(primary)},
               {"secondary", text_or_null(secondary)},
               {"who", text_or_null(who)}};
    add_account_to(event, account);
    event["conversation"] = conversation != nullptr
                                ? text_or_null(purple_conversation_get_name(conversation))
                                : Json(nullptr);
    return event;
}

void* open_dialog(Dialog dialog, Json event) {
    const int number = ++last_number;
    event["request"] = number;
    event["type"] = dialog.type_name;
    dialogs.emplace(number, std::move(dialog));
    emit(std::move(event));
    return handle_of(number);
}

void* show_input(const char* title, const char* primary, const char* secondary,
                 const char* default_value, gboolean multiline, gboolean masked, gchar* hint,
                 const char* ok_text, GCallback ok, const char* cancel_text, GCallback cancel,
                 PurpleAccount* account, const char* who, PurpleConversation* conversation,
                 void* user_data) {
    Json event = describe(title, primary, secondary, account, who, conversation);
    event["default"] = text_or_null(default_value);
    event["multiline"] = multiline != FALSE;
    event["masked"] = masked != FALSE;
    event["hint"] = text_or_null(hint);
    event["ok"] = text_or_null(ok_text);
    event["cancel"] = text_or_null(cancel_text);
    return open_dialog({PURPLE_REQUEST_INPUT, "input", user_data, ok, cancel, {}, {}},
                       std::move(event));
}

void* show_choice(const char* title, const char* primary, const char* secondary, int default_value,
                  const char* ok_text, GCallback ok, const char* cancel_text, GCallback cancel,
                  PurpleAccount* account, const char* who, PurpleConversation* conversation,
                  void* user_data, va_list choices) {
    Json event = describe(title, primary, secondary, account, who, conversation);
    event["default"] = default_value;
    event["ok"] = text_or_null(ok_text);
    event["cancel"] = text_or_null(cancel_text);
    auto list = Json::array();
    while (const char* label = va_arg(choices, const char*)) {
        const int value = va_arg(choices, int);
        list.push_back({{"label", label}, {"value", value}});
    }
    event["choices"] = list;
    return open_dialog({PURPLE_REQUEST_CHOICE, "choice", user_data, ok, cancel, {}, {}},
                       std::move(event));
}

void* show_action(const char* title, const char* primary, const char* secondary, int default_action,
                  PurpleAccount* account, const char* who, PurpleConversation* conversation,
                  void* user_data, size_t count, va_list actions) {
    Json event = describe(title, primary, secondary, account, who, conversation);
    Dialog dialog{PURPLE_REQUEST_ACTION, "action", user_data, nullptr, nullptr, {}, {}};
    auto labels = Json::array();
    for (size_t index = 0; index < count; ++index) {
        labels.push_back(text_or_null(va_arg(actions, const char*)));
        dialog.actions.push_back(va_arg(actions, GCallback));
    }
    event["actions"] = labels;
    event["default"] = default_action;
    return open_dialog(std::move(dialog), std::move(event));
}

void* show_action_with_icon(const char* title, const char* primary, const char* secondary,
                            int default_action, PurpleAccount* account, const char* who,
                            PurpleConversation* conversation, gconstpointer, gsize, void* user_data,
                            size_t count, va_list actions) {
    return show_action(title, primary, secondary, default_action, account, who, conversation,
                       user_data, count, actions);
}

Json choice_labels(PurpleRequestField* field) {
    auto labels = Json::array();
    for (GList* item = purple_request_field_choice_get_labels(field); item != nullptr;
         item = item->next) {
        labels.push_back(text_or_null(static_cast<const char*>(item->data)));
    }
    return labels;
}

Json texts_in(GList* list) {
    auto texts = Json::array();
    for (GList* item = list; item != nullptr; item = item->next) {
        texts.push_back(text_or_null(static_cast<const char*>(item->data)));
    }
    return texts;
}

Json list_items(PurpleRequestField* field) {
    return texts_in(purple_request_field_list_get_items(field));
}

void describe_value(Json& out, PurpleRequestField* field) {
    switch (purple_request_field_get_type(field)) {
    case PURPLE_REQUEST_FIELD_STRING:
        out["type"] = "string";
        out["value"] = text_or_null(purple_request_field_string_get_value(field));
        out["masked"] = purple_request_field_string_is_masked(field) != FALSE;
        out["multiline"] = purple_request_field_string_is_multiline(field) != FALSE;
        out["editable"] = purple_request_field_string_is_editable(field) != FALSE;
        break;
    case PURPLE_REQUEST_FIELD_INTEGER:
        out["type"] = "integer";
        out["value"] = purple_request_field_int_get_value(field);
        break;
    case PURPLE_REQUEST_FIELD_BOOLEAN:
        out["type"] = "boolean";
        out["value"] = purple_request_field_bool_get_value(field) != FALSE;
        break;
    case PURPLE_REQUEST_FIELD_CHOICE:
        out["type"] = "choice";
        out["value"] = purple_request_field_choice_get_value(field);
        out["labels"] = choice_labels(field);
        break;
    case PURPLE_REQUEST_FIELD_LIST:
        out["type"] = "list";
        out["items"] = list_items(field);
        out["selected"] = texts_in(purple_request_field_list_get_selected(field));
        out["multiple"] = purple_request_field_list_get_multi_select(field) != FALSE;
        break;
    case PURPLE_REQUEST_FIELD_LABEL:
        out["type"] = "label";
        break;
    case PURPLE_REQUEST_FIELD_IMAGE:
        out["type"] = "image";
        out["size"] = purple_request_field_image_get_size(field);
        break;
    case PURPLE_REQUEST_FIELD_ACCOUNT:
        out["type"] = "account";
        break;
    case PURPLE_REQUEST_FIELD_NONE:
        out["type"] = "none";
        break;
    }
}

Json describe_field(PurpleRequestField* field) {
    Json out{{"id", text_or_null(purple_request_field_get_id(field))},
             {"label", text_or_null(purple_request_field_get_label(field))},
             {"hint", text_or_null(purple_request_field_get_type_hint(field))},
             {"required", purple_request_field_is_required(field) != FALSE},
             {"visible", purple_request_field_is_visible(field) != FALSE}};
    describe_value(out, field);
    return out;
}

Json describe_groups(PurpleRequestFields* fields) {
    auto groups = Json::array();
    for (GList* item = purple_request_fields_get_groups(fields); item != nullptr;
         item = item->next) {
        auto* group = static_cast<PurpleRequestFieldGroup*>(item->data);
        auto list = Json::array();
        for (GList* entry = purple_request_field_group_get_fields(group); entry != nullptr;
             entry = entry->next) {
            list.push_back(describe_field(static_cast<PurpleRequestField*>(entry->data)));
        }
        groups.push_back({{"title", text_or_null(purple_request_field_group_get_title(group))},
                          {"fields", list}});
    }
    return groups;
}

void* show_fields(const char* title, const char* primary, const char* secondary,
                  PurpleRequestFields* fields, const char* ok_text, GCallback ok,
                  const char* cancel_text, GCallback cancel, PurpleAccount* account,
                  const char* who, PurpleConversation* conversation, void* user_data) {
    Json event = describe(title, primary, secondary, account, who, conversation);
    event["ok"] = text_or_null(ok_text);
    event["cancel"] = text_or_null(cancel_text);
    event["groups"] = describe_groups(fields);
    Dialog dialog{PURPLE_REQUEST_FIELDS, "fields", user_data, ok, cancel, {}, {}};
    dialog.fields = std::shared_ptr<PurpleRequestFields>(fields, FieldsOwner{});
    return open_dialog(std::move(dialog), std::move(event));
}

void* show_file(const char* title, const char* filename, gboolean save, GCallback ok,
                GCallback cancel, PurpleAccount* account, const char* who,
                PurpleConversation* conversation, void* user_data) {
    Json event = describe(title, nullptr, nullptr, account, who, conversation);
    event["default"] = text_or_null(filename);
    event["save"] = save != FALSE;
    return open_dialog({PURPLE_REQUEST_FILE, "file", user_data, ok, cancel, {}, {}},
                       std::move(event));
}

void* show_folder(const char* title, const char* folder, GCallback ok, GCallback cancel,
                  PurpleAccount* account, const char* who, PurpleConversation* conversation,
                  void* user_data) {
    Json event = describe(title, nullptr, nullptr, account, who, conversation);
    event["default"] = text_or_null(folder);
    return open_dialog({PURPLE_REQUEST_FOLDER, "folder", user_data, ok, cancel, {}, {}},
                       std::move(event));
}

void close_dialog(PurpleRequestType, void* handle) {
    const int number = GPOINTER_TO_INT(handle);
    dialogs.erase(number);
    emit({{"event", "request_closed"}, {"request", number}});
}

void fill_list(PurpleRequestField* field, const Json& labels) {
    purple_request_field_list_clear_selected(field);
    const Json known = list_items(field);
    for (const auto& label : labels) {
        if (std::find(known.begin(), known.end(), label) == known.end()) {
            throw std::invalid_argument("no item " + label.dump());
        }
        purple_request_field_list_add_selected(field, label.get<std::string>().c_str());
    }
}

void fill_field(PurpleRequestField* field, const Json& value) {
    switch (purple_request_field_get_type(field)) {
    case PURPLE_REQUEST_FIELD_STRING:
        purple_request_field_string_set_value(field, value.get<std::string>().c_str());
        break;
    case PURPLE_REQUEST_FIELD_INTEGER:
        purple_request_field_int_set_value(field, value.get<int>());
        break;
    case PURPLE_REQUEST_FIELD_BOOLEAN:
        purple_request_field_bool_set_value(field, value.get<bool>() ? TRUE : FALSE);
        break;
    case PURPLE_REQUEST_FIELD_CHOICE:
        purple_request_field_choice_set_value(field, value.get<int>());
        break;
    case PURPLE_REQUEST_FIELD_LIST:
        fill_list(field, value);
        break;
    case PURPLE_REQUEST_FIELD_NONE:
    case PURPLE_REQUEST_FIELD_LABEL:
    case PURPLE_REQUEST_FIELD_IMAGE:
    case PURPLE_REQUEST_FIELD_ACCOUNT:
        throw std::invalid_argument("this field takes no value");
    }
}

void fill_fields(PurpleRequestFields* fields, const Json& values) {
    for (const auto& [id, value] : values.items()) {
        PurpleRequestField* field = purple_request_fields_get_field(fields, id.c_str());
        if (field == nullptr) {
            throw std::invalid_argument("no field " + id);
        }
        fill_field(field, value);
    }
    if (!purple_request_fields_all_required_filled(fields)) {
        throw std::invalid_argument("a required field is empty");
    }
}

template <typename Argument> void call(GCallback callback, void* user_data, Argument argument) {
    if (callback != nullptr) {
        reinterpret_cast<void (*)(void*, Argument)>(callback)(user_data, argument);
    }
}

void press_button(const Dialog& dialog, const Json& answer) {
    const auto index = answer.at("action").get<std::size_t>();
    if (index >= dialog.actions.size()) {
        throw std::invalid_argument("no such button");
    }
    call(dialog.actions[index], dialog.user_data, static_cast<int>(index));
}

void call_back(const Dialog& dialog, const Json& answer) {
    if (dialog.type == PURPLE_REQUEST_ACTION) {
        press_button(dialog, answer);
        return;
    }
    const auto action = answer.at("action").get<std::string>();
    if (action != "ok" && action != "cancel") {
        throw std::invalid_argument("action is neither ok nor cancel");
    }
    const bool accepted = action == "ok";
    const GCallback callback = accepted ? dialog.ok : dialog.cancel;
    if (dialog.type == PURPLE_REQUEST_FIELDS) {
        if (accepted) {
            fill_fields(dialog.fields.get(), answer.value("fields", Json::object()));
        }
        call(callback, dialog.user_data, dialog.fields.get());
    } else if (dialog.type == PURPLE_REQUEST_CHOICE) {
        call(callback, dialog.user_data, accepted ? answer.at("value").get<int>() : 0);
    } else {
        const auto value = accepted ? answer.at("value").get<std::string>() : std::string();
        call(callback, dialog.user_data, accepted ? value.c_str() : nullptr);
    }
}

} // namespace

PurpleRequestUiOps* request_ui_ops() {
    static PurpleRequestUiOps ops{};
    ops.request_input = show_input;
    ops.request_choice = show_choice;
    ops.request_action = show_action;
    ops.request_fields = show_fields;
    ops.request_file = show_file;
    ops.request_folder = show_folder;
    ops.request_action_with_icon = show_action_with_icon;
    ops.close_request = close_dialog;
    return &ops;
}

void answer_request(const nlohmann::json& answer) {
    const int number = answer.at("request").get<int>();
    const auto found = dialogs.find(number);
    if (found == dialogs.end()) {
        throw std::invalid_argument("no open request " + std::to_string(number));
    }
    const Dialog dialog = found->second;  // the callback may close it
    if (answer.at("action") != "close") { // by its frame: clients call nothing back then
        call_back(dialog, answer);
    }
    if (dialogs.count(number) != 0) {
        purple_request_close(dialog.type, handle_of(number));
    }
}

nlohmann::json open_requests() {
    auto list = Json::array();
    for (const auto& [number, dialog] : dialogs) {
        list.push_back({{"request", number}, {"type", dialog.type_name}});
    }
    return list;
}

} // namespace otr_guard::headless
