# SPDX-FileCopyrightText: OTR Guard contributors
# SPDX-License-Identifier: GPL-2.0-or-later
"""What the user must be able to rely on, on the real libpurple with a real server between."""

import unittest

from otrtest import attacks
from otrtest.pairs import XmppPair
from otrtest.waiting import wait_until
from otrtest.wire import TO_CLIENT, TO_SERVER


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


class ScriptedDowngrade(XmppPair):
    """A server asks alice in bob's name, and answers what her program begins then: with bob's
    instance tag, which everybody on the way can read, and without any key of his. By itself libotr
    is in plain text after that, and says nothing."""

    POLICIES = ("manual", "opportunistic", "known", "always", "verified")

    def test_nothing_typed_meanwhile_leaves_in_clear_under_any_policy(self):
        for policy in self.POLICIES:
            with self.subTest(policy):
                self.make_private()
                self.alice.otr(self.bob_name, "trust")
                self.alice.otr(self.bob_name, f"policy {policy}")
                since = self.bob.mark()
                typed = self.type_around_the_attack(policy)
                self.bob.wait_message(typed[0], since=since)
                self.assertEqual(self.alice.otr_status(self.bob_name)["queued"], "2")
                if policy == self.POLICIES[-1]:
                    self.bob.wait_message(typed[-1], since=since, timeout=60)
                    self.assertEqual(self.bob.received(since)[1:], typed)
                else:
                    self.alice.otr(self.bob_name, "queue discard")
                    self.alice.otr(self.bob_name, "end")
                self.assert_never_in_clear(*typed)

    def type_around_the_attack(self, policy):
        wire = self.wires["alice"]
        typed = [f"{policy}: {when}" for when in ("in between", "afterwards", "at last")]
        self.say(self.alice, self.bob_name, self.bob, f"{policy}: before")
        tag_of_alice, tag_of_bob = attacks.instance_tags(
            [body for body in wire.bodies(TO_SERVER) if attacks.kind_of(body) == attacks.DATA][-1])
        commits = self.commits()
        wire.filter = self.keep_commits_of_alice
        wire.inject(TO_CLIENT, attacks.stanza(self.bob_name, self.alice_name, "?OTRv3?"))
        wait_until(lambda: self.commits() > commits, what="alice's answer to the query")
        self.alice.send(self.bob_name, typed[0])
        wire.inject(TO_CLIENT, attacks.stanza(self.bob_name, self.alice_name,
                                              attacks.d_h_key(tag_of_bob, tag_of_alice)))
        self.alice.wait_otr_status(self.bob_name, state="private", hold="interrupted")
        wire.filter = None
        for text in typed[1:]:
            self.alice.send(self.bob_name, text)
        return typed

    def commits(self):
        return sum(attacks.kind_of(body) == attacks.D_H_COMMIT
                   for body in self.wires["alice"].bodies(TO_SERVER))

    @staticmethod
    def keep_commits_of_alice(unit):
        """So that bob's own answer does not come first."""
        text = attacks.body_of(unit.data)
        is_commit = text is not None and attacks.kind_of(text) == attacks.D_H_COMMIT
        return b"" if unit.direction == TO_SERVER and is_commit else None


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


class Goodbyes:
    """Mixin: every way in which alice's side of a private conversation can go away."""

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

    def test_when_the_user_ends_it(self):
        self.make_private()
        self.alice.otr(self.bob_name, "end")
        self.assert_goodbye()

    def test_when_the_client_quits(self):
        self.make_private()
        self.assertTrue(self.alice.ended_well(self.alice.quit()))
        self.assert_goodbye()


class Goodbye(Goodbyes, XmppPair):

    def test_who_unloads_the_plugin_is_told_that_nothing_is_held_any_more(self):
        self.make_private()
        since = self.alice.mark()
        self.alice.call("unload_plugin", plugin="core-otr-guard")
        self.alice.wait_system("What you type from now on can be read on the way", since=since)
        self.assertEqual([line["text"] for line in self.alice.messages("system", since)
                          if "waits" in line["text"]], [])

    def test_waiting_text_goes_with_the_plugin_and_its_author_is_told(self):
        self.make_private()
        self.bob.otr(self.alice_name, "end")
        self.alice.wait_otr_status(self.bob_name, state="finished")
        self.alice.send(self.bob_name, "never to be sent")
        since = self.alice.mark()
        self.alice.call("unload_plugin", plugin="core-otr-guard")
        self.alice.wait_system("1 message to Bob was discarded", since=since)
        self.alice.call("load_plugin", file=self.alice.plugins[0])
        self.alice.otr(self.bob_name, "start")
        self.wait_private()
        self.say(self.alice, self.bob_name, self.bob, "after that")
        self.assertEqual([text for text in self.bob.received() if "never to be" in text], [])
        self.assert_never_in_clear("never to be sent")

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


class GoodbyeToStrangers(Goodbyes, XmppPair):
    are_buddies = False


class Strangers(XmppPair):
    are_buddies = False

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

    def test_nor_while_something_of_ours_is_being_sent(self):
        self.make_private()
        since = self.bob.mark()
        self.alice.send_inside(self.bob_name, "from inside another plugin")
        self.alice.otr(self.bob_name, "refresh")  # which is sent past the conversation
        self.bob.wait_message("from inside another plugin", since=since)
        self.say(self.alice, self.bob_name, self.bob, "still private")
        self.assert_never_in_clear("from inside another plugin")


class Policies(XmppPair):

    def test_switching_otr_off_ends_the_session_first(self):
        self.make_private()
        self.alice.otr(self.bob_name, "policy never")
        self.bob.wait_otr_status(self.alice_name, state="finished")
        self.assertEqual(self.alice.otr_status(self.bob_name)["state"], "plaintext")

    def test_switching_otr_off_for_everybody_or_an_account_ends_sessions_first(self):
        for switch_off, undo in ((lambda: self.choose_for_all("never"),
                                  lambda: self.choose_for_all("opportunistic")),
                                 (lambda: self.choose_for_account("Never private"),
                                  lambda: self.choose_for_account("Private when somebody asks for it"))):
            self.make_private()
            since = self.alice.mark()
            switch_off()
            self.alice.wait_system("was ended on your side", since=since)
            self.bob.wait_otr_status(self.alice_name, state="finished")
            status = self.alice.otr_status(self.bob_name)
            self.assertEqual((status["policy"], status["state"]), ("never", "plaintext"))
            undo()

    def choose_for_all(self, policy):
        self.alice.call("set_pref", name="/plugins/core/otr-guard/policy", value=policy)

    def choose_for_account(self, label):
        since = self.alice.mark()
        self.alice.call("plugin_action", plugin="core-otr-guard", label="Account settings...")
        self.alice.answer(self.alice.wait_request(type="fields", since=since),
                          fields={"policy": [label]})

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
