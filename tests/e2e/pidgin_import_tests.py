# SPDX-FileCopyrightText: OTR Guard contributors
# SPDX-License-Identifier: GPL-2.0-or-later
"""The window in which profiles of other programs are imported, beside a real Pidgin."""

import os
import pathlib
import tempfile
import unittest

from otrtest.waiting import wait_until
from pidgin_user import BUDDIES, PidginCase

WINDOW, CHOOSE = "Import from another program", "Choose a folder"
KNOWN = "Known codes (fingerprints)"
TESTS = pathlib.Path(os.environ["OTR_GUARD_SOURCE_DIR"]) / "tests"
FOREIGN, CORPUS = TESTS / "support/data/foreign", TESTS / "fuzz/corpus"
IRSSI = "fda0b8adc54bdc1eb70ae5ab1b118ac7bd67b949"
BOB, EVE, ZOE = "b0" * 20, "e7" * 20, "20" * 20
#: Alice's own, in CoyIM's profile.
OWN = "2402e3b57d4b4ca60a3996f136653431f1db37d7"


def groups(code):
    """As codes are shown."""
    return " ".join(code[i:i + 8] for i in range(0, 40, 8)).upper()


class Import(PidginCase):

    windows = True

    def start_alice(self, **options):
        return super().start_alice(known=[("bob@localhost", ZOE, "verified")], **options)

    # --- hands and eyes ---

    def wait_window(self, *texts, window=WINDOW):
        return self.alice.wait_dialog(*texts, window=window)

    def click(self, button, window=WINDOW):
        self.alice.screen.click("push button", button, window)

    def open_window(self):
        self.alice.desktop.choose(BUDDIES, "Tools", "OTR Guard", "Import from another program...")
        self.wait_window("Import from which file or folder?")

    def read(self, path):
        """By typing where it is."""
        self.alice.screen.set_text(str(path), "text", "File or folder", WINDOW)
        self.click("Continue")

    def codes(self):
        """What is on the disk: fingerprint -> (name, trust)."""
        rows = [line.split("\t")
                for line in (self.alice.folder / "otr.fingerprints").read_text().splitlines()]
        return {key: (name, trust) for name, _, _, key, trust in rows}

    def wait_codes(self, fits):
        wait_until(lambda: fits(self.codes()), interval=0.2, what="the codes on the disk")

    def own_codes(self):
        return self.status()["my fingerprint"]

    # --- what people do ---

    def test_choose_a_folder_import_and_undo(self):
        self.alice.desktop.choose(BUDDIES, "Tools", "OTR Guard", "Known codes...")
        self.wait_window("1 code", window=KNOWN)
        self.click("From another program…", KNOWN)
        self.wait_window("Import from which file or folder?")
        self.alice.picture("import-source")
        self.click("Choose a folder…")
        self.wait_window("Open", window=CHOOSE)
        self.alice.desktop.focus(CHOOSE)
        self.alice.desktop.keys("slash")  # brings up a field for the name
        self.alice.screen.wait("filler", "Location Layer", CHOOSE)
        self.alice.desktop.type(str(FOREIGN / "adium")[1:])
        self.alice.desktop.keys("Return")
        wait_until(lambda: self.alice.screen.find("text", "File or folder", WINDOW)["text"]
                   == str(FOREIGN / "adium"), interval=0.2, what="the folder to be chosen")
        self.click("Continue")
        # Another code of bob's is verified, so his is not proposed.
        self.wait_window("Import 1 code?", groups(BOB), groups(EVE), "new, and verified",
                         "another code of theirs is verified here")
        self.alice.picture("import-choice")
        self.click("Import")
        self.wait_window("What was imported", "1 code was imported.")
        self.wait_window("2 codes", window=KNOWN)
        self.wait_codes(lambda codes: codes.get(EVE) == ("eve@localhost", "")
                        and BOB not in codes)
        self.alice.picture("import-result")
        self.click("Undo")
        self.wait_window("1 code is as it was.")
        self.wait_window("1 code", window=KNOWN)
        self.wait_codes(lambda codes: set(codes) == {ZOE})
        self.click("Close")
        self.alice.wait_no_dialog(WINDOW)

    def test_a_passphrase_that_is_wrong_and_one_that_is_right(self):
        self.open_window()
        self.read(FOREIGN / "keysync")
        self.wait_window("There are keys under a passphrase.", "KeySync has shown it")
        self.alice.screen.set_text("wrong", "password text", "Passphrase", WINDOW)
        self.click("Continue")
        self.wait_window("The passphrase is another one.")
        self.alice.picture("import-passphrase")
        self.alice.screen.set_text("correct horse", "password text", "Passphrase", WINDOW)
        self.click("Continue")
        self.wait_window("Import 1 code?", "KeySync marks what nobody has verified")
        self.click("All of them")
        self.wait_window("Import 2 codes?")
        self.click("None of them")
        self.wait_window("Import 0 codes?")
        self.click("All of them")
        self.click("Import")
        self.wait_window("2 codes were imported.")
        self.wait_codes(lambda codes: codes.get(EVE) == ("eve@localhost", "")
                        and codes.get(BOB) == ("bob@localhost", ""))

    def test_accounts_that_are_called_otherwise(self):
        self.open_window()
        self.read(FOREIGN / "irssi")
        self.wait_window("Which accounts?", "test")
        self.alice.picture("import-accounts")
        self.click("Start over")
        self.wait_window("Import from which file or folder?")
        self.read(FOREIGN / "irssi")
        self.wait_window("Which accounts?")
        self.alice.screen.select(1, "combo box", "", WINDOW)
        self.click("Continue")
        self.wait_window("Import 1 code?", groups(IRSSI), "alice@localhost")
        self.click("Start over")
        self.read(FOREIGN / "irssi")
        self.wait_window("Which accounts?")
        self.click("Continue")
        self.wait_window("Import from which file or folder?", "There is nothing new", "2 belong to no account")

    def test_an_own_key_is_replaced_after_another_question(self):
        self.alice.open_conversation()
        old = self.own_codes()
        self.assertNotEqual(old, groups(OWN))
        self.alice.say(f'/otr import "{FOREIGN / "coyim"}"')
        self.wait_window("Import 2 codes?", groups(OWN), "replaces the key that is here",
                         groups(BOB), groups(EVE))
        choice = next(one["name"] for one in self.alice.screen.tree(WINDOW)
                      if one["role"] == "check box" and groups(OWN) in one["name"])
        self.alice.screen.click("check box", choice, WINDOW)
        question = "Replace 1 key of your own?"
        self.click("Import")
        self.wait_window("verify you again", window=question)
        self.alice.picture("import-replace")
        self.click("Cancel", question)
        self.alice.wait_no_dialog(question)
        self.assertEqual(self.own_codes(), old)
        self.assertNotIn(EVE, self.codes())
        self.click("Import")
        self.click("Replace", question)
        self.wait_window("What was imported", "The key of alice@localhost", "was imported.")
        self.assertEqual(self.own_codes(), groups(OWN))
        # Without those that contradict what is known.
        self.wait_codes(lambda codes: EVE in codes and BOB not in codes)

    def test_a_list_is_looked_at_in_the_same_way(self):
        file = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory())) / "codes"
        file.write_text("".join(f"{name}@localhost\talice@localhost/\tprpl-jabber\t{code}\tverified\n"
                                for name, code in (("bob", BOB), ("eve", EVE))))
        self.alice.desktop.choose(BUDDIES, "Tools", "OTR Guard", "Known codes...")
        self.wait_window("1 code", window=KNOWN)
        self.click("Import…", KNOWN)
        self.wait_window("Open", window="Import codes")
        self.alice.desktop.focus("Import codes")
        self.alice.desktop.keys("slash")
        self.alice.screen.wait("filler", "Location Layer", "Import codes")
        self.alice.desktop.type(str(file)[1:])
        self.alice.desktop.keys("Return")
        self.wait_window("Import 1 code?", "another code of theirs is verified here",
                         groups(BOB), groups(EVE), window="Import codes")

    def test_an_exported_key_goes_to_the_window_for_that(self):
        self.open_window()
        self.read(CORPUS / "key_backup" / "sealed")
        self.wait_window("This is a key of your own", "Import it in the window of your codes")
        self.wait_window("For which account", "Passphrase", window="Import a key")

    def test_what_is_not_there_or_no_profile_is_said(self):
        folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.open_window()
        self.read(folder / "none")
        self.wait_window("There is no file or folder", "none")
        self.alice.picture("import-problem")
        # The keyboard is where it was.
        self.alice.desktop.focus(WINDOW)
        self.alice.desktop.keys("ctrl+a")
        self.alice.desktop.type(str(folder))
        self.alice.desktop.keys("Return")
        self.wait_window("There are no keys or codes in")
        self.alice.desktop.focus(WINDOW)
        self.alice.desktop.keys("Escape")
        self.alice.wait_no_dialog(WINDOW)


if __name__ == "__main__":
    unittest.main(verbosity=2)
