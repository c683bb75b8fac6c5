# SPDX-FileCopyrightText: OTR Guard contributors
# SPDX-License-Identifier: GPL-2.0-or-later
"""Menus and dialogs that every libpurple client draws, and what becomes of them when things change."""

import pathlib
import tempfile
import unittest

from otrtest.headless import CommandError
from otrtest.pairs import XmppPair

PLUGIN = "core-otr-guard"
TOP = "OTR Guard"


def labels(menu):
    """The entries of OTR Guard's menu."""
    return [entry["label"] for top in menu if top and top["label"] == TOP
            for entry in top["children"]]


class Dialogs(XmppPair):

    def prepare(self):
        super().prepare()
        self.make_private()

    def verify(self, way):
        """alice opens the dialog and chooses a way; returns the next dialog, if there is one."""
        since = self.alice.mark()
        self.alice.menu_activate(self.bob_name, TOP, "Verify...")
        choice = self.alice.wait_request(type="choice", since=since)
        since = self.alice.mark()
        self.alice.answer(choice, value=way)
        return since

    def bobs_question(self, text):
        since = self.bob.mark()
        self.alice.otr(self.bob_name, f'question "{text}" "in Lisbon"')
        self.bob.wait_system(text, since=since)
        since = self.bob.mark()
        self.bob.menu_activate(self.alice_name, TOP, "Answer question...")
        return self.bob.wait_request(type="input", since=since)

    def is_closed(self, client, request, since=0):
        client.wait_for({"event": "request_closed", "request": request["request"]}, since=since)

    # --- menus ---

    def test_menus_offer_what_can_be_done_now(self):
        for menu in (self.alice.conversation_menu(self.bob_name),
                     self.alice.buddy_menu(self.bob_name)):
            self.assertEqual(labels(menu), ["Refresh private conversation",
                                            "End private conversation", "Verify...",
                                            "Send file...", "OnionShare", "When it is private",
                                            "Settings...", "What this means", "Help"])
        self.alice.menu_activate(self.bob_name, TOP, "End private conversation")
        self.bob.wait_otr_status(self.alice_name, state="finished")
        self.assertEqual(labels(self.alice.conversation_menu(self.bob_name)),
                         ["Start private conversation", "When it is private", "Settings...",
                          "What this means", "Help"])
        self.bob.send(self.alice_name, "waits")
        self.assertIn("Discard what waits", labels(self.bob.conversation_menu(self.alice_name)))
        self.bob.menu_activate(self.alice_name, TOP, "Discard what waits")
        self.assertEqual(self.bob.otr_status(self.alice_name)["queued"], "0")

    def test_help_comes_with_the_program(self):
        for opens, title, words in (
                (lambda: self.alice.menu_activate(self.bob_name, TOP, "Help"),
                 "The conversation", "could read everything"),
                (lambda: self.alice.call("plugin_action", plugin=PLUGIN, label="Help"),
                 "OTR Guard", "Authenticate buddy: <b>Verify...</b>")):
            since = self.alice.mark()
            opens()
            shown = self.alice.wait_for({"event": "notify", "type": "formatted"}, since=since)
            self.assertEqual(shown["primary"], title)
            self.assertIn(words, shown["html"])
            self.assertNotIn("<a ", shown["html"])

    def test_policy_menu_changes_this_buddy(self):
        self.alice.menu_activate(self.bob_name, TOP, "When it is private", "Only private",
                                 menu="buddy")
        self.assertEqual(self.alice.otr_status(self.bob_name)["policy"], "always")
        self.alice.menu_activate(self.bob_name, TOP, "When it is private", "As with everybody else")
        self.assertEqual(self.alice.otr_status(self.bob_name)["policy"], "opportunistic")

    # --- verifying ---

    def test_question_and_answer_by_dialogs(self):
        since = self.verify(2)
        fields = self.alice.wait_request(type="fields", since=since)
        heard = self.bob.mark()
        self.alice.answer(fields, fields={"question": "Where <b>did</b> we meet?",
                                          "answer": "in Lisbon"})
        self.bob.wait_system("Where <b>did</b> we meet?", since=heard)
        self.assertIn("Answer question...", labels(self.bob.conversation_menu(self.alice_name)))
        since = self.bob.mark()
        self.bob.menu_activate(self.alice_name, TOP, "Answer question...")
        question = self.bob.wait_request(type="input", since=since)
        self.assertIn("Where <b>did</b> we meet?", question["secondary"])
        self.assertIn("Asked by", question["secondary"])
        self.assertFalse(question["masked"])
        self.bob.answer(question, value="in Lisbon")
        self.alice.wait_otr_status(self.bob_name, verified="yes")
        self.assertEqual(self.bob.otr_status(self.alice_name)["verified"], "no")

    def test_shared_secret_by_dialogs(self):
        since = self.verify(3)
        secret = self.alice.wait_request(type="input", since=since)
        self.assertTrue(secret["masked"])
        self.alice.answer(secret, value="correct horse")
        self.bob.wait_otr_status(self.alice_name, verification="asked")
        since = self.bob.mark()
        self.bob.menu_activate(self.alice_name, TOP, "Answer question...")
        request = self.bob.wait_request(type="input", since=since)
        self.assertTrue(request["masked"])
        self.bob.answer(request, value="correct horse")
        self.alice.wait_otr_status(self.bob_name, verified="yes")
        self.bob.wait_otr_status(self.alice_name, verified="yes")

    def test_a_pin_is_shown_in_the_conversation(self):
        since = self.verify(0)
        self.alice.wait_system("Your PIN for", since=since)

    def test_a_pasted_code_is_asked_for_again_when_it_is_none(self):
        since = self.verify(1)
        request = self.alice.wait_request(type="input", since=since)
        since = self.alice.mark()
        self.alice.answer(request, value="no code at all")
        request = self.alice.wait_request(type="input", since=since)
        self.assertIn("not exactly one whole code", request["secondary"])
        code = self.bob.otr_status(self.alice_name)["my fingerprint"]
        self.alice.answer(request, value=f"Bob's code:\n{code}")
        self.assertEqual(self.alice.otr_status(self.bob_name)["verified"], "yes")

    def test_codes_are_compared_by_hand(self):
        since = self.verify(4)
        request = self.alice.wait_request(type="action", since=since)
        self.assertIn(self.bob.otr_status(self.alice_name)["my fingerprint"], request["secondary"])
        self.alice.answer(request, action=0)
        self.assertEqual(self.alice.otr_status(self.bob_name)["verified"], "yes")
        since = self.verify(4)
        request = self.alice.wait_request(type="action", since=since)
        since = self.alice.mark()
        self.alice.answer(request, action=1)
        self.assertEqual(self.alice.otr_status(self.bob_name)["verified"], "no")
        self.alice.send(self.bob_name, "not for whoever that is")
        self.assertEqual(self.alice.otr_status(self.bob_name)["queued"], "1")
        self.alice.answer(self.alice.wait_request(type="action", since=since), action=0)
        self.assertEqual(self.alice.otr_status(self.bob_name)["state"], "plaintext")

    def test_without_a_private_conversation_one_is_offered(self):
        self.alice.otr(self.bob_name, "end")
        since = self.alice.mark()
        self.alice.otr(self.bob_name, "verify")
        self.alice.answer(self.alice.wait_request(type="action", since=since), action=1)
        self.wait_private()

    # --- what changes meanwhile ---

    def test_dialogs_close_when_the_private_conversation_ends(self):
        since = self.verify(2)
        fields = self.alice.wait_request(type="fields", since=since)
        question = self.bobs_question("Where did we meet?")
        self.alice.otr(self.bob_name, "end")
        self.is_closed(self.alice, fields)
        self.is_closed(self.bob, question)

    def test_a_withdrawn_question_closes_its_dialog(self):
        question = self.bobs_question("Where did we meet?")
        self.alice.otr(self.bob_name, "abort")
        self.is_closed(self.bob, question)

    def test_nobody_is_asked_by_a_window_that_a_peer_opens(self):
        since = self.bob.mark()
        self.alice.otr(self.bob_name, 'question "Who are you?" "me"')
        self.bob.wait_system("Who are you?", since=since)
        self.assertEqual(self.bob.call("requests"), [])

    def test_an_empty_answer_is_not_sent(self):
        question = self.bobs_question("Where did we meet?")
        self.bob.answer(question, value="")
        self.assertEqual(self.bob.otr_status(self.alice_name)["verification"], "asked")

    def test_unloading_closes_all_dialogs(self):
        self.verify(2)
        self.alice.menu_activate(self.bob_name, TOP, "Settings...")
        self.assertEqual(len(self.alice.call("requests")), 2)
        self.alice.call("unload_plugin", plugin=PLUGIN)
        self.assertEqual(self.alice.call("requests"), [])
        self.assertEqual(labels(self.alice.conversation_menu(self.bob_name)), [])
        status, _, _ = self.alice.command(self.bob_name, "/otr status")
        self.assertEqual(status, "not_found")
        self.alice.call("load_plugin", file=self.alice.plugins[0])
        self.assertEqual(self.alice.otr_status(self.bob_name)["state"], "plaintext")

    # --- keys and settings ---

    def known_keys(self):
        since = self.alice.mark()
        self.alice.call("plugin_action", plugin=PLUGIN, label="Known codes...")
        request = self.alice.wait_request(type="fields", since=since)
        fields = {field["id"]: field for group in request["groups"] for field in group["fields"]}
        return request, [item for item in fields["keys"]["items"]]

    def test_known_codes_can_be_taken_back_and_forgotten(self):
        self.alice.otr(self.bob_name, "trust")
        request, keys = self.known_keys()
        self.assertEqual(len(keys), 1)
        self.assertIn("verified by comparing the codes on 20", keys[0])
        since = self.alice.mark()
        self.alice.answer(request, fields={"keys": keys, "action": ["No longer verified"]})
        self.assertEqual(self.alice.otr_status(self.bob_name)["verified"], "no")
        request = self.alice.wait_request(type="fields", since=since)
        fields = {field["id"]: field for group in request["groups"] for field in group["fields"]}
        since = self.alice.mark()
        self.alice.answer(request, fields={"keys": fields["keys"]["items"], "action": ["Forget"]})
        self.alice.wait_for(lambda e: e["event"] == "notify" and "in use" in e["primary"],
                            since=since)
        self.alice.otr(self.bob_name, "end")
        request, keys = self.known_keys()
        self.alice.answer(request, fields={"keys": keys, "action": ["Forget"]})
        self.assertTrue(any("No code" in line for line in self.alice.otr(self.bob_name, "keys")))

    def act_on_keys(self, request, action, keys=()):
        """Answers the list; returns what is shown next."""
        since = self.alice.mark()
        self.alice.answer(request, fields={"keys": list(keys), "action": [action]})
        return self.alice.wait_for(lambda e: e["event"] in ("request", "notify"), since=since)

    def test_forgotten_codes_come_back_by_undo_or_from_a_file(self):
        self.alice.otr(self.bob_name, "trust")
        self.alice.otr(self.bob_name, "end")
        folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        request, keys = self.known_keys()
        shown = self.act_on_keys(request, "Forget", keys)
        self.assertIn("1 code was updated", shown["secondary"])
        shown = self.act_on_keys(shown, "Undo the last change")
        self.assertIn("1 code was updated", shown["secondary"])
        self.assertIn("verified by comparing", str(shown["groups"]))
        for name in ("codes.json", "otr.fingerprints"):
            with self.subTest(name):
                request, keys = self.known_keys()
                chooser = self.act_on_keys(request, "Export to a file", keys)
                self.assertEqual(chooser["type"], "file")
                since = self.alice.mark()
                self.alice.answer(chooser, value=str(folder / name))
                self.alice.wait_for(
                    lambda e: e["event"] == "notify" and "Written to" in e["primary"], since=since)
                self.assertEqual((folder / name).stat().st_mode & 0o777, 0o600)
                request, keys = self.known_keys()
                self.act_on_keys(request, "Forget", keys)
                self.import_file(folder / name, "new, and verified")
                self.assertIn("verified in another program on 20", self.known_keys()[1][0])

    def import_file(self, path, effect):
        since = self.alice.mark()
        self.alice.call("plugin_action", plugin=PLUGIN, label="Known codes...")
        empty = self.alice.wait_request(type="action", since=since)
        since = self.alice.mark()
        self.alice.answer(empty, 0)
        chooser = self.alice.wait_request(type="file", since=since)
        since = self.alice.mark()
        self.alice.answer(chooser, value=str(path))
        offer = self.alice.wait_request(type="fields", since=since)
        self.assertIn(effect, str(offer["groups"]))
        since = self.alice.mark()
        self.alice.answer(offer, fields={"which": ["All of them"]})
        shown = self.alice.wait_request(type="fields", since=since)
        self.assertIn("1 code was imported", shown["secondary"])

    # --- own keys ---

    def own_keys(self):
        since = self.alice.mark()
        self.alice.call("plugin_action", plugin=PLUGIN, label="My codes...")
        request = self.alice.wait_request(type="fields", since=since)
        fields = {field["id"]: field for group in request["groups"] for field in group["fields"]}
        return request, fields["accounts"]["items"]

    def act_on_own_key(self, action):
        """What is shown after an action on the only account."""
        request, accounts = self.own_keys()
        since = self.alice.mark()
        self.alice.answer(request, fields={"accounts": accounts, "action": [action]})
        return self.alice.wait_for(lambda e: e["event"] in ("request", "notify"), since=since)

    def answer_and_wait(self, request, text, **answer):
        """Answers; returns the next dialog or notice, which holds `text`."""
        since = self.alice.mark()
        self.alice.answer(request, **answer)
        return self.alice.wait_for(
            lambda e: e["event"] in ("request", "notify")
            and text in f"{e.get('primary')} {e.get('secondary')}", since=since)

    def my_code(self):
        return self.alice.otr_status(self.bob_name)["my fingerprint"]

    def export_key(self, path, passphrase):
        request = self.act_on_own_key("Export under a passphrase")
        fields = [field for group in request["groups"] for field in group["fields"]]
        self.assertTrue(all(field["masked"] for field in fields))
        chooser = self.answer_and_wait(request, "", fields={"passphrase": passphrase,
                                                            "again": passphrase})
        self.assertEqual(chooser["type"], "file")
        self.answer_and_wait(chooser, "Written to", value=str(path))

    def test_own_codes_are_shown(self):
        _, accounts = self.own_keys()
        self.assertEqual(len(accounts), 1)
        self.assertIn(self.my_code(), accounts[0])
        self.assertIn("used with 1 person", accounts[0])
        shown = self.act_on_own_key("Show the code")
        self.assertEqual(shown["type"], "formatted")
        self.assertIn(self.my_code(), str(shown))
        self.assertIn("xmpp:", str(shown))

    def test_a_new_key_ends_private_conversations_and_nothing_goes_out_in_clear(self):
        old = self.my_code()
        request = self.act_on_own_key("Make a new key")
        self.assertIn("verify you again (1 person", request["secondary"])
        self.alice.answer(request, action=1)  # cancelled
        self.assertEqual(self.my_code(), old)
        request = self.act_on_own_key("Make a new key")
        told = self.alice.mark()
        self.answer_and_wait(request, "was made", action=0)
        self.alice.wait_system("has ended, because your key for this account changes", since=told)
        new = self.my_code()
        self.assertNotEqual(new, old)
        self.bob.wait_otr_status(self.alice_name, state="finished")
        self.alice.send(self.bob_name, "only for Bob")
        self.bob.wait_otr_status(self.alice_name, state="private")
        self.assertEqual(self.bob.otr_status(self.alice_name)["their fingerprint"], new)
        self.bob.wait_message("only for Bob")
        self.assertIn("made on 20", self.own_keys()[1][0])

    def test_an_exported_key_comes_back_under_its_passphrase(self):
        old = self.my_code()
        path = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory())) / "key.json"
        self.export_key(path, "lamp frost violin carpet ocean")
        self.assertEqual(path.stat().st_mode & 0o777, 0o600)
        self.assertNotIn("private-key", path.read_text())
        request = self.act_on_own_key("Delete the key")
        self.assertIn("a new one is made", request["secondary"])
        self.answer_and_wait(request, "was deleted", action=0)
        self.assertIn("no key yet", self.own_keys()[1][0])
        self.assertIn("was made", self.act_on_own_key("Make a new key")["primary"])
        self.assertNotEqual(self.my_code(), old)

        request = self.answer_and_wait(self.act_on_own_key("Import from a file"), old,
                                       value=str(path))
        fields = {field["id"]: field for group in request["groups"] for field in group["fields"]}
        self.assertTrue(fields["passphrase"]["masked"])
        self.assertEqual(fields["accounts"]["selected"], fields["accounts"]["items"])
        request = self.answer_and_wait(request, "which the imported one replaces",
                                       fields={"passphrase": "something else"})
        request = self.answer_and_wait(request, "passphrase is another one", action=0)
        request = self.answer_and_wait(request, "which the imported one replaces",
                                       fields={"passphrase": "lamp frost violin carpet ocean"})
        self.answer_and_wait(request, "was imported", action=0)
        self.assertEqual(self.my_code(), old)
        self.assertIn("imported on 20", self.own_keys()[1][0])

    def test_passphrases_are_typed_twice_and_weak_ones_are_questioned(self):
        request = self.act_on_own_key("Export under a passphrase")
        request = self.answer_and_wait(request, "not the same",
                                       fields={"passphrase": "long enough", "again": "Long enough"})
        request = self.answer_and_wait(request, "at least eight",
                                       fields={"passphrase": "short", "again": "short"})
        request = self.answer_and_wait(request, "easy to guess",
                                       fields={"passphrase": "password", "again": "password"})
        self.assertEqual(request["type"], "action")

    def test_files_that_are_no_keys_are_refused(self):
        folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        for name, text, problem in (("a", "nothing", "not an exported key"),
                                    ("b", '{"otr-guard-key": 2}', "later version"),
                                    ("c", "x" * 70000, "cannot be read")):
            (folder / name).write_text(text)
            self.answer_and_wait(self.act_on_own_key("Import from a file"), problem,
                                 value=str(folder / name))
        self.answer_and_wait(self.act_on_own_key("Import from a file"), "cannot be read",
                             value=str(folder / "none"))

    def settings(self, fields):
        since = self.alice.mark()
        self.alice.menu_activate(self.bob_name, TOP, "Settings...")
        self.alice.answer(self.alice.wait_request(type="fields", since=since), fields=fields)

    def test_settings_of_a_buddy(self):
        code = self.bob.otr_status(self.alice_name)["my fingerprint"]
        self.settings({"policy": ["Only private"], "logging": ["Logged without the text"],
                       "expected": code})
        status = self.alice.otr_status(self.bob_name)
        self.assertEqual((status["policy"], status["logging"], status["expected"]),
                         ("always", "redacted", code))
        since = self.alice.mark()
        self.settings({"expected": "nothing of the kind"})
        self.alice.wait_for({"event": "notify"}, since=since)
        self.assertEqual(self.alice.otr_status(self.bob_name)["expected"], code)
        self.settings({"expected": ""})
        self.assertEqual(self.alice.otr_status(self.bob_name)["expected"], "none")

    def test_settings_of_the_account_apply_below_those_of_the_buddy(self):
        since = self.alice.mark()
        self.alice.call("plugin_action", plugin=PLUGIN, label="Account settings...")
        self.alice.answer(self.alice.wait_request(type="fields", since=since),
                          fields={"policy": ["Only private and verified"]})
        self.assertEqual(self.alice.otr_status(self.bob_name)["policy"], "verified")
        self.alice.otr(self.bob_name, "policy manual")
        self.assertEqual(self.alice.otr_status(self.bob_name)["policy"], "manual")
        self.alice.otr(self.bob_name, "policy default")
        self.assertEqual(self.alice.otr_status(self.bob_name)["policy"], "verified")

    def test_preferences_have_words_for_all_choices(self):
        prefs = {pref["name"]: pref
                 for pref in self.alice.call("plugin_prefs", plugin=PLUGIN) if pref["name"]}
        root = "/plugins/core/otr-guard/"
        self.assertEqual([choice["value"] for choice in prefs[root + "policy"]["choices"]],
                         ["never", "manual", "opportunistic", "known", "always", "verified"])
        self.assertEqual([choice["value"] for choice in prefs[root + "logging"]["choices"]],
                         ["off", "redacted", "on"])
        self.assertIn(root + "goodbye", prefs)

    # --- the command ---

    def test_wrong_commands_send_nothing_and_say_why(self):
        for words in ("nonsense secret", "secret", 'secret "open', "question one", "session 99",
                      "session x", "queue burn", "policy sometimes", "code 1234", "forget 1234",
                      "expect 1234", "trust 1234"):
            with self.subTest(words), self.assertRaises(CommandError):
                self.alice.otr(self.bob_name, words)
        self.say(self.alice, self.bob_name, self.bob, "afterwards")
        self.assertEqual(self.bob.received()[-1], "afterwards")

    def test_a_command_alone_tells_where_to_read_on(self):
        status, _, lines = self.alice.command(self.bob_name, "/otr")
        self.assertEqual(status, "ok")
        self.assertIn("/otr help", "\n".join(lines))
        self.assertIn("not verified", "\n".join(lines))

    def test_own_code_cannot_be_expected_or_trusted(self):
        code = self.alice.otr_status(self.bob_name)["my fingerprint"]
        for verb in ("trust", "expect"):
            with self.assertRaises(CommandError):
                self.alice.otr(self.bob_name, f"{verb} {code}")

    def test_status_has_one_key_and_value_per_line(self):
        lines = self.alice.otr(self.bob_name, "status")
        keys = [line.split(": ")[0] for line in lines]
        self.assertEqual(keys[:8], ["state", "verified", "protocol version", "their fingerprint",
                                    "my fingerprint", "policy", "sessions", "queued"])
        self.assertEqual(len(set(keys)), len(keys))


if __name__ == "__main__":
    unittest.main()
