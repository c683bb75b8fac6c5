# SPDX-FileCopyrightText: OTR Guard contributors
# SPDX-License-Identifier: GPL-2.0-or-later
"""The window of files beside a real Pidgin: offers, progress, what is shared, and the folder."""

import os
import re
import shutil
import unittest
import urllib.parse

from otrtest.waiting import wait_until
from pidgin_files_case import PidginFilesCase
from pidgin_user import ALICE, BUDDIES

WINDOW = "Files"
FOLDER_CHOOSER = "In which folder should files be put that you receive?"
#: Large enough to be seen on its way.
LARGE = 8_000_000


class FilesWindow(PidginFilesCase):

    windows = True

    def start_alice(self, **options):
        """Folders are opened by a program that writes down which; OnionShare works without Tor."""
        applications = self.home / "share" / "applications"
        programs = self.home / "bin"
        applications.mkdir(parents=True)
        programs.mkdir()
        self.opened = self.home / "opened"
        for path, text in ((programs / "opener", f'printf %s "$1" > "{self.opened}"'),
                           (programs / "onionshare-cli",
                            f'exec {shutil.which("onionshare-cli")} --local-only "$@"')):
            path.write_text(f"#!/bin/sh\n{text}\n")
            path.chmod(0o755)
        (applications / "opener.desktop").write_text(
            f"[Desktop Entry]\nType=Application\nName=Opener\nExec={programs}/opener %u\n"
            "MimeType=inode/directory;\n")
        (applications / "mimeapps.list").write_text(
            "[Default Applications]\ninode/directory=opener.desktop\n")
        return super().start_alice(environment={
            "XDG_DATA_HOME": str(self.home / "share"),
            "XDG_CONFIG_HOME": str(self.home / "config"),
            "PATH": f"{programs}:{os.environ['PATH']}"}, **options)

    def open_window(self):
        self.alice.desktop.choose(BUDDIES, "Tools", "OTR Guard", "Files...")
        self.alice.desktop.window(WINDOW)

    def wait_window(self, *texts):
        return self.alice.wait_dialog(*texts, window=WINDOW)

    def wait_state(self, text, name):
        """In the row of this file."""
        def find():
            cells = [cell["name"] for cell in self.alice.screen.tree(WINDOW)
                     if cell["role"] == "table cell"]
            return name in cells and text in " ".join(cells[cells.index(name):][:5])
        wait_until(find, timeout=60, what=f"{name} to be {text}", interval=0.1)

    def choose(self, name):
        self.alice.desktop.focus(WINDOW)
        self.alice.desktop.press("table cell", name, WINDOW)

    def click(self, button):
        self.alice.screen.click("push button", button, WINDOW)

    def is_possible(self, button):
        return "sensitive" in self.alice.screen.wait("push button", button, WINDOW)["states"]

    def wait_possible(self, button, is_possible=True):
        wait_until(lambda: self.is_possible(button) == is_possible, interval=0.2,
                   what=f"{button} to be {is_possible}")

    def test_an_offer_is_taken_watched_and_found_in_its_folder(self):
        self.open_window()
        self.wait_window("There are no files")
        for button in ("Accept", "Decline", "Stop it", "Open folder"):
            self.assertFalse(self.is_possible(button), button)
        path = self.make("holiday.jpg", LARGE)
        since = self.bob.mark()
        self.bob.otr(ALICE, f"send {path}")
        self.wait_window("holiday.jpg", "from Bob", "8.0 MB", "offered to you")
        self.choose("holiday.jpg")
        self.wait_window("Type, as they say: image/jpeg")
        self.alice.picture("files-window-offer")
        self.wait_possible("Accept")
        self.click("Accept")
        self.take_into(self.home / "mine")
        self.wait_state("on its way", "holiday.jpg")
        self.wait_possible("Stop it")
        self.alice.picture("files-window-running")
        self.talk("while it comes")
        self.wait_state("received", "holiday.jpg")
        self.bob.wait_system("has arrived whole at", since=since, timeout=60)
        received = self.home / "mine" / "holiday.jpg"
        self.assertEqual(received.read_bytes(), path.read_bytes())
        self.wait_possible("Open folder")
        self.assertFalse(self.is_possible("Stop it"))
        self.click("Open folder")
        wait_until(lambda: self.opened.exists() and self.opened.read_text(), what="the folder")
        opened = self.opened.read_text()
        self.assertEqual(urllib.parse.unquote(opened.removeprefix("file://")),
                         str(self.home / "mine"))
        self.alice.desktop.focus(WINDOW)
        self.alice.desktop.keys("Escape")
        self.alice.wait_no_dialog(WINDOW)

    def take_into(self, folder):
        """What every client asks once."""
        folder.mkdir()
        self.alice.screen.wait("push button", "OK", FOLDER_CHOOSER)
        self.alice.desktop.focus(FOLDER_CHOOSER)
        # Out of the list of files used recently, which has no field for a name.
        self.alice.desktop.press("table cell", "File System", FOLDER_CHOOSER)
        self.alice.desktop.keys("ctrl+l")
        self.alice.screen.wait("text", window=FOLDER_CHOOSER)
        self.alice.desktop.type(str(folder))
        self.alice.desktop.keys("Return")

    def test_what_is_declined_and_what_is_stopped(self):
        since = self.bob.mark()
        self.bob.otr(ALICE, f"send {self.make('first.bin', 1000)}")
        self.alice.wait_shown("offers you file 1")
        self.alice.choose("Files...")
        self.wait_window("first.bin", "offered to you")
        self.wait_possible("Decline")  # what waits for an answer is chosen
        self.alice.desktop.focus(WINDOW)
        self.alice.tab_to("push button", "Decline", WINDOW)
        self.alice.desktop.keys("Return")
        self.bob.wait_system("was declined", since=since)
        self.wait_state("stopped", "first.bin")
        self.alice.say(f"/otr send {self.make('second.bin', LARGE)}")
        self.wait_state("offered, not accepted yet", "second.bin")
        self.choose("second.bin")
        self.wait_window("to Bob")
        self.assertFalse(self.is_possible("Accept"))
        since = self.bob.mark()
        self.bob.otr(ALICE, "accept")
        self.wait_state("on its way", "second.bin")
        self.click("Stop it")
        self.bob.wait_system("was stopped by", since=since)
        self.wait_state("stopped", "second.bin")
        self.assertEqual(list(self.downloads.iterdir()), [])

    def test_what_is_shared_with_onionshare_is_shown_and_stopped(self):
        since = self.bob.mark()
        self.alice.say(f"/otr onionshare {self.make('papers.bin', 1000)}")
        self.alice.wait_shown("is getting ready to share")
        self.alice.choose("Files...")
        self.wait_window("papers.bin", "to Bob, with OnionShare")
        address = self.bob.wait_message("OnionShare: http://", since=since, timeout=60)["text"]
        self.wait_window("was not downloaded yet")
        shown = self.wait_window("http://127.0.0.\u2026")
        self.assertNotIn(re.search(r"http://\S+", address)[0], shown)
        self.alice.picture("files-window-onionshare")
        self.wait_possible("Stop it")
        self.click("Stop it")
        self.alice.wait_shown("papers.bin is not shared any more")
        self.wait_window("There are no files")

    def test_its_end_stops_nothing(self):
        path = self.make("large.bin", LARGE)
        self.open_window()
        since = self.bob.mark()
        self.alice.say(f"/otr send {path}")
        self.bob.wait_system("offers you file 1", since=since)
        self.bob.otr(ALICE, "accept")
        self.wait_state("on its way", "large.bin")
        pid = self.alice.desktop.xdotool("getwindowpid", self.alice.desktop.window(WINDOW)).strip()
        os.kill(int(pid), 9)
        self.alice.wait_dialog("The window of files has ended unexpectedly")
        self.talk("without the window")
        self.bob.wait_system("has arrived whole", since=since, timeout=90)
        self.assertEqual((self.downloads / path.name).read_bytes(), path.read_bytes())
        self.open_window()
        self.wait_state("sent", "large.bin")


if __name__ == "__main__":
    unittest.main(verbosity=2)
