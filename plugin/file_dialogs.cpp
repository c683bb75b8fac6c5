// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "file_dialogs.h"

#include <algorithm>
#include <map>
#include <utility>

#include "file_sharing.h"
#include "file_texts.h"
#include "i18n.h"
#include "names.h"
#include "onion_sharing.h"
#include "plugin.h"

namespace otr_guard::plugin {

using Kind = Dialogs::Kind;
using core::FileState;

namespace {

std::string name_of(const model::PeerId& peer) {
    return isolated(display_name(peer));
}

bool is_offer(const core::FileStatus& file) {
    return file.is_incoming && file.state == FileState::Asked;
}

} // namespace

std::vector<core::FileStatus> FileDialogs::open_files(const model::PeerId& peer) const {
    std::vector<core::FileStatus> files = m_plugin.engine().files().files_of(peer);
    std::erase_if(files, [](const core::FileStatus& file) {
        return file.state == FileState::Done || file.state == FileState::Stopped;
    });
    return files;
}

void FileDialogs::choose_file(const model::PeerId& peer,
                              std::function<void(const std::string&)> chosen) {
    check_shown(m_plugin, m_dialogs.ask_file({Kind::SendFile, peer},
                                             tr("Which file should be sent privately?"), {}, false,
                                             std::move(chosen)));
}

bool FileDialogs::choose_folder(const model::PeerId& peer,
                                std::function<void(const std::string&)> chosen) {
    return m_dialogs.ask_folder({Kind::FileFolder, peer},
                                tr("In which folder should files be put that you receive?"),
                                std::move(chosen));
}

void FileDialogs::show_offer(const model::PeerId& peer) {
    const auto files = open_files(peer);
    const auto offer = std::ranges::find_if(files, is_offer);
    if (offer == files.end()) {
        inform(m_plugin, tr("No file is offered to you any more."), {});
        return;
    }
    const std::string text =
        offer_remarks(*offer, m_plugin.engine().status(peer).is_verified, name_of(peer));
    const unsigned number = offer->number;
    const auto decline = [this, peer, number] { m_plugin.file_sharing().cancel(peer, number); };
    const auto accept = [this, peer, number] { m_plugin.file_sharing().accept(peer, number); };
    check_shown(
        m_plugin,
        m_dialogs.act({Kind::FileOffer, peer},
                      {format(tr("{name} offers you the file {file}."),
                              {{"name", name_of(peer)}, {"file", isolated(offer->name)}}),
                       text},
                      {{tr("Decline"), decline}, {tr("Later"), {}}, {tr("Take it"), accept}}));
}

void FileDialogs::show_all() {
    std::string text;
    const auto add = [&text](const model::PeerId& peer, const std::string& lines) {
        text += (text.empty() ? "" : "\n\n") + name_of(peer) + "\n" + lines;
    };
    std::map<model::PeerId, std::vector<core::FileStatus>> files;
    for (core::FileStatus& file : m_plugin.engine().files().all()) {
        files[file.peer].push_back(std::move(file));
    }
    for (const auto& [peer, theirs] : files) {
        add(peer, list_of_files(theirs));
    }
    for (const ShareStatus& share : m_plugin.onion_sharing().all()) {
        add(share.peer, share.state);
    }
    inform(m_plugin, tr("Files"), text.empty() ? list_of_files({}) : text);
}

void FileDialogs::show_open_files(const model::PeerId& peer) {
    auto files = open_files(peer);
    if (files.empty()) {
        inform(m_plugin, list_of_files({}), {});
        return;
    }
    files.resize(std::min(files.size(), Dialogs::most_options));
    std::vector<std::string> labels;
    labels.reserve(files.size());
    // Of these a client may take something for markup: no names of a peer's.
    for (const core::FileStatus& file : files) {
        labels.push_back(
            format(file.is_incoming ? tr("Number {number}, to you, {size}")
                                    : tr("Number {number}, from you, {size}"),
                   {{"number", std::to_string(file.number)}, {"size", size_text(file.size)}}));
    }
    const auto chosen = [this, peer, files](std::size_t index) {
        m_plugin.file_sharing().cancel(peer, files.at(index).number);
    };
    check_shown(m_plugin,
                m_dialogs.choose({Kind::OpenFiles, peer},
                                 {tr("Which file should be stopped?"), list_of_files(files)},
                                 labels, tr("Stop it"), chosen));
}

void FileDialogs::ask_about_clear(const model::PeerId& peer, std::function<void()> allow) {
    const Dialogs::Text text{
        format(tr("This file would go to {name} in clear."), {{"name", name_of(peer)}}),
        tr("Whoever is on the way could read it, and it may tell your address.") + " " +
            format(tr("Files need a private conversation with {name}. Start one with /otr start, "
                      "then send the file again."),
                   {{"name", name_of(peer)}})};
    const auto start = [this, peer] { m_plugin.engine().session(peer).start(); };
    check_shown(m_plugin, m_dialogs.act({Kind::ClearTransfer, peer}, text,
                                        {{tr("Send it in clear, this once"), std::move(allow)},
                                         {tr("Cancel"), {}},
                                         {tr("Start private conversation"), start}}));
}

void FileDialogs::state_changed(const model::PeerId& peer) {
    const auto files = open_files(peer);
    if (std::ranges::none_of(files, is_offer)) {
        m_dialogs.close({Kind::FileOffer, peer});
    }
    if (files.empty()) {
        m_dialogs.close({Kind::OpenFiles, peer});
    }
}

} // namespace otr_guard::plugin
