// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// libpurple's requests with an owner. What a client hands back is only a number: some clients call
// back while they tear a window down, after we have closed it, and a number that is no longer known
// does nothing. All text is plain; clients escape titles and texts themselves, but not the labels
// of fields and groups, which therefore must never hold anything of a peer's.

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/key_list.h"
#include "model/account.h"
#include "purple.h"
#include "util/c_ptr.h"
#include "util/secret.h"

namespace otr_guard::plugin {

using FieldsPtr = util::CPtr<PurpleRequestFields, purple_request_fields_destroy>;

class Plugin;

class Dialogs {
public:
    enum class Kind {
        Start,
        Verification,
        Codes,
        Question,
        Keys,
        OwnKeys,
        Import,
        Export,
        PeerSettings,
        AccountSettings,
        NetworkSettings,
        SendFile,
        FileFolder,
        FileOffer,
        OpenFiles,
        ClearTransfer,
        Link,
        Metadata,
        MetadataOfShare,
        Share
    };

    /// A second dialog of the same kind about the same person replaces the first.
    struct Subject {
        Kind kind = Kind::Start;
        std::optional<model::PeerId> peer;
    };
    struct Text {
        std::string primary;
        std::string secondary;
    };
    struct Entry {
        bool is_masked = false;
        bool is_multiline = false;
    };
    struct Button {
        std::string label;
        std::function<void()> pressed;
    };

    static constexpr std::size_t most_options = 5;
    static constexpr std::size_t most_buttons = 3;

    /// One object at a time.
    Dialogs();
    /// Closes what is open.
    ~Dialogs();
    Dialogs(const Dialogs&) = delete;
    Dialogs& operator=(const Dialogs&) = delete;

    // Each returns false when the client cannot show it. What is called back may open and close
    // dialogs; nothing but `dropped` is called back when the user cancels.
    bool ask_text(Subject subject, const Text& text, Entry entry, const std::string& ok,
                  std::function<void(util::SecretString)> answered);
    /// At most most_options; the answer is an index.
    bool choose(Subject subject, const Text& text, const std::vector<std::string>& options,
                const std::string& ok, std::function<void(std::size_t)> chosen);
    /// At most most_buttons; the last one is the default. `dropped`: it was shown and went away
    /// without an answer; not called back when everything ends.
    bool act(Subject subject, const Text& text, std::vector<Button> buttons,
             std::function<void()> dropped = {});
    bool ask_fields(Subject subject, const Text& text, FieldsPtr fields, const std::string& ok,
                    const std::string& cancel, std::function<void(PurpleRequestFields&)> answered);

    /// The path is the user's choice; a file that is written over was asked about by the client.
    bool ask_file(Subject subject, const std::string& question, const std::string& suggestion,
                  bool is_saving, std::function<void(const std::string& path)> chosen);
    /// A folder that exists.
    bool ask_folder(Subject subject, const std::string& question,
                    std::function<void(const std::string& path)> chosen);

    void close(const Subject& subject);

private:
    struct Dialog;
    using Number = unsigned;

    Number add(Subject subject, Dialog&& dialog);
    bool shown(Number number, void* handle);
    static void drop(const Dialog* dialog);
    void watch_windows();
    static void window_closes(PurpleRequestType type, void* handle);
    [[nodiscard]] std::unique_ptr<Dialog> take(void* data);

    static void text_answered(void* data, const char* text);
    static void option_chosen(void* data, int option);
    template <std::size_t button> static void button_pressed(void* data, int number);
    static void fields_answered(void* data, PurpleRequestFields* fields);
    static void file_chosen(void* data, const char* path);
    template <typename Unused> static void cancelled(void* data, Unused);

    std::map<Number, std::unique_ptr<Dialog>> m_dialogs;
    Number m_next = 1;
};

/// In the conversation with this peer; in a window when it is not open.
void say(Plugin& plugin, const model::PeerId& peer, const std::string& text);
/// A window with a sentence; `secondary` may be empty.
void inform(Plugin& plugin, const std::string& primary, const std::string& secondary);
/// Says where to go when the client could not show a dialog.
void check_shown(Plugin& plugin, bool is_shown);
/// "alice@example.org (XMPP)".
[[nodiscard]] std::string account_label(const model::AccountId& account);
/// "bob, STATE: CODE, on alice@example.org (XMPP)".
[[nodiscard]] std::string key_label(const core::KeyOfPeer& key, const std::string& state);

/// A field in which one of several labels is chosen; clients number choice fields differently, so
/// this is a list. Returns it for selected_index().
PurpleRequestField* add_list_field(PurpleRequestFieldGroup* group, const char* id,
                                   const std::string& label,
                                   const std::vector<std::string>& options, std::size_t selected);
/// Indices into the options of a list field, in order.
[[nodiscard]] std::vector<std::size_t> selected_indices(PurpleRequestFields& fields,
                                                        const char* id);
/// The text of a string field, wiped there.
[[nodiscard]] util::SecretString take_text(PurpleRequestFields& fields, const char* id);

} // namespace otr_guard::plugin
