# SPDX-FileCopyrightText: OTR Guard contributors
# SPDX-License-Identifier: GPL-2.0-or-later
"""/otr import: profiles of other OTR programs, seen before anything changes. Nobody else takes part."""

import json
import os
import pathlib
import tempfile
import unittest

from otrtest.headless import CommandError, HeadlessClient, plugin_path
from otrtest.keys import put_key
from otrtest.servers import Prosody

FOREIGN = pathlib.Path(os.environ["OTR_GUARD_SOURCE_DIR"]) / "tests" / "support" / "data" / "foreign"
XMPP, IRC = "alice@localhost/", "alice@127.0.0.1"
BOB, EVE, ZOE = "b0" * 20, "e7" * 20, "20" * 20
#: Of the second line of dsa_keys.txt.
OWN = "2402e3b57d4b4ca60a3996f136653431f1db37d7"


def groups(code):
    """As codes are shown."""
    return " ".join(code[i:i + 8] for i in range(0, 40, 8)).upper()


class ImportCase(unittest.TestCase):

    #: What is known before: lines of otr.fingerprints.
    known = ""

    @classmethod
    def setUpClass(cls):
        cls.server = cls.enterClassContext(Prosody({"alice": "a"}))

    def setUp(self):
        profile = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory())) / "profile"
        put_key(profile, XMPP)
        (profile / "otr.fingerprints").write_text(self.known)
        self.client = self.enterContext(HeadlessClient(profile=profile, name="alice",
                                                       plugins=[plugin_path()]))
        self.client.connect_xmpp(self.server, "alice")
        self.client.add_account(IRC, "prpl-irc")  # which stays offline
        self.client.call("open_conversation", account=XMPP, to="bob@localhost")

    def shown_after(self, act):
        """The next dialog or notice."""
        since = self.client.mark()
        act()
        return self.client.wait_for(lambda e: e["event"] in ("request", "notify"), since=since)

    def start(self, path):
        return self.shown_after(lambda: self.client.otr("bob@localhost", f'import "{path}"'))

    def answer(self, request, **answer):
        return self.shown_after(lambda: self.client.answer(request, **answer))

    @staticmethod
    def fields(request):
        return {field["id"]: field for group in request["groups"] for field in group["fields"]}

    def take_codes(self, request, which="All of them"):
        """Answers the preview; returns the list of known codes that follows."""
        shown = self.answer(request, fields={"which": [which]})
        self.assertEqual(shown["type"], "fields", shown)
        self.assertIn("imported", shown["secondary"])
        return self.fields(shown)["keys"]["items"]

    def keys_file(self):
        return (self.client.profile / "otr.private_key").read_text()

    def my_code(self):
        return self.client.otr_status("bob@localhost")["my fingerprint"]


class Import(ImportCase):

    # --- each program ---

    def check(self, program, codes, trusted, account=XMPP, answers=()):
        """`codes` is name, code; those in `trusted` become verified, nothing else does."""
        keys = self.keys_file()
        request = self.start(FOREIGN / program)
        for answer in answers:
            request = self.answer(request, **answer)
        self.assertEqual(request["type"], "fields", request)
        fields = self.fields(request)
        self.assertEqual(len(fields["keys"]["items"]), len(codes), fields["keys"]["items"])
        self.assertEqual(fields["own"]["selected"], [])
        shown = self.take_codes(request)
        for name, code in codes:
            row = [row for row in shown if groups(code) in row]
            self.assertEqual(len(row), 1, shown)
            self.assertIn(name, row[0])
            self.assertIn("verified in another program" if code in trusted else "not verified",
                          row[0])
            self.assertIn(account.rstrip("/"), row[0])
        self.assertEqual(len(shown), len(codes))
        # Nobody has chosen the private key.
        self.assertEqual(self.keys_file(), keys)

    def test_pidgin_otr(self):
        code = "9f1103c575253dc8504c47086e47656a5a17e9e9"
        self.check("pidgin-otr", [("bob@localhost", code)], [code])

    def test_profanity(self):
        code = "31cbce0a00cff0b5ea993d265e822eb5c28f78cb"
        self.check("profanity", [("bob@localhost", code)], [code])

    def test_irssi_whose_accounts_are_networks(self):
        code = "fda0b8adc54bdc1eb70ae5ab1b118ac7bd67b949"
        request = self.start(FOREIGN / "irssi")
        self.assertIn("test", request["secondary"])
        mine = [row for row in self.fields(request)["account1"]["items"] if IRC in row]
        self.check("irssi", [("bob", code)], [code], account=IRC,
                   answers=[{"fields": {"account1": mine}}])

    def test_adium(self):
        self.check("adium", [("bob@localhost", BOB), ("eve@localhost", EVE)], [BOB])

    def test_psi_whose_word_for_verified_is_translated(self):
        request = self.start(FOREIGN / "psi")
        self.assertIn("verifiziert", str(request["groups"]))
        self.check("psi", [("bob@localhost", BOB), ("eve@localhost", EVE)], [BOB])

    def test_psi_plus_which_has_its_accounts_in_another_folder(self):
        code = "6b41d12ef38398069b537271d41412d010219fb1"
        for given in ("", "/otr.fingerprints"):
            request = self.start(f"{FOREIGN}/psi-plus/.local/share/psi+/profiles/default{given}")
            self.assertIn("bob@localhost", str(request["groups"]))
        self.check("psi-plus/.local/share/psi+/profiles/default", [("bob@localhost", code)], [code])

    def test_tor_messenger(self):
        self.check("tor-messenger", [("bob@localhost", BOB), ("eve@localhost", EVE)], [BOB])

    def test_chatsecure_for_iphone_with_a_rejected_code(self):
        self.assertIn("rejected", self.start(FOREIGN / "chatsecure-ios")["secondary"])
        self.check("chatsecure-ios", [("bob@localhost", BOB), ("eve@localhost", EVE)], [BOB])

    def test_chatsecure_for_android(self):
        self.check("chatsecure-android", [("bob@localhost", BOB), ("eve@localhost", EVE)], [BOB])

    def test_gajim_without_its_pickles(self):
        self.assertIn("run what is in it", self.start(FOREIGN / "gajim")["secondary"])
        self.check("gajim", [("bob@localhost", BOB), ("eve@localhost", EVE)], [BOB])

    def test_weechat(self):
        self.check("weechat", [("bob", BOB), ("eve", EVE)], [BOB], account=IRC)

    def test_coyim(self):
        self.check("coyim", [("bob@localhost", BOB), ("eve@localhost", EVE),
                             ("eve@localhost", ZOE)], [BOB])

    def test_keysync_with_its_passphrase_and_without_its_marks(self):
        request = self.start(FOREIGN / "keysync")
        self.assertTrue(request["masked"])
        request = self.answer(request, value="wrong")
        self.assertIn("another one", request["secondary"])
        request = self.answer(request, value="correct horse")
        self.assertIn("KeySync marks what nobody has verified", str(request["groups"]))
        self.check("keysync", [("bob@localhost", BOB), ("eve@localhost", EVE)], [],
                   answers=[{"value": "correct horse"}])

    # --- own keys ---

    def test_an_own_key_is_taken_when_it_is_chosen(self):
        request = self.start(FOREIGN / "weechat")
        own = self.fields(request)["own"]["items"]
        self.assertIn(groups(OWN), own[0])
        self.assertIn("there is no key here yet", own[0])
        since = self.client.mark()
        self.client.answer(request, fields={"which": ["None of them"], "own": own})
        self.client.wait_for(lambda e: e["event"] == "notify" and "was imported" in e["primary"],
                             since=since)
        self.assertIn(IRC, self.keys_file())
        shown = self.start(FOREIGN / "weechat")
        self.assertNotIn("own", self.fields(shown))
        self.assertIn("1 is here already", shown["secondary"])

    def test_what_is_not_there_or_no_profile_is_said(self):
        folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.assertIn("no file or folder", self.start(folder / "none")["primary"])
        self.assertIn("no keys or codes", self.start(folder)["primary"])
        (folder / "otr.fingerprints").write_bytes(b"nothing of the kind")
        self.assertIn("cannot be understood", self.start(folder)["secondary"])
        (folder / "otr.fingerprints").chmod(0o666)
        self.assertIn("everybody on this computer", self.start(folder)["secondary"])

    def test_the_path_may_be_asked_for(self):
        for ask in (lambda: self.client.otr("bob@localhost", "import"),
                    lambda: self.client.call("plugin_action", plugin="core-otr-guard",
                                             label="Import from another program...")):
            request = self.shown_after(ask)
            self.assertEqual(request["type"], "input")
            shown = self.answer(request, value=str(FOREIGN / "adium"))
            self.assertIn("Import 2 codes?", shown["primary"])

    def test_a_file_that_everything_is_known_of_changes_nothing(self):
        self.take_codes(self.start(FOREIGN / "adium" / "otr.fingerprints"))
        shown = self.start(FOREIGN / "adium" / "otr.fingerprints")
        self.assertIn("nothing new", shown["primary"])
        self.assertIn("2 are here already", shown["secondary"])

    def test_only_the_chosen_codes_are_taken_and_undone(self):
        request = self.start(FOREIGN / "adium")
        rows = [row for row in self.fields(request)["keys"]["items"] if "eve" in row]
        shown = self.answer(request, fields={"keys": rows, "which": ["Those chosen above"]})
        known = self.fields(shown)
        self.assertEqual(len(known["keys"]["items"]), 1)
        self.answer(shown, fields={"action": ["Undo the last change"]})
        self.assertTrue(any("No code" in line
                            for line in self.client.otr("eve@localhost", "keys")))


class Export(ImportCase):
    """What is written can be imported again, and private keys are there only when chosen."""

    known = "".join(f"{name}@localhost\t{XMPP}\tprpl-jabber\t{code}\t{word}\n"
                    for name, code, word in (("bob", BOB, "smp"), ("eve", EVE, "")))

    def setUp(self):
        super().setUp()
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))

    def export(self, words, path, *written, what="The codes of others"):
        request = self.shown_after(
            lambda: self.client.otr("bob@localhost", f'export {words} "{path}"'))
        since = self.client.mark()
        self.client.answer(request, fields={"what": [what]})
        for file in written:
            self.client.wait_for(lambda e, file=file: e["event"] == "notify"
                                 and f"Written to {file}" in e["primary"], since=since)
            self.assertEqual(file.stat().st_mode & 0o777, 0o600)
        return request

    def test_for_coyim(self):
        file = self.folder / "accounts.json"
        request = self.export("coyim", file, file)
        self.assertNotIn("written over", request["secondary"])
        self.assertNotIn("PrivateKeys", file.read_text())
        self.assertIn("2 are here already", self.start(file)["secondary"])
        request = self.export("coyim", file, file, what="The codes of others, and my private keys")
        self.assertIn("written over", request["secondary"])
        self.assertIn("3 are here already", self.start(file)["secondary"])
        settings = json.loads(file.read_text())["Accounts"]
        self.assertEqual([account["Account"] for account in settings], ["alice@localhost"])
        marks = {peer["UserID"]: peer["Fingerprints"][0]["Trusted"]
                 for peer in settings[0]["Peers"]}
        self.assertEqual(marks, {"bob@localhost": True, "eve@localhost": False})

    def test_for_pidgin_otr(self):
        codes, keys = self.folder / "otr.fingerprints", self.folder / "otr.private_key"
        self.export("pidgin", self.folder, codes)
        self.assertEqual(sorted(codes.read_text().splitlines()), sorted(self.known.splitlines()))
        self.assertFalse(keys.exists())
        self.export("pidgin", self.folder, codes, keys,
                    what="The codes of others, and my private keys")
        self.assertIn(XMPP, keys.read_text())
        self.assertIn("3 are here already", self.start(self.folder)["secondary"])

    def test_the_own_profile_and_nonsense_are_refused(self):
        for path, text in ((self.client.profile, "itself uses"),
                           (self.folder / "none", "no folder")):
            shown = self.shown_after(lambda path=path: self.client.otr(
                "bob@localhost", f'export pidgin "{path}"'))
            self.assertIn(text, shown["primary"])
        for words in ("", "coyim", "psi x", "coyim a b"):
            with self.assertRaises(CommandError):
                self.client.otr("bob@localhost", f"export {words}")


class Conflicts(ImportCase):
    """Another code of bob's is known already, and verified."""

    known = f"bob@localhost\t{XMPP}\tprpl-jabber\t{ZOE}\tverified\n"

    def test_a_second_verified_code_is_not_taken_unasked(self):
        request = self.start(FOREIGN / "adium")
        which = self.fields(request)["which"]
        self.assertEqual(which["selected"], ["All that contradict nothing here"])
        self.assertIn("another code of theirs is verified here", str(request["groups"]))
        known = self.take_codes(request, "All that contradict nothing here")
        self.assertEqual(sorted(groups(code) in str(known) for code in (BOB, EVE, ZOE)),
                         [False, True, True])
        self.assertIn("verified", [row for row in known if groups(ZOE) in row][0])

    def test_an_own_key_is_replaced_only_after_another_question(self):
        old = self.my_code()
        for action, code in ((1, old), (0, groups(OWN))):
            request = self.start(FOREIGN / "coyim")
            own = self.fields(request)["own"]["items"]
            self.assertIn("replaces the key that is here", own[0])
            since = self.client.mark()
            self.client.answer(request, fields={"which": ["None of them"], "own": own})
            question = self.client.wait_request(type="action", since=since)
            self.assertIn("Replace the key of", question["primary"])
            self.client.answer(question, action=action)
            if action == 0:
                self.client.wait_for(
                    lambda e: e["event"] == "notify" and "was imported" in e["primary"],
                    since=since)
            self.assertEqual(self.my_code(), code)


if __name__ == "__main__":
    unittest.main()
