# SPDX-FileCopyrightText: OTR Guard contributors
# SPDX-License-Identifier: GPL-2.0-or-later
"""What other programs write on the wire and libotr of today does not: old queries and tags, odd
fragments, errors in plain words, records of file transfers, devices beside each other."""

import re
import shutil
import tempfile
import unittest

from otrtest.conversations import PEER, IrcPeerCase, XmppPeerCase
from otrtest.links import IrcLink, XmppLink
from otrtest.peers.libotr_peer import LibotrPeer
from otrtest.waiting import wait_until

TAG_BASE = " \t  \t\t\t\t \t \t \t  "
TAG_V1, TAG_V2, TAG_V3 = " \t \t  \t ", "  \t\t  \t ", "  \t\t  \t\t"

COMMIT_V2, COMMIT_V3 = "?OTR:AAIC", "?OTR:AAMC"


class OffersCase(XmppPeerCase):
    """The peer takes part in no key exchange: what OTR Guard answers is looked at."""

    def make_peer(self):
        return LibotrPeer(self.make_link(), self.guard_name, policy="never")

    def make_link(self):
        return XmppLink(self.server, PEER)

    def answer_to(self, text):
        """What OTR Guard writes when it gets this: a commit's beginning, or None."""
        since = len(self.peer.wire_in)
        self.peer.send_raw(text)
        # What comes after these two has not been answered.
        self.peer.send_raw("that was it")
        self.guard.wait_message("that was it", since=self.guard_mark)
        self.guard_mark = self.guard.mark()
        self.guard.send("seen")
        wait_until(lambda: any(line.startswith("seen") for line in self.peer.wire_in[since:]),
                   what="the end of the answer")
        answers = [line for line in self.peer.wire_in[since:] if not line.startswith("seen")]
        self.assertLessEqual(len(answers), 1, answers)
        return answers[0][:len(COMMIT_V3)] if answers else None

    def setUp(self):
        super().setUp()
        self.guard_mark = 0


class Queries(OffersCase):

    def test_version_3_is_chosen(self):
        for query in ("?OTRv23?", "?OTR?v23? Somebody would like\nto talk.", "?OTRv3?"):
            with self.subTest(query):
                self.assertEqual(self.answer_to(query), COMMIT_V3)

    def test_version_2_is_enough(self):
        for query in ("?OTR?v2?", "?OTRv2?", "?OTRv24x?", "?OTR?v2?\n<b>peer</b> would like"):
            with self.subTest(query):
                self.assertEqual(self.answer_to(query), COMMIT_V2)

    def test_nothing_that_we_speak_is_no_offer(self):
        for query in ("?OTR?", "?OTRv?", "?OTRv4?", "?OTR v2?"):
            with self.subTest(query):
                self.assertIsNone(self.answer_to(query))

    def test_a_query_inside_a_sentence_is_answered_and_the_sentence_shown(self):
        self.assertEqual(self.answer_to("let us say ?OTRv23? and be private"), COMMIT_V3)
        self.assertIn("and be private", " ".join(self.guard.messages()))

    def test_switched_off_answers_nothing(self):
        self.guard.otr("policy never")
        for text in ("?OTRv23?", "hi" + TAG_BASE + TAG_V2):
            self.assertIsNone(self.answer_to(text))


class Tags(OffersCase):

    def test_the_best_version_is_chosen_and_the_tag_not_shown(self):
        for tags, answer in ((TAG_V1 + TAG_V2, COMMIT_V2), (TAG_V2 + TAG_V3, COMMIT_V3),
                             (TAG_V3, COMMIT_V3), (TAG_V1, None)):
            with self.subTest(tags):
                since = self.guard.mark()
                self.assertEqual(self.answer_to("hello" + TAG_BASE + tags), answer)
                self.assertEqual(self.guard.messages(since)[0], "hello")

    def test_a_tag_in_the_middle_of_a_text(self):
        self.assertEqual(self.answer_to("hel" + TAG_BASE + TAG_V2 + "lo"), COMMIT_V2)
        self.assertEqual(self.guard.messages()[0], "hello")

    def test_manual_policy_answers_no_tag(self):
        self.guard.otr("policy manual")
        self.assertIsNone(self.answer_to("hello" + TAG_BASE + TAG_V2))


class TagsOnIrc(IrcPeerCase):

    def make_peer(self):
        return LibotrPeer(IrcLink(self.server, PEER), self.guard_name, policy="never")

    def test_a_server_that_trims_white_space_does_no_harm(self):
        self.peer.send_raw("hello" + TAG_BASE + TAG_V2)
        self.assertEqual(self.guard.wait_next_message(0), "hello")
        since = self.guard.mark()
        self.peer.send_raw("again" + TAG_BASE + TAG_V2 + ".")
        self.assertEqual(self.guard.wait_next_message(since), "again.")
        wait_until(lambda: self.peer.wire_in, what="an answer to the tag that arrived")
        self.assertEqual(self.peer.wire_in[0][:len(COMMIT_V2)], COMMIT_V2)


class FragmentCase(XmppPeerCase):
    """The peer's messages are cut and sent by the test."""

    options = {}

    def make_peer(self):
        return LibotrPeer(XmppLink(self.server, PEER), self.guard_name, **self.options)

    def setUp(self):
        super().setUp()
        self.make_private()
        self.talk("before the fragments")

    def message(self, text):
        """A message of the peer's as it would be on the wire, in three pieces."""
        self.secret(text)
        self.peer.muted = True
        count = len(self.peer.wire_out)
        self.peer.send(text)
        wait_until(lambda: len(self.peer.wire_out) > count, what="the encrypted message")
        self.peer.muted = False
        whole = self.peer.wire_out[-1]
        third = len(whole) // 3
        return [whole[:third], whole[third:2 * third], whole[2 * third:]]

    def send_pieces(self, pieces, order=None):
        for number in order or range(1, len(pieces) + 1):
            self.peer.send_raw(self.header(number, len(pieces)) + pieces[number - 1] + ",")

    def assert_reads(self, text, send):
        since = self.guard.mark()
        send()
        self.assertEqual(self.guard.wait_next_message(since), text)


class FragmentsV3(FragmentCase):

    layout = "?OTR|{ours:08x}|{theirs:08x},{number:05d},{total:05d},"

    def header(self, number, total):
        status = self.peer.status()
        return self.layout.format(ours=status["our_instance"], theirs=status["their_instance"],
                                  number=number, total=total)

    def test_padded(self):
        pieces = self.message("one of three")
        self.assert_reads("one of three", lambda: self.send_pieces(pieces))

    def test_unpadded_numbers_and_tags(self):
        self.layout = "?OTR|{ours:x}|{theirs:x},{number},{total},"
        pieces = self.message("without zeros")
        self.assert_reads("without zeros", lambda: self.send_pieces(pieces))

    def test_for_whoever_reads_it(self):
        self.layout = "?OTR|{ours:x}|0,{number},{total},"
        pieces = self.message("to any device")
        self.assert_reads("to any device", lambda: self.send_pieces(pieces))

    def test_upper_case_tags(self):
        self.layout = "?OTR|{ours:08X}|{theirs:08X},{number},{total},"
        pieces = self.message("in capitals")
        self.assert_reads("in capitals", lambda: self.send_pieces(pieces))

    def test_short_tags(self):
        # 0x100 is the smallest one there can be; its message is somebody else's.
        self.peer.send_raw("?OTR|100|0,1,1,?OTR:AAMD,")
        self.talk("afterwards")

    def test_an_empty_last_piece(self):
        pieces = self.message("nothing follows") + [""]
        self.assert_reads("nothing follows", lambda: self.send_pieces(pieces))

    def test_out_of_order_is_dropped_and_costs_nothing_later(self):
        pieces = self.message("mixed up")
        since = self.guard.mark()
        self.send_pieces(pieces, order=(1, 3, 2))
        self.send_pieces(pieces, order=(3, 2, 1))
        self.talk("still private")
        self.assertNotIn("mixed up", self.guard.messages(since))

    def test_a_piece_that_comes_twice(self):
        pieces = self.message("twice told")
        self.assert_reads("twice told", lambda: self.send_pieces(pieces, order=(1, 2, 2, 3)))

    def test_others_in_between(self):
        pieces = self.message("not disturbed")
        since = self.guard.mark()
        self.peer.send_raw(self.header(1, 3) + pieces[0] + ",")
        self.peer.send_raw("?OTR|deadbeef|0,1,2,?OTR:AAMD,")
        self.peer.send_raw("plain words in between")
        self.peer.send_raw(self.header(2, 3) + pieces[1] + ",")
        self.peer.send_raw("?OTR|deadbeef|0,2,2,AAAA.,")
        self.peer.send_raw(self.header(3, 3) + pieces[2] + ",")
        self.guard.wait_message("not disturbed", since=since)
        self.assertEqual(self.guard.messages(since),
                         ["[not encrypted] plain words in between", "not disturbed"])

    def test_nonsense_headers(self):
        pieces = self.message("in spite of it")
        for header in ("?OTR|0|0,1,2,", "?OTR|x|y,1,2,", "?OTR|,", "?OTR|1|2", "?OTR|100|0,0,0,",
                       "?OTR|100|0,3,2,", "?OTR|100|0,99999,99999,", "?OTR,1,2", "?OTR,0,1,x,",
                       "?OTR|ffffffffffffffff|0,1,1,x,"):
            self.peer.send_raw(header + "?OTR:AAMD")
        self.assert_reads("in spite of it", lambda: self.send_pieces(pieces))


class FragmentsV2(FragmentCase):
    options = {"policy": "opportunistic", "versions": "2"}
    layout = "?OTR,{number:05d},{total:05d},"

    def header(self, number, total):
        return self.layout.format(number=number, total=total)

    def test_padded(self):
        pieces = self.message("one of three")
        self.assert_reads("one of three", lambda: self.send_pieces(pieces))

    def test_unpadded(self):
        self.layout = "?OTR,{number},{total},"
        pieces = self.message("without zeros")
        self.assert_reads("without zeros", lambda: self.send_pieces(pieces))

    def test_an_empty_last_piece(self):
        pieces = self.message("nothing follows") + [""]
        self.assert_reads("nothing follows", lambda: self.send_pieces(pieces))

    def test_out_of_order_is_dropped_and_costs_nothing_later(self):
        pieces = self.message("mixed up")
        since = self.guard.mark()
        self.send_pieces(pieces, order=(2, 1, 3))
        self.talk("still private")
        self.assertNotIn("mixed up", self.guard.messages(since))


class Errors(XmppPeerCase):

    def make_peer(self):
        return LibotrPeer(XmppLink(self.server, PEER), self.guard_name)

    def test_an_error_in_plain_words_starts_a_new_exchange_once(self):
        for prefix in ("OTR Error: ", "?OTR Error: ", "?OTR Error:"):
            with self.subTest(prefix):
                if prefix != "OTR Error: ":
                    self.doCleanups()
                    self.setUp()
                self.make_private()
                count, since = len(self.peer.wire_in), self.guard.mark()
                for _ in range(3):
                    self.peer.send_raw(prefix + "<b>cannot</b> read that")
                self.guard.wait_notice("reports a problem", since=since)
                self.talk("after the error")
                told = [line for line in self.guard.notices(since) if "reports a problem" in line]
                self.assertEqual(len(told), 1, told)
                self.assertIn("<b>cannot</b> read that", told[0])
                self.assertFalse([event for event in self.guard.events[since:]
                                  if "<b>cannot</b>" in event.get("html", "")])
                self.assertEqual(self.guard.messages(since)[:-1], [])
                queries = [line for line in self.peer.wire_in[count:] if line.startswith("?OTRv")]
                self.assertEqual(len(queries), 1, queries)

    def test_without_a_session_it_starts_nothing(self):
        self.peer.set_policy("never")
        self.peer.send_raw("?OTR Error: out of nowhere")
        self.peer.send_raw("OTR Error: is how some programs begin")
        self.guard.wait_message("is how some programs begin")
        self.assertEqual([line for line in self.peer.wire_in if line.startswith("?OTR")], [])


class Records(XmppPeerCase):
    """Type-length-value records inside messages."""

    def make_peer(self):
        return LibotrPeer(XmppLink(self.server, PEER), self.guard_name)

    def test_unknown_ones_are_skipped(self):
        self.make_private()
        since = self.guard.mark()
        # 0x100 and 0x101 are ChatSecure's OTRDATA, whose bodies here are cut short or hostile.
        for kind, body in ((0x100, b""), (0x100, b"GET otr-in-band:/x"), (0x101, b"200 OK\r\n\r\n"),
                           (0x100, b"OFFER otr-in-band:/../etc/passwd\r\nFile-Length: -1\r\n\r\n"),
                           (0x4f47, b""), (0x4f47, b"\xff" * 9), (0x4f48, b"short"),
                           (9, b"\x00" * 65535), (2, b""), (3, b"\xff\xff\xff\xff"), (8, b"abc")):
            self.peer.send_tlv(kind, body)
        self.talk("after the records")
        self.assertEqual(len(self.guard.messages(since)), 1)


class TwoDevices(XmppPeerCase):
    """One person, one key, two devices online at the same time."""

    def make_peer(self):
        return LibotrPeer(XmppLink(self.server, PEER, resource="one"), self.guard_name)

    def setUp(self):
        super().setUp()
        folder = self.enterContext(tempfile.TemporaryDirectory(prefix="otrtest-device-"))
        shutil.copy(self.peer.folder / "otr.private_key", folder)
        self.other = self.enterContext(LibotrPeer(
            XmppLink(self.server, PEER, resource="two"), self.guard_name, folder=folder))

    def test_both_talk_privately(self):
        self.make_private(self.peer)
        self.talk("with the first device")
        since = self.guard.mark()
        self.other.start_otr()
        self.other.wait_private()
        self.guard.wait_notice("more than one device", since=since)
        self.assertEqual(self.guard.status()["sessions"], "2")
        text = self.secret("from the second device")
        self.other.send(text)
        self.guard.wait_message(text, since=since)
        answer, since = self.secret("to the second device"), self.other.mark()
        self.guard.send(answer)
        self.other.wait_message(answer, private=True, since=since)
        text, since = self.secret("from the first again"), self.guard.mark()
        self.peer.send(text)
        self.guard.wait_message(text, since=since)
        self.other.end()
        self.talk("with the first, the second having left")


class Keys(XmppPeerCase):

    behaviour = "libotr"

    def make_peer(self):
        return LibotrPeer(XmppLink(self.server, PEER), self.guard_name, self.behaviour)

    def restart_guard_with(self, word):
        folder = self.enterContext(tempfile.TemporaryDirectory(prefix="otrtest-words-"))
        self.guard.client.quit()
        with open(folder + "/otr.fingerprints", "w", encoding="ascii") as file:
            file.write(f"{self.peer_name}\t{self.guard_name}/\tprpl-jabber\t"
                       f"{self.peer.fingerprint().lower()}\t{word}\n")
        self.guard = self.start_guard(profile=folder)
        return folder + "/otr.fingerprints"

    def test_only_two_words_of_trust_count(self):
        for word, verified in (("verified", "yes"), ("smp", "yes"), ("UntrustedUser", "no"),
                               ("UntrustedNew", "no"), ("TrustedTofu", "no"), ("", "no")):
            with self.subTest(word):
                path = self.restart_guard_with(word)
                self.make_private()
                self.assertEqual(self.guard.status()["verified"], verified)
                self.talk(f"with a key that is {word!r}")
                self.guard.client.quit()
                with open(path, encoding="ascii") as file:
                    self.assertEqual(file.read().rstrip("\n").split("\t")[-1], word)
                self.peer.end()

    def test_a_peer_that_refuses_our_second_key(self):
        self.peer.stop()
        self.behaviour = "chatsecure-ios"
        self.peer = self.start_peer()
        self.make_private()
        self.talk("with the first key")
        self.guard.end()
        self.peer.wait_state("plaintext")
        self.guard.client.quit()
        self.guard = self.start_guard()
        since = self.peer.mark()
        self.make_private()
        self.peer.wait_for({"event": "new_fingerprint", "first": False}, since=since)
        self.guard.send(self.secret("do you read me with this key?"))
        self.peer.wait_message("do you read me", private=True, since=since)
        self.peer.send(self.secret("I do not answer"))
        self.peer.wait_for({"event": "refused"}, since=since)
        self.assertEqual(self.guard.state(), "private")


class NoGoodbye(XmppPeerCase):

    def make_peer(self):
        return LibotrPeer(XmppLink(self.server, PEER), self.guard_name)

    def test_a_session_without_an_end_never_becomes_plain_text(self):
        self.make_private()
        self.talk("at first")
        # The peer vanishes and comes back with plain text, as a program does that was killed.
        self.peer.stop()
        self.guard.client.wait_buddy_offline(self.peer_name)
        self.guard.send(self.secret("typed while nobody was there"))
        self.peer = self.start_peer()
        self.peer.set_policy("manual")
        self.wait_online(self.guard)
        since = self.guard.mark()
        self.peer.send("hello, who is there?")
        self.guard.wait_message("[not encrypted] hello, who is there?", since=since)
        self.guard.send(self.secret("a private answer"))
        self.assertEqual(self.guard.state(), "private")
        self.peer.start_otr()
        self.peer.wait_private()


class SilentPeer(XmppPeerCase):
    """Somebody whose program knows no OTR at all."""

    def make_peer(self):
        return LibotrPeer(XmppLink(self.server, PEER), self.guard_name, policy="never")

    def test_offers_stop_when_they_are_not_taken(self):
        since = len(self.peer.wire_in)
        self.guard.send("first")
        wait_until(lambda: len(self.peer.wire_in) > since, what="the first message")
        self.assertIn(TAG_BASE, self.peer.wire_in[-1])
        mark = self.guard.mark()
        self.peer.send_raw("I have no such program")
        self.guard.wait_message("no such program", since=mark)
        self.guard.send("second")
        wait_until(lambda: re.match("second", self.peer.wire_in[-1]), what="the second message")
        self.assertEqual(self.peer.wire_in[-1], "second")


if __name__ == "__main__":
    unittest.main()
