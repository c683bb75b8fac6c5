# SPDX-FileCopyrightText: OTR Guard contributors
# SPDX-License-Identifier: GPL-2.0-or-later
"""Text arrives as it was typed, and nothing but text arrives."""

import pathlib
import tempfile
import unittest

from otrtest.pairs import XmppPair
from otrtest.wire import TO_SERVER


class Text(XmppPair):

    def prepare(self):
        super().prepare()
        self.make_private()

    def received_after(self, typed):
        since = self.bob.mark()
        self.alice.send(self.bob_name, typed)
        return self.bob.wait_for(lambda e: e["event"] == "message" and "recv" in e["flags"],
                                 since=since)

    def test_plain_text_arrives_as_typed(self):
        for typed, seen in (("a &lt; b &amp;&amp; c &gt; d", "a < b && c > d"),
                            ("&lt;foo&gt;", "<foo>"), ("&amp;amp;", "&amp;"),
                            ("one<br>two", "one\ntwo"), ("Grüße 世界", "Grüße 世界"),
                            ("/me waves", "/me waves")):
            event = self.received_after(typed)
            self.assertEqual(event["text"].strip("\u2066\u2067\u2068\u2069"), seen)

    def test_formatting_arrives(self):
        event = self.received_after("this is <b>important</b> and <i>urgent</i>")
        self.assertIn("<b>important</b>", event["html"])
        self.assertIn("<i>urgent</i>", event["html"])

    def test_links_survive(self):
        event = self.received_after("see http://example.org/a?b=1&amp;c=2")
        self.assertIn("http://example.org/a?b=1&c=2", event["text"])

    def test_what_could_harm_is_not_sent(self):
        event = self.received_after('<img id="5">x<script>y</script>'
                                    '<a href="javascript:alert(1)">z</a><h1>(System) all is well</h1>')
        for harmful in ("<img", "<script", "javascript:\"", "<h1", "href=\"javascript"):
            self.assertNotIn(harmful, event["html"].lower())


class MessageSizes(XmppPair):
    """otr.max_message_size, where users of pidgin-otr have written what their servers take."""

    size = 300

    def start_client(self, user, **options):
        folder = self._stack.enter_context(tempfile.TemporaryDirectory(prefix="otrtest-sizes-"))
        profile = pathlib.Path(folder) / "profile"
        profile.mkdir()
        (profile / "otr.max_message_size").write_text(f"prpl-jabber\t{self.size}\n")
        return super().start_client(user, profile=profile, **options)

    def sizes_on_the_wire(self):
        """Of the messages of OTR that alice's program wrote."""
        self.make_private()
        text = "".join(f"[{number:05d}]" for number in range(300))
        since = self.bob.mark()
        self.alice.send(self.bob_name, text)
        self.assertEqual(self.bob.wait_message("[00299]", since=since)["text"], text)
        return [len(body) for body in self.wires["alice"].bodies(TO_SERVER) if "?OTR" in body]

    def test_longer_messages_go_in_pieces(self):
        sizes = self.sizes_on_the_wire()
        self.assertLessEqual(max(sizes), 300)
        self.assertGreater(len(sizes), 8)


class ImpossibleMessageSize(MessageSizes):
    """At which libotr divides by zero."""

    size = 37

    def test_longer_messages_go_in_pieces(self):
        self.assertGreater(max(self.sizes_on_the_wire()), 2000)


if __name__ == "__main__":
    unittest.main()
