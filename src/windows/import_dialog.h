// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// What is in a list of keys, and which of them to take: nothing is imported unseen.

#include <functional>
#include <vector>

#include <gtkmm/dialog.h>
#include <gtkmm/label.h>

#include "windows/import_table.h"

namespace otr_guard::windows {

class ImportDialog : public Gtk::Dialog {
public:
    /// `take` gets the places of what the user has chosen; not called when cancelled.
    ImportDialog(Gtk::Window& parent, std::vector<ipc::ImportableKey> keys, unsigned skipped,
                 std::function<void(const std::vector<guint32>& chosen)> take);

private:
    void build_texts(unsigned skipped);
    void count();

    Gtk::Label m_heading;
    Gtk::Label m_explanation;
    ImportTable m_table;
};

} // namespace otr_guard::windows
