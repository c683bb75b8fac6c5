# SPDX-FileCopyrightText: OTR Guard contributors
# SPDX-License-Identifier: GPL-2.0-or-later
"""The window of known codes, beside a real Pidgin."""

import json
import pathlib
import tempfile
import unittest

from otrtest.waiting import wait_until
from pidgin_user import ALICE, BUDDIES, PLUGINS, PidginCase

WINDOW = "Known codes (fingerprints)"
CHOOSE, IMPORT = "Export codes", "Import codes"
OLD_KEY, CAROL_KEY, DAVE_KEY = "0123456789abcdef" * 2 + "01234567", "ab" * 20, "cd" * 20
BOB_NAME = "bob@localhost"


def groups(key):
    return " ".join(key[i:i + 8] for i in range(0, 40, 8)).upper()


class Keys(PidginCase):

    windows = True

    def start_alice(self, **options):
        known = [("carol@localhost", CAROL_KEY, ""), ("dave@localhost", DAVE_KEY, "verified")]
        return super().start_alice(known=known, **options)

    # --- hands and eyes ---

    def open_window(self, *texts):
        self.alice.desktop.choose(BUDDIES, "Tools", "OTR Guard", "Known codes...")
        return self.wait_window("Search", *texts)

    def wait_window(self, *texts, window=WINDOW):
        return self.alice.wait_dialog(*texts, window=window)

    def click(self, button, window=WINDOW):
        self.alice.screen.click("push button", button, window)

    def choose_row(self, name):
        self.alice.desktop.focus(WINDOW)
        self.alice.desktop.press("table cell", name, WINDOW)

    def search(self, text):
        self.alice.screen.set_text(text, "text", "Search", WINDOW)

    def fingerprints(self):
        """What is on the disk: name -> (key, trust)."""
        file = self.alice.folder / "otr.fingerprints"
        rows = [line.split("\t") for line in file.read_text().splitlines()]
        return {name: (key, trust) for name, _, _, key, trust in rows}

    def wait_on_disk(self, fits, what):
        wait_until(lambda: fits(self.fingerprints()), interval=0.2, what=what)

    def name_file(self, path, window, button):
        """In the file chooser, where a name that begins with a slash is a whole path."""
        self.wait_window(button, window=window)
        self.alice.desktop.focus(window)
        if window == CHOOSE:
            self.alice.desktop.keys("ctrl+a")
            self.alice.desktop.type(str(path))
        else:
            self.alice.desktop.keys("slash")  # brings up a field for the name
            self.alice.screen.wait("filler", "Location Layer", window)
            self.alice.desktop.type(str(path)[1:])
        self.alice.picture(f"keys-{button.lower()}")
        self.alice.desktop.keys("Return")

    # --- what people do ---

    def test_search_forget_and_undo(self):
        self.open_window("2 codes", "Carol", "dave@localhost", groups(CAROL_KEY))
        self.alice.picture("keys-all")
        self.search("dave")
        self.wait_window("1 of 2 codes")
        self.search("ABAB abab")
        self.wait_window("1 of 2 codes", "Carol")
        self.choose_row("Carol")
        self.wait_window(groups(CAROL_KEY), "produce front turtle")
        self.alice.picture("keys-details")
        self.click("Forget")
        self.wait_window("1 code was forgotten", "0 of 1 code")
        self.wait_on_disk(lambda keys: "carol@localhost" not in keys, "carol to be forgotten")
        self.click("Undo")
        self.wait_window("1 code is as it was", "1 of 2 codes")
        self.wait_on_disk(lambda keys: keys.get("carol@localhost") == (CAROL_KEY, ""),
                          "carol to be back")

    def test_verify_by_hand_and_take_it_back(self):
        self.open_window("2 codes")
        self.choose_row("Carol")
        self.click("Verify…")
        question = "Is this the code of Carol?"
        self.wait_window(groups(CAROL_KEY), window=question)
        self.alice.picture("keys-verify")
        self.click("It is theirs", question)
        self.wait_window("1 code was updated", "verified by comparing")
        self.wait_on_disk(lambda keys: keys["carol@localhost"][1] == "verified", "the mark")
        self.click("No longer verified")
        self.wait_on_disk(lambda keys: keys["carol@localhost"][1] == "", "no mark")
        self.click("Undo")
        self.wait_on_disk(lambda keys: keys["carol@localhost"][1] == "verified", "the mark again")

    def test_a_key_in_use_is_shown_live_verified_and_kept(self):
        self.open_window("2 codes")
        self.make_private()
        self.wait_window("3 codes", "private now")
        self.choose_row("Bob")
        self.click("Forget")
        self.wait_window("1 code is in use and was kept")
        self.alice.desktop.focus(WINDOW)
        self.alice.desktop.press("push button", "Verify…", WINDOW)
        self.wait_window("Is it really Bob?", window="Verify Bob")
        # It was asked for in this window, so it gets the keyboard.
        wait_until(lambda: self.alice.desktop.xdotool("getactivewindow").strip()
                   == self.alice.desktop.window("Verify Bob"), what="the window in front")

    def test_opens_from_the_configuration_page(self):
        self.alice.open_plugins()
        self.alice.find_plugin("OTR Guard")
        self.alice.press_button("Configure Plugin", PLUGINS)
        self.alice.wait_dialog("When a conversation is private", "Known codes...", "My codes...")
        self.alice.picture("configuration")
        self.alice.press_button("Known codes...")
        self.wait_window("2 codes")

    def test_export_and_import(self):
        folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.open_window("2 codes")
        self.click("Export…")
        self.name_file(folder / "codes.json", CHOOSE, "Export")
        self.wait_window("Written to")
        keys = json.loads((folder / "codes.json").read_text())["keys"]
        self.assertEqual({one["fingerprint"]: one["trust"] for one in keys},
                         {CAROL_KEY: "", DAVE_KEY: "verified"})
        self.assertEqual((folder / "codes.json").stat().st_mode & 0o777, 0o600)
        self.choose_row("dave@localhost")
        self.click("Forget")
        self.wait_window("1 code was forgotten")
        self.click("Import…")
        self.name_file(folder / "codes.json", IMPORT, "Open")
        self.wait_window("Import 1 code?", "new, and verified", "known already", window=IMPORT)
        self.alice.picture("keys-import")
        self.click("Import", IMPORT)
        self.wait_window("1 code was imported", "imported")
        self.wait_on_disk(lambda found: found.get("dave@localhost") == (DAVE_KEY, "verified"),
                          "dave to be back")

    def test_a_file_that_is_no_list(self):
        folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        (folder / "holiday.jpg").write_bytes(b"\xff\xd8\xff\x00\x10JFIF")
        (folder / "letter.txt").write_text("Dear Alice,\n")
        self.open_window("2 codes")
        for name, reason in (("holiday.jpg", "it is no text"),
                             ("letter.txt", "no codes in this file")):
            self.click("Import…")
            self.name_file(folder / name, IMPORT, "Open")
            self.wait_window(reason)


class ChangedKey(PidginCase):

    windows = True

    def start_alice(self, **options):
        return super().start_alice(known=[(BOB_NAME, OLD_KEY, "verified")], **options)

    def test_a_changed_code_stands_out_with_its_history(self):
        self.alice.open_conversation()
        self.alice.choose("Start private conversation")
        self.alice.wait_shown("another code")
        self.alice.desktop.choose(BUDDIES, "Tools", "OTR Guard", "Known codes...")
        self.alice.wait_dialog("2 codes", "new code, not verified", window=WINDOW)
        self.alice.screen.select(2, "combo box", "Which codes to show", WINDOW)
        self.alice.wait_dialog("1 of 2 codes", window=WINDOW)
        self.alice.desktop.focus(WINDOW)
        self.alice.desktop.press("table cell", "Bob", WINDOW)
        self.alice.wait_dialog("not the code that was verified", OLD_KEY[:8].upper(),
                               "first used on", window=WINDOW)
        self.alice.picture("keys-changed")

    def decisions(self):
        return [one for one in ("Verify...", "Send anyway", "End it", "Start again",
                                "Go on without privacy")
                if self.alice.screen.find("push button", one, "Bob")]

    def decide(self, name):
        self.alice.screen.click("push button", name, "Bob")

    def wait_decisions(self, *names):
        wait_until(lambda: self.decisions() == list(names), what=f"the bar to offer {names}")

    def test_a_bar_asks_what_to_do_about_another_code(self):
        self.alice.open_conversation()
        self.assertEqual(self.decisions(), [])
        self.alice.choose("Start private conversation")
        self.wait_decisions("Verify...", "End it")
        self.alice.say(self.secret("held back"))
        self.wait_decisions("Verify...", "Send anyway", "End it")
        self.alice.picture("decision")
        self.assertNotIn("held back", self.bob.received())
        self.decide("Send anyway")
        self.bob.wait_message("held back")
        self.wait_decisions()
        self.talk("in spite of another code")
        self.bob.otr(ALICE, "end")
        self.wait_decisions("Start again", "Go on without privacy")
        self.alice.say(self.secret("typed after the end"))
        self.decide("Start again")
        self.wait_decisions("Verify...", "Send anyway", "End it")
        self.decide("Verify...")
        self.alice.wait_dialog("Is it really Bob?", window="Verify Bob")


if __name__ == "__main__":
    unittest.main(verbosity=2)
