# SPDX-FileCopyrightText: OTR Guard contributors
# SPDX-License-Identifier: GPL-2.0-or-later
"""A window whose inside can be dragged, as out of a file manager:

    drag_source.py PLACE_X PLACE_Y REPORT FILE...

Writes a line into REPORT for everything that happens: `ready` when it can be dragged, `accepted` when
what is under the mouse would take it, `taken` when it was asked for the files, `ended` when it is over.
Started by desktop.Desktop with the environment of its desktop.
"""

import pathlib
import sys

import gi

gi.require_version("Gtk", "3.0")
from gi.repository import Gdk, Gtk  # noqa: E402

TITLE = "Files to drag"


def main():
    x, y, report, *files = sys.argv[1:]

    def say(word):
        with open(report, "a", encoding="utf-8") as lines:
            lines.write(f"{word}\n")

    def begin(_widget, context):
        context.connect("action-changed", lambda _context, action: action and say("accepted"))

    def give(_widget, _context, data, _info, _time):
        data.set_uris([pathlib.Path(file).as_uri() for file in files])
        say("taken")

    window = Gtk.Window(title=TITLE, default_width=200, default_height=200)
    inside = Gtk.EventBox()
    inside.drag_source_set(Gdk.ModifierType.BUTTON1_MASK, [], Gdk.DragAction.COPY)
    inside.drag_source_add_uri_targets()
    inside.connect("drag-begin", begin)
    inside.connect("drag-data-get", give)
    inside.connect("drag-end", lambda _widget, _context: say("ended"))
    window.add(inside)
    window.connect("map-event", lambda _window, _event: say("ready"))
    window.connect("delete-event", lambda _window, _event: Gtk.main_quit())
    window.move(int(x), int(y))
    window.show_all()
    Gtk.main()


if __name__ == "__main__":
    main()
