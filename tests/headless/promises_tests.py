# SPDX-FileCopyrightText: OTR Guard contributors
# SPDX-License-Identifier: GPL-2.0-or-later
"""What the user must be able to rely on, on the real libpurple with a real server between."""

import time
import unittest

from otrtest.pairs import XmppPair


class NoSilentDowngrade(XmppPair):

    def test_text_typed_while_a_refresh_is_held_back_never_leaves_in_clear(self):
        self.make_private()
        wire = self.wires["alice"]
        since = self.bob.mark()
        self.alice.otr(self.bob_name, "refresh")
        # Everything that comes back is late: the key exchange is half done while alice types.
        wire.hold("to-client")
        for number in range(3):
            self.alice.send(self.bob_name, f"typed in between {number}")
        wire.release()
        for number in range(3):
            self.bob.wait_message(f"typed in between {number}", since=since, timeout=40)
        shown = [text for text in self.bob.received(since) if "typed in between" in text]
        self.assertEqual(shown, [f"typed in between {number}" for number in range(3)])
        self.assert_never_in_clear("typed in between")


class NoCommandInClear(XmppPair):

    def test_a_command_behind_something_invisible_does_not_leave(self):
        since = self.alice.mark()
        for typed in ("\u200f/otr secret horse", " /otr secret horse"):
            self.alice.send(self.bob_name, typed)
        self.alice.wait_system("looks like a command of OTR Guard", since=since)
        self.alice.send(self.bob_name, "an ordinary line")
        self.bob.wait_message("an ordinary line")
        self.assert_never_in_clear("horse")


class NoLostText(XmppPair):

    def test_three_messages_typed_before_the_session_arrive_in_order_and_once(self):
        self.alice.call("open_conversation", account=self.alice.account, to=self.bob_name)
        self.alice.otr(self.bob_name, "policy always")
        since = self.bob.mark()
        for number in range(3):
            self.alice.send(self.bob_name, f"waiting text {number}")
        self.bob.wait_message("waiting text 2", since=since, timeout=30)
        shown = [text for text in self.bob.received(since) if "waiting text" in text]
        self.assertEqual(shown, [f"waiting text {number}" for number in range(3)])
        self.assert_never_in_clear("waiting text")

    def test_text_typed_after_the_goodbye_is_kept_and_sent_after_a_restart(self):
        self.make_private()
        self.bob.otr(self.alice_name, "end")
        self.alice.wait_otr_status(self.bob_name, state="finished")
        since = self.bob.mark()
        self.alice.send(self.bob_name, "kept for later")
        self.assertEqual(self.alice.otr_status(self.bob_name)["queued"], "1")
        self.alice.otr(self.bob_name, "start")
        self.bob.wait_message("kept for later", since=since, timeout=30)
        self.assertEqual(self.alice.otr_status(self.bob_name)["queued"], "0")
        self.assert_never_in_clear("kept for later")

    def test_waiting_text_can_be_discarded(self):
        self.make_private()
        self.bob.otr(self.alice_name, "end")
        self.alice.wait_otr_status(self.bob_name, state="finished")
        since = self.bob.mark()
        self.alice.send(self.bob_name, "better not")
        self.assertTrue(any("better not" in line
                            for line in self.alice.otr(self.bob_name, "queue")))
        self.alice.otr(self.bob_name, "queue discard")
        self.alice.otr(self.bob_name, "start")
        self.wait_private()
        self.say(self.alice, self.bob_name, self.bob, "only this")
        self.assertEqual([text for text in self.bob.received(since) if "better" in text], [])


class Goodbye(XmppPair):

    def assert_goodbye(self):
        self.bob.wait_otr_status(self.alice_name, state="finished")

    def test_when_the_account_signs_off(self):
        self.make_private()
        self.alice.disconnect()
        self.assert_goodbye()

    def test_when_the_account_is_switched_off(self):
        self.make_private()
        self.alice.enable(False)
        self.assert_goodbye()

    def test_when_the_plugin_is_unloaded(self):
        self.make_private()
        self.alice.call("unload_plugin", plugin="core-otr-guard")
        self.assert_goodbye()

    def test_when_the_client_quits(self):
        self.make_private()
        self.assertTrue(self.alice.ended_well(self.alice.quit()))
        self.assert_goodbye()

    def test_to_somebody_who_is_not_on_the_buddy_list(self):
        self.server.roster = False
        stranger = Strangers("test_nothing")
        stranger.setUp()
        try:
            stranger.make_private()
            stranger.alice.quit()
            stranger.bob.wait_otr_status(stranger.alice_name, state="finished")
        finally:
            stranger.doCleanups()

    def test_text_typed_after_the_account_came_back_is_not_sent_in_clear(self):
        self.make_private()
        self.alice.disconnect()
        self.assert_goodbye()
        self.alice.connect()
        self.alice.wait_buddy_online(self.bob_name)
        since = self.bob.mark()
        self.alice.send(self.bob_name, "still between us")
        self.bob.wait_message("still between us", since=since, timeout=30)
        self.assert_never_in_clear("still between us")


class Strangers(XmppPair):

    def prepare(self):
        self.alice = self.make_client("alice")
        self.bob = self.make_client("bob")

    def setUp(self):
        from otrtest.servers import Prosody
        import contextlib
        from otrtest.wire import xmpp_wire
        self._stack = contextlib.ExitStack()
        self.addCleanup(self._stack.close)
        self.server = self._stack.enter_context(Prosody(self.users, roster=False))
        self.wires = {user: self._stack.enter_context(xmpp_wire(self.server))
                      for user in self.users}
        self.prepare()

    def test_nothing(self):
        """Only the fixture is used."""

    def test_a_query_of_a_stranger_opens_no_conversation(self):
        since = self.bob.mark()
        self.alice.call("open_conversation", account=self.alice.account, to=self.bob_name)
        self.alice.otr(self.bob_name, "start")
        self.alice.wait_otr_status(self.bob_name, state="private")
        self.alice.otr(self.bob_name, 'question "who are you" "me"')
        self.say(self.alice, self.bob_name, self.bob, "first words")
        created = [event for event in self.bob.events[since:]
                   if event["event"] == "conversation_created"]
        shown = [event for event in self.bob.events if event["event"] not in ("row", "announced")]
        first_words = next(index for index, event in enumerate(shown)
                           if event["event"] == "message" and "first words" in event["text"])
        self.assertEqual(len(created), 1)
        # Between the two are the lines that were kept for it.
        self.assertLess(abs(shown.index(created[0]) - first_words), 6)
        requests = [event for event in self.bob.events[since:] if event["event"] == "request"]
        self.assertEqual(requests, [])


class AutomaticReplies(XmppPair):

    def test_they_follow_the_state_of_the_conversation(self):
        self.make_private()
        since = self.bob.mark()
        self.alice.raw_serv_send_im(self.bob_name, "I am out for lunch", flags=["auto_resp"])
        self.bob.wait_message("I am out for lunch", since=since)
        self.assert_never_in_clear("I am out for lunch")

    def test_they_are_not_sent_when_they_cannot_be_private(self):
        self.make_private()
        self.bob.otr(self.alice_name, "end")
        self.alice.wait_otr_status(self.bob_name, state="finished")
        since = self.bob.mark()
        self.alice.raw_serv_send_im(self.bob_name, "I am at the lawyer", flags=["auto_resp"])
        self.alice.otr(self.bob_name, "end")
        self.say(self.alice, self.bob_name, self.bob, "in clear on purpose")
        self.assertEqual([text for text in self.bob.received(since) if "lawyer" in text], [])
        self.assert_never_in_clear("I am at the lawyer")

    def test_other_plugins_cannot_send_in_clear_by_accident(self):
        self.make_private()
        since = self.bob.mark()
        self.alice.raw_serv_send_im(self.bob_name, "from another plugin")
        self.bob.wait_message("from another plugin", since=since)
        self.assert_never_in_clear("from another plugin")


class Policies(XmppPair):

    def test_switching_otr_off_ends_the_session_first(self):
        self.make_private()
        self.alice.otr(self.bob_name, "policy never")
        self.bob.wait_otr_status(self.alice_name, state="finished")
        self.assertEqual(self.alice.otr_status(self.bob_name)["state"], "plaintext")

    def test_verified_holds_text_until_the_key_is_verified(self):
        self.make_private()
        self.alice.otr(self.bob_name, "policy verified")
        since = self.bob.mark()
        self.alice.send(self.bob_name, "only if it is really you")
        self.assertEqual(self.alice.otr_status(self.bob_name)["queued"], "1")
        self.alice.otr(self.bob_name, "trust")
        self.bob.wait_message("only if it is really you", since=since)
        self.assert_never_in_clear("only if it is really you")

    def test_an_expected_key_refuses_any_other(self):
        self.alice.call("open_conversation", account=self.alice.account, to=self.bob_name)
        self.alice.otr(self.bob_name, "expect " + "0123456789abcdef0123456789abcdef01234567")
        since = self.alice.mark()
        self.alice.send(self.bob_name, "for the holder of that key alone")
        self.alice.wait_system("01234567 89ABCDEF", since=since, timeout=30)
        self.assertEqual(self.alice.otr_status(self.bob_name)["queued"], "1")
        self.assert_never_in_clear("for the holder of that key alone")


if __name__ == "__main__":
    unittest.main()
