# SPDX-FileCopyrightText: OTR Guard contributors
# SPDX-License-Identifier: GPL-2.0-or-later
"""The window of the user's own keys, beside a real Pidgin."""

import pathlib
import tempfile
import unittest
import xml.dom.minidom

from pidgin_user import BUDDIES, PidginCase

WINDOW = "My codes (fingerprints)"
EXPORT, IMPORT, CARD = "Export a key", "Import a key", "Save as card"
PASSPHRASE = "lamp frost violin carpet ocean"


class OwnKeys(PidginCase):

    windows = True

    # --- hands and eyes ---

    def open_window(self, *texts):
        self.alice.desktop.choose(BUDDIES, "Tools", "OTR Guard", "My codes...")
        return self.wait_window("Your account", *texts)

    def wait_window(self, *texts, window=WINDOW):
        return self.alice.wait_dialog(*texts, window=window)

    def click(self, button, window=WINDOW):
        self.alice.screen.click("push button", button, window)

    def code(self):
        return self.status()["my fingerprint"]

    def type_into(self, window, name, text):
        self.alice.screen.set_text(text, "password text", name, window)

    def name_file(self, path, window, is_saving):
        """In the file chooser, where a name that begins with a slash is a whole path."""
        self.wait_window("Save" if is_saving else "Open", window=window)
        self.alice.desktop.focus(window)
        if is_saving:
            self.alice.desktop.keys("ctrl+a")
            self.alice.desktop.type(str(path))
        else:
            self.alice.desktop.keys("slash")  # brings up a field for the name
            self.alice.screen.wait("filler", "Location Layer", window)
            self.alice.desktop.type(str(path)[1:])
        self.alice.desktop.keys("Return")

    def folder(self):
        return pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))

    # --- what people do ---

    def test_see_copy_and_save_as_card(self):
        self.make_private()
        code = self.code()
        self.open_window(code, "Has a key", "Used with 1 person")
        self.alice.picture("own-keys")
        self.click("Copy")
        self.click("Save as card…")
        card = self.folder() / "card.svg"
        self.name_file(card, CARD, True)
        self.wait_window("Written to")
        texts = [node.firstChild.data for node in
                 xml.dom.minidom.parse(str(card)).getElementsByTagName("text")]
        self.assertEqual(" ".join(texts[2:5]), code)
        self.assertIn("alice@localhost", texts[0])
        self.alice.desktop.focus(WINDOW)
        self.alice.desktop.keys("Escape")
        self.alice.wait_no_dialog(WINDOW)

    def test_a_new_key_ends_private_conversations_after_a_warning(self):
        self.make_private()
        old = self.code()
        self.open_window(old)
        self.click("Make new key…")
        question = "Make a new key for alice@localhost/ (XMPP)?"
        self.wait_window("verify you again (1 person", window=question)
        self.alice.picture("own-keys-new")
        self.click("Make a new key", question)
        self.wait_window("A new key was made", "This key was made on 20")
        new = self.code()
        self.assertNotEqual(new, old)
        self.wait_window(new)
        self.alice.wait_shown("your key for this account changes")
        since = self.bob.mark()
        self.alice.say(self.secret("only for the new key"))
        self.bob.wait_message("only for the new key", since=since)

    def test_export_delete_and_import(self):
        self.make_private()
        old = self.code()
        path = self.folder() / "key.json"
        self.open_window(old)
        self.click("Export…")
        self.wait_window("at least five words", window=EXPORT)
        self.type_into(EXPORT, "Passphrase", PASSPHRASE)
        self.wait_window("Type it once more", window=EXPORT)
        self.type_into(EXPORT, "The same again", PASSPHRASE)
        self.wait_window("Hard to guess", window=EXPORT)
        self.alice.picture("own-keys-export")
        self.click("Choose a file…", EXPORT)
        self.name_file(path, EXPORT, True)
        self.wait_window("Written to")
        self.assertEqual(path.stat().st_mode & 0o777, 0o600)
        self.assertNotIn("private-key", path.read_text())

        self.click("Delete…")
        question = "Delete the key of alice@localhost/ (XMPP)?"
        self.wait_window("a new one is made", window=question)
        self.click("Delete the key", question)
        self.wait_window("The key was deleted", "No key yet")

        self.click("Import…")
        self.name_file(path, IMPORT, False)
        self.wait_window(old, "Passphrase", window=IMPORT)
        self.type_into(IMPORT, "Passphrase", "something else")
        self.click("Import", IMPORT)
        self.wait_window("The passphrase is another one", window=IMPORT)
        self.alice.picture("own-keys-import")
        self.type_into(IMPORT, "Passphrase", PASSPHRASE)
        self.click("Import", IMPORT)
        self.wait_window("The key was imported", old, "imported on 20")
        self.assertEqual(self.code(), old)

    def test_a_file_that_is_no_key(self):
        folder = self.folder()
        (folder / "letter.txt").write_text("Dear Alice,\n")
        self.open_window()
        self.click("Import…")
        self.name_file(folder / "letter.txt", IMPORT, False)
        self.wait_window("not an exported key")


if __name__ == "__main__":
    unittest.main(verbosity=2)
