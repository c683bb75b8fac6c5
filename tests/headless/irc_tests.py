# SPDX-FileCopyrightText: OTR Guard contributors
# SPDX-License-Identifier: GPL-2.0-or-later
"""Private conversations where a line is 512 bytes: fragments, long texts, /me."""

import unittest

from otrtest.pairs import IrcPair


class Irc(IrcPair):

    def prepare(self):
        super().prepare()
        self.make_private()

    def test_no_line_is_longer_than_the_server_takes(self):
        text = "a rather long sentence that does not end " * 30
        since = self.bob.mark()
        self.alice.send(self.bob_name, text)
        self.bob.wait_message(text.strip(), since=since, timeout=60)
        lines = [unit.data for unit in self.wires["bob"].seen("to-client")
                 if b"PRIVMSG" in unit.data]
        self.assertTrue(lines)
        self.assertLessEqual(max(map(len, lines)), 512)
        self.assert_never_in_clear("a rather long sentence")

    def test_sixty_kilobytes_arrive_whole(self):
        text = "".join(f"[{number:05d}]" for number in range(60 * 1024 // 7))
        since = self.bob.mark()
        self.alice.send(self.bob_name, text)
        event = self.bob.wait_message("[08700]", since=since, timeout=240)
        self.assertEqual(event["text"], text)

    def test_unicode_and_special_characters_arrive_as_typed(self):
        for typed, seen in (("Grüße, 世界 🌍", "Grüße, 世界 🌍"),
                            ("&lt;foo&gt; &amp;amp; &quot;x&quot;", '<foo> &amp; "x"'),
                            ("&lt;b&gt;not bold&lt;/b&gt;", "<b>not bold</b>")):
            since = self.bob.mark()
            self.alice.send(self.bob_name, typed)
            event = self.bob.wait_for(lambda e: e["event"] == "message" and "recv" in e["flags"],
                                      since=since)
            self.assertEqual(event["text"].strip("\u2066\u2067\u2068\u2069"), seen)

    def test_lines_arrive_one_by_one(self):
        since = self.bob.mark()
        self.alice.send(self.bob_name, "one<br>two<br>three")
        self.bob.wait_message("three", since=since)
        self.assertEqual(self.bob.received(since), ["one", "two", "three"])

    def test_me_works_in_private(self):
        since = self.bob.mark()
        self.alice.command(self.bob_name, "/me waves")
        self.bob.wait_message("/me waves", since=since)
        self.assert_never_in_clear("waves")

    def test_commands_that_bypass_the_conversation_send_nothing_in_clear(self):
        self.alice.command(self.bob_name, "/msg bob slipped out")
        self.say(self.alice, self.bob_name, self.bob, "afterwards")
        self.assert_never_in_clear("slipped out")

    def test_nor_do_lines_from_inside_of_what_is_being_sent(self):
        # Words of the query itself, which a look for them in it would let pass.
        for number, line in enumerate(("from inside another plugin", "private conversation")):
            since, bob_since = self.alice.mark(), self.bob.mark()
            self.alice.send_inside(self.bob_name, line)
            self.alice.otr(self.bob_name, "refresh")
            self.alice.wait_system("could not be sent privately", since=since)
            self.alice.wait_system("goes on with fresh keys", since=since)
            self.say(self.alice, self.bob_name, self.bob, f"still private {number}")
            self.assertNotIn(line, self.bob.received(bob_since))
            self.assert_never_in_clear(f":{line}")


if __name__ == "__main__":
    unittest.main()
