# SPDX-FileCopyrightText: OTR Guard contributors
# SPDX-License-Identifier: GPL-2.0-or-later
"""Files in real Pidgin: what is dragged or chosen goes the private way or is stopped."""

import subprocess
import unittest

from pidgin_files_case import PidginFilesCase
from pidgin_user import ALICE

CHOOSER = "Which file should be sent privately?"


class Files(PidginFilesCase):

    def wait_received(self, path, since):
        self.bob.wait_system("has arrived whole", since=since, timeout=90)
        self.assertEqual((self.downloads / path.name).read_bytes(), path.read_bytes())

    def test_a_question_that_is_closed_by_its_frame_means_no(self):
        paths = [self.home / name for name in ("first.jpg", "second.jpg")]
        for path in paths:
            subprocess.run(["convert", "-size", "40x30", "gradient:blue-red", path], check=True)
            subprocess.run(["exiftool", "-q", "-overwrite_original", "-Artist=Jane Doe", path],
                           check=True)
        # The question takes the keyboard, so nothing is typed while it may come.
        self.alice.say(f"/otr send {paths[0]}")
        self.alice.screen.wait("push button", "Send without", "OTR Guard", timeout=60)
        self.alice.say(f"/otr send {paths[1]}")
        self.alice.desktop.focus("OTR Guard")
        self.alice.desktop.keys("Escape")
        self.alice.wait_shown("The file is not sent.")
        since = self.bob.mark()
        self.alice.screen.wait("push button", "Send as it is", "OTR Guard", timeout=60)
        self.alice.screen.click("push button", "Send as it is", "OTR Guard")
        self.bob.wait_system("second.jpg", since=since)

    def test_pidgins_own_menu_leads_to_the_private_way(self):
        path = self.make("minutes.pdf", 3_000_000)
        since = self.bob.mark()
        self.alice.desktop.choose("Bob", "Conversation", "Send File...")
        self.alice.screen.wait("push button", "Open", CHOOSER)
        self.alice.desktop.focus(CHOOSER)
        # Out of the list of files used recently, which has no field for a name.
        self.alice.desktop.press("table cell", "File System", CHOOSER)
        self.alice.desktop.keys("ctrl+l")
        self.alice.screen.wait("text", window=CHOOSER)
        self.alice.desktop.type(str(path))
        self.alice.picture("file-chooser")
        self.alice.desktop.keys("Return")
        self.bob.wait_system("offers you file 1", since=since)
        self.alice.wait_shown("was offered to Bob, privately")
        self.alice.picture("file-offered")
        self.bob.otr(ALICE, "accept")
        self.wait_received(path, since)
        self.alice.wait_shown("50 % are on their way")
        self.alice.wait_shown("has arrived whole at Bob")
        self.alice.picture("file-sent")
        self.assertFalse(self.wire.shows("minutes.pdf"))
        self.assertFalse(self.wire.shows("streamhost"))

    def drag_to_conversation(self, *paths):
        """With the mouse, from another program's window onto what has been said."""
        desktop = self.alice.desktop
        desktop.drag_files(paths, self.alice.screen.where("text", window="Bob"))

    def test_what_is_dragged_onto_the_conversation_goes_the_private_way(self):
        path = self.make("dragged.pdf", 300_000)
        since = self.bob.mark()
        self.drag_to_conversation(path)
        self.bob.wait_system("offers you file 1: dragged.pdf", since=since)
        self.alice.wait_shown("was offered to Bob, privately")
        self.alice.picture("file-dragged")
        self.bob.otr(ALICE, "accept")
        self.wait_received(path, since)
        self.assertFalse(self.wire.shows("dragged.pdf"))
        self.assertFalse(self.wire.shows("streamhost"))

    def test_a_hundred_files_dragged_at_once_are_refused_in_one_line(self):
        paths = [self.make(f"dragged-{number}.bin", 10) for number in range(100)]
        since = self.bob.mark()
        self.drag_to_conversation(*paths)
        self.alice.wait_shown("84 files were not sent. As many files as can be")
        self.bob.wait_system("offers you file 16: dragged-15.bin", since=since, timeout=90)
        self.alice.picture("files-dragged")
        self.assertEqual(self.alice.conversation_text().count("not sent"), 1)
        self.assertFalse(self.wire.shows("dragged-"))

    def test_a_file_in_clear_is_stopped_when_it_comes(self):
        self.bob.otr(ALICE, "files allow")
        self.bob.call("send_file", account=self.bob.account, to=ALICE,
                      file=str(self.make("plain.txt", 100)))
        self.alice.wait_shown("was stopped, because it would have come in clear")
        self.alice.picture("file-stopped")

    def test_an_offer_is_taken_with_the_mouse(self):
        path = self.make("holiday.jpg", 500_000)
        self.alice.say("/otr files")
        self.bob.otr(ALICE, f"send {path}")
        self.alice.wait_shown("offers you file 1: holiday.jpg, 500 kB, image/jpeg")
        self.alice.choose("File offered to you...")
        self.alice.wait_dialog("offers you the file holiday.jpg", "Size: 500 kB")
        self.alice.picture("file-dialog")
        self.alice.press_button("Decline")
        self.bob.wait_system("was declined")
        self.assertEqual(self.status()["state"], "private")


if __name__ == "__main__":
    unittest.main()
