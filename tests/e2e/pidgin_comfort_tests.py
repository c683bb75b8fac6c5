# SPDX-FileCopyrightText: OTR Guard contributors
# SPDX-License-Identifier: GPL-2.0-or-later
"""What surrounds a conversation in Pidgin: emblems in the buddy list, help pages."""

import unittest

import gi
gi.require_version("GdkPixbuf", "2.0")
from gi.repository import GdkPixbuf  # noqa: E402

from otrtest.waiting import wait_until
from pidgin_user import ALICE, BUDDIES, PidginCase

HELP = "OTR Guard: help"
#: The colours of data/emblems.
UNVERIFIED, PRIVATE, FINISHED = b"\xb0\x60\x00", b"\x0d\x7a\x2c", b"\xb8\x1c\x1c"


class BuddyList(PidginCase):

    windows = True

    def pixels(self, colour):
        """How many the screen shows."""
        file = self.alice.desktop.folder / "screen.png"
        self.alice.desktop.screenshot(file)
        picture = GdkPixbuf.Pixbuf.new_from_file(str(file))
        assert picture.get_n_channels() == 3
        return picture.read_pixel_bytes().get_data().count(colour)

    def wait_emblem(self, colour):
        wait_until(lambda: self.pixels(colour) > 20, what=f"an emblem of {colour.hex()}",
                   interval=0.3)

    def test_an_emblem_from_start_to_end(self):
        for colour in (UNVERIFIED, PRIVATE, FINISHED):
            self.assertEqual(self.pixels(colour), 0)
        self.make_private()
        self.wait_emblem(UNVERIFIED)
        self.alice.picture("buddy-list-unverified")
        self.alice.say("/otr trust")
        self.wait_emblem(PRIVATE)
        self.assertEqual(self.pixels(UNVERIFIED), 0)
        self.alice.picture("buddy-list-private")
        self.bob.otr(ALICE, "end")
        self.wait_emblem(FINISHED)
        self.alice.say("/otr end")
        self.wait_emblem(PRIVATE)  # the circle of those who are verified
        self.alice.picture("buddy-list-verified")

    def test_the_tooltip(self):
        self.make_private()
        desktop = self.alice.desktop
        x, y, width, height = self.alice.screen.where("table cell", "Bob", BUDDIES)
        before = set(desktop.windows())
        desktop.xdotool("mousemove", "--sync", x + width // 2, y + height // 2)
        desktop.xdotool("mousemove_relative", "--sync", "--", 3, 1)
        shown = desktop.xdotool("search", "--onlyvisible", "--class", "pidgin").split()
        wait_until(lambda: len(desktop.xdotool("search", "--onlyvisible", "--class",
                                               "pidgin").split()) > len(shown),
                   what="the tooltip", interval=0.2)
        self.assertLessEqual(before, set(desktop.windows()))
        self.alice.picture("buddy-list-tooltip")


class Help(PidginCase):

    windows = True

    def test_from_the_menus_and_from_a_window(self):
        self.make_private()
        self.alice.choose("Help")
        self.alice.wait_dialog("What the words mean", "Text that waits", window=HELP)
        self.alice.picture("help-of-a-conversation")
        self.alice.desktop.focus(HELP)
        self.alice.desktop.keys("Escape")
        self.alice.wait_no_dialog(HELP)
        self.alice.desktop.choose(BUDDIES, "Tools", "OTR Guard", "Help")
        self.alice.wait_dialog("The first steps", window=HELP)
        self.alice.desktop.focus(HELP)
        self.alice.desktop.keys("Escape")
        self.alice.wait_no_dialog(HELP)
        self.alice.choose("Verify...")
        self.alice.wait_dialog("Is it really Bob?", window="Verify Bob")
        self.alice.screen.click("push button", "Help", "Verify Bob")
        self.alice.wait_dialog("We can talk by phone or meet", "When the code changes",
                               window=HELP)
        self.alice.picture("help-of-verifying")
        self.alice.desktop.focus(HELP)
        self.alice.desktop.keys("Escape")
        self.alice.wait_no_dialog(HELP)

    def test_in_every_window(self):
        for entry, window, words in (
                ("Known codes...", "Known codes (fingerprints)", "The columns"),
                ("My codes...", "My codes (fingerprints)", "Each of your accounts has a key"),
                ("Network of accounts...", "Network of accounts", "Private is not hidden"),
                ("Files...", "Files", "Receiving a file")):
            self.alice.desktop.choose(BUDDIES, "Tools", "OTR Guard", entry)
            self.alice.desktop.window(window)
            self.alice.screen.click("push button", "Help", window)
            self.alice.wait_dialog(words, window=HELP)
            self.alice.desktop.focus(HELP)
            self.alice.desktop.keys("Escape")
            self.alice.wait_no_dialog(HELP)
            self.alice.desktop.focus(window)
            self.alice.desktop.keys("Escape")
            self.alice.wait_no_dialog(window)


if __name__ == "__main__":
    unittest.main()
