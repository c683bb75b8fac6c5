# SPDX-FileCopyrightText: OTR Guard contributors
# SPDX-License-Identifier: GPL-2.0-or-later
"""Files between two OTR Guards over a server, and transfers in clear that are stopped."""

import os
import pathlib
import subprocess
import tempfile
import unittest

from otrtest.links import XmppLink
from otrtest.pairs import IrcPair, XmppPair
from otrtest.waiting import wait_until

FOLDER = "/plugins/core/otr-guard/files/folder"
VERIFIED_ONLY = "/plugins/core/otr-guard/files/verified-only"


class FilePair(XmppPair):

    def prepare(self):
        super().prepare()
        folder = tempfile.TemporaryDirectory(prefix="otrtest-files-")
        self.addCleanup(folder.cleanup)
        self.home = pathlib.Path(folder.name)
        self.downloads = self.home / "downloads"
        self.downloads.mkdir()
        for client in (self.alice, self.bob):
            client.call("set_pref", name=FOLDER, value=str(self.downloads))
        self.make_private()

    def verify(self):
        self.alice.otr(self.bob_name, "trust")
        self.bob.otr(self.alice_name, "trust")

    def make(self, name, size):
        path = self.home / name
        with path.open("wb") as file:
            for start in range(0, size, 1 << 20):
                file.write(os.urandom(min(1 << 20, size - start)))
        return path

    def offer(self, path):
        """Returns where the receiver's lines about it begin."""
        since = self.bob.mark()
        self.alice.otr(self.bob_name, f"send {path}")
        self.bob.wait_system("offers you file", since=since, timeout=30)
        return since

    def names(self):
        return sorted(path.name for path in self.downloads.iterdir())

    def parts(self):
        """Sizes of what bob's client has open there: it has no name before it is whole."""
        sizes = []
        for entry in pathlib.Path(f"/proc/{self.bob.process.pid}/fd").iterdir():
            try:
                if os.readlink(entry).startswith(f"{self.downloads}/"):
                    sizes.append(entry.stat().st_size)
            except FileNotFoundError:
                continue  # closed meanwhile
        return sizes

    def wait_progress(self):
        """Some of the only file has come, and is on the disk."""
        wait_until(lambda: sum(self.parts()) > 0, what="a part of the file")

    def send_in_clear(self, client, to, *paths):
        client.call("send_file", account=client.account, to=to, file=[str(path) for path in paths])

    def lines(self, client, since, *words):
        """What was said since then, with one of these words."""
        return [event["text"] for event in client.messages("system", since)
                if any(word in event["text"] for word in words)]


class PrivateFiles(FilePair):

    def prepare(self):
        super().prepare()
        self.verify()

    def test_files_arrive_as_they_were(self):
        for number, size in enumerate((0, 1, 16384, 500_000), 1):
            path = self.make(f"secret-name-{number}.pdf", size)
            heard = self.alice.mark()
            since = self.offer(path)
            line = self.bob.wait_system("offers you file", since=since)["text"]
            self.assertIn("(verified)", line)
            self.assertIn(path.name, line)
            self.assertNotIn(path.name, self.names())
            self.bob.otr(self.alice_name, "accept")
            self.bob.wait_system("has arrived whole", since=since, timeout=60)
            self.alice.wait_system("has arrived whole", since=heard, timeout=60)
            received = self.downloads / path.name
            self.assertEqual(received.read_bytes(), path.read_bytes())
            self.assertEqual(received.stat().st_mode & 0o7777, 0o600)
        self.assert_never_in_clear("secret-name")
        self.assertEqual(len(self.names()), 4)
        self.assertIn("4, to you", " ".join(self.bob.otr(self.alice_name, "files")))

    def test_an_empty_file_needs_nothing_but_consent(self):
        since = self.offer(self.make("empty.txt", 0))
        self.bob.otr(self.alice_name, "accept 1")
        self.bob.wait_system("has arrived whole", since=since)
        self.assertEqual((self.downloads / "empty.txt").read_bytes(), b"")

    def test_what_is_declined_leaves_nothing(self):
        since = self.offer(self.make("a.txt", 100))
        self.bob.otr(self.alice_name, "decline 1")
        self.bob.wait_system("was declined", since=since)
        self.alice.wait_system("was declined")
        self.assertEqual(self.names(), [])

    def test_both_sides_can_stop_it(self):
        for client, other, to in ((self.alice, self.bob, self.bob_name),
                                  (self.bob, self.alice, self.alice_name)):
            heard = other.mark()
            since = self.offer(self.make("large.bin", 12_000_000))
            self.bob.otr(self.alice_name, "accept")
            self.wait_progress()
            client.otr(to, "decline")
            other.wait_system("was stopped by", since=heard)
            wait_until(lambda: self.parts() == [], what="the end of the temporary file")
            self.assertEqual(self.names(), [])
            self.assertIsNotNone(since)
        self.say(self.alice, self.bob_name, self.bob, "text passes as before")

    def test_it_goes_on_after_a_lost_connection(self):
        for away in (self.alice, self.bob):
            path = self.make(f"large-{away.name}.bin", 6_000_000)
            since = self.offer(path)
            self.bob.otr(self.alice_name, "accept")
            self.wait_progress()
            away.disconnect()
            other, other_name, name = ((self.bob, self.bob_name, self.alice_name)
                                       if away is self.alice
                                       else (self.alice, self.alice_name, self.bob_name))
            other.wait_buddy_offline(name)
            self.assertFalse((self.downloads / path.name).exists())
            away.connect()
            away.wait_buddy_online(other_name)
            self.bob.wait_system("has arrived whole", since=since, timeout=120)
            self.assertEqual((self.downloads / path.name).read_bytes(), path.read_bytes())
            (self.downloads / path.name).unlink()

    def test_text_is_not_kept_waiting(self):
        since = self.offer(self.make("large.bin", 12_000_000))
        self.bob.otr(self.alice_name, "accept")
        self.wait_progress()
        for number in range(5):
            self.say(self.alice, self.bob_name, self.bob, f"text {number}")
            self.say(self.bob, self.alice_name, self.alice, f"answer {number}")
        self.assertFalse((self.downloads / "large.bin").exists())
        self.bob.otr(self.alice_name, "decline")
        self.assertIsNotNone(since)

    def test_nothing_is_written_over(self):
        (self.downloads / "a.txt").write_text("mine")
        path = self.make("a.txt", 100)
        since = self.offer(path)
        self.bob.otr(self.alice_name, "accept")
        self.bob.wait_system("a (2).txt", since=since)
        self.assertEqual((self.downloads / "a.txt").read_text(), "mine")
        self.assertEqual((self.downloads / "a (2).txt").read_bytes(), path.read_bytes())

    def test_programs_are_warned_about(self):
        since = self.offer(self.make("invoice.pdf.exe", 100))
        self.bob.wait_system("can run a program", since=since)
        since = self.offer(self.make("invoice.docm", 100))
        self.bob.wait_system("can contain programs", since=since)

    def test_a_folder_is_asked_for_once(self):
        self.bob.call("set_pref", name=FOLDER, value="")
        since = self.offer(self.make("a.txt", 100))
        self.bob.otr(self.alice_name, "accept")
        request = self.bob.wait_request(type="folder", since=since)
        self.assertEqual(self.names(), [])
        self.bob.answer(request, value=str(self.downloads))
        self.bob.wait_system("has arrived whole", since=since)
        since = self.offer(self.make("b.txt", 100))
        self.bob.otr(self.alice_name, "accept")
        self.bob.wait_system("has arrived whole", since=since)
        self.assertEqual(self.names(), ["a.txt", "b.txt"])

    def test_menus_and_dialogs_do_the_same(self):
        path = self.make("a.txt", 100)
        since = self.alice.mark()
        self.alice.menu_activate(self.bob_name, "OTR Guard", "Send file...")
        heard = self.bob.mark()
        self.alice.answer(self.alice.wait_request(type="file", since=since), value=str(path))
        self.bob.wait_system("offers you file 1", since=heard)
        since = self.bob.mark()
        self.bob.menu_activate(self.alice_name, "OTR Guard", "File offered to you...")
        request = self.bob.wait_request(type="action", since=since)
        self.assertIn("a.txt", request["primary"])
        self.bob.answer(request, action=2)
        self.bob.wait_system("has arrived whole", since=since)
        self.assertEqual((self.downloads / "a.txt").read_bytes(), path.read_bytes())

    def test_all_files_are_listed_where_there_are_no_windows(self):
        def shown():
            since = self.bob.mark()
            self.bob.call("plugin_action", plugin="core-otr-guard", label="Files...")
            return self.bob.wait_for({"event": "notify", "primary": "Files"}, since=since)

        self.assertIn("There are no files", shown()["secondary"])
        self.offer(self.make("a.txt", 100))
        self.assertIn("1, to you: a.txt, 100 bytes: offered to you", shown()["secondary"])
        since = self.bob.mark()
        self.bob.menu_activate(self.alice_name, "OTR Guard", "Files...")
        self.bob.wait_for({"event": "notify", "primary": "Files"}, since=since)

    def test_a_killed_client_leaves_nothing(self):
        self.offer(self.make("large.bin", 12_000_000))
        self.bob.otr(self.alice_name, "accept")
        self.wait_progress()
        self.bob.kill()
        self.bob.allowed_exit_codes = (-9,)
        self.assertEqual(list(self.downloads.iterdir()), [])

    def test_many_files_at_once_are_refused_in_one_line(self):
        paths = [self.make(f"dragged-{number}.jpg", 100) for number in range(100)]
        since, heard = self.alice.mark(), self.bob.mark()
        self.send_in_clear(self.alice, self.bob_name, *paths)
        self.alice.wait_system("84 files were not sent. As many files as can be", since=since)
        self.bob.wait_system("dragged-15.jpg", since=heard, timeout=120)
        self.assertEqual(len(self.lines(self.bob, heard, "offers you file")), 16)
        later = self.alice.mark()
        self.alice.otr(self.bob_name, f"send {paths[99]}")
        self.alice.wait_system("As many files as can be", since=later)
        self.assertEqual(len(self.lines(self.alice, since, "not sent", "As many files")), 2)
        # What is to be known about all of them is said once.
        self.assertEqual(len(self.lines(self.alice, since, "metadata")), 1)

    def test_only_whole_paths_are_taken(self):
        for path in ("a.txt", "./a.txt", "../a.txt"):
            since = self.alice.mark()
            self.alice.otr(self.bob_name, f"send {path}")
            self.alice.wait_system("Write the whole path", since=since)
        self.bob.call("set_pref", name=FOLDER, value=os.path.relpath(self.downloads))
        since = self.offer(self.make("a.txt", 100))
        self.bob.otr(self.alice_name, "accept")
        self.bob.wait_request(type="folder", since=since)


class Metadata(FilePair):

    def prepare(self):
        super().prepare()
        self.verify()

    def picture(self, name):
        path = self.home / name
        subprocess.run(["convert", "-size", "40x30", "gradient:blue-red", path], check=True)
        subprocess.run(["exiftool", "-q", "-overwrite_original", "-Artist=Jane Doe", path],
                       check=True)
        return path

    def wait_question(self, name, since):
        request = self.alice.wait_request(type="action", since=since, timeout=60)
        self.assertIn(f"{name} tells more than it shows", request["primary"].translate(
            {0x2068: None, 0x2069: None}))
        return request

    def questions(self, since):
        return [event for event in self.alice.events[since:] if event["event"] == "request"]

    def test_each_file_is_asked_about_after_the_one_before(self):
        pictures = [self.picture(name) for name in ("first.jpg", "second.jpg", "third.jpg")]
        since = self.alice.mark()
        for path in pictures:
            self.send_in_clear(self.alice, self.bob_name, path)
        request = self.wait_question("first.jpg", since)
        self.assertEqual(len(self.questions(since)), 1)
        since = self.alice.mark()
        self.alice.answer(request, action=1)
        self.bob.wait_system("first.jpg")
        request = self.wait_question("second.jpg", since)
        self.assertEqual(len(self.questions(since)), 1)
        since = self.alice.mark()
        self.alice.answer(request, action="close")
        self.alice.wait_system("The file is not sent.", since=since)
        request = self.wait_question("third.jpg", since)
        self.alice.answer(request, action=2)
        self.bob.wait_system("third.jpg", timeout=60)
        self.assertNotIn("second.jpg", " ".join(
            event["text"] for event in self.bob.messages("system")))

    def test_an_answer_is_heard_when_no_conversation_is_open(self):
        since = self.alice.mark()
        self.alice.otr(self.bob_name, f"send {self.picture('a.jpg')}")
        request = self.wait_question("a.jpg", since)
        self.alice.call("close_conversation", account=self.alice.account, to=self.bob_name)
        self.alice.answer(request, action=0)
        self.alice.wait_for({"event": "notify", "secondary": "The file is not sent."}, since=since)

    def test_a_file_goes_to_nobody_else_than_whom_it_was_begun_with(self):
        self.alice.call("set_pref", name=VERIFIED_ONLY, value=False)
        since = self.alice.mark()
        self.alice.otr(self.bob_name, f"send {self.picture('a.jpg')}")
        request = self.wait_question("a.jpg", since)
        self.bob.quit()
        self.bob = self.make_client("bob")
        self.alice.wait_buddy_online(self.bob_name)
        self.make_private()
        since = self.alice.mark()
        self.alice.answer(request, action=1)
        self.alice.wait_system("The file is not sent. The private conversation has changed",
                               since=since)
        self.say(self.bob, self.alice_name, self.alice, "nothing has come")
        self.assertNotIn("a.jpg", " ".join(
            event["text"] for event in self.bob.messages("system")))


class Unverified(FilePair):

    def test_files_need_verified_people(self):
        path = self.make("a.txt", 100)
        self.alice.otr(self.bob_name, f"send {path}")
        self.alice.wait_system("Files go to verified people only")
        self.alice.otr(self.bob_name, "trust")
        self.alice.otr(self.bob_name, f"send {path}")
        self.bob.wait_system("wanted to send you the file a.txt")
        self.alice.wait_system("Only from verified people")

    def test_many_files_at_once_are_refused_in_one_line(self):
        since = self.alice.mark()
        self.send_in_clear(self.alice, self.bob_name,
                           *[self.make(f"dragged-{number}.txt", 1) for number in range(100)])
        self.alice.wait_system("100 files were not sent. Files go to verified people only",
                               since=since)
        self.assertEqual(len(self.lines(self.alice, since, "verified people only")), 1)

    def test_the_user_can_choose_otherwise(self):
        for client in (self.alice, self.bob):
            client.call("set_pref", name=VERIFIED_ONLY, value=False)
        since = self.offer(self.make("a.txt", 100))
        self.bob.wait_system("NOT verified", since=since)


class ClearTransfers(FilePair):

    def end(self):
        """Nothing private any more, and nothing may pass in clear."""
        self.alice.otr(self.bob_name, "policy always")
        self.alice.otr(self.bob_name, "end")
        self.bob.wait_otr_status(self.alice_name, state="finished")

    def test_what_was_allowed_before_it_was_private_goes_the_private_way(self):
        self.verify()
        self.end()
        self.alice.otr(self.bob_name, "files allow")
        self.make_private()
        self.send_in_clear(self.alice, self.bob_name, self.make("dragged.txt", 100))
        self.bob.wait_system("offers you file 1")
        self.assert_never_in_clear("dragged")

    def test_what_is_allowed_after_it_became_private_goes_the_private_way(self):
        self.verify()
        self.end()
        since = self.alice.mark()
        self.send_in_clear(self.alice, self.bob_name, self.make("dragged.txt", 100))
        request = self.alice.wait_request(type="action", since=since)
        self.make_private()
        self.alice.answer(request, action=0)
        self.bob.wait_system("offers you file 1")
        self.assert_never_in_clear("dragged")

    def test_a_file_that_is_sent_goes_the_private_way(self):
        self.verify()
        path = self.make("dragged.txt", 100)
        self.send_in_clear(self.alice, self.bob_name, path)
        self.bob.wait_system("offers you file 1")
        self.assert_never_in_clear("dragged", "jabber.org/protocol/si\"", "streamhost")

    def test_without_a_way_it_is_stopped_and_may_pass_once(self):
        self.alice.otr(self.bob_name, "end")
        self.alice.otr(self.bob_name, "policy always")
        self.bob.wait_otr_status(self.alice_name, state="finished")
        path = self.make("dragged.txt", 100)
        since = self.alice.mark()
        self.send_in_clear(self.alice, self.bob_name, path)
        self.alice.wait_system("was stopped, because it would have gone in clear", since=since)
        request = self.alice.wait_request(type="action", since=since)
        self.assert_never_in_clear("dragged")
        self.alice.answer(request, action=0)
        self.wait_wire("dragged.txt")  # in clear now, as the user wished
        since = self.alice.mark()
        self.send_in_clear(self.alice, self.bob_name, path)
        self.alice.wait_request(type="action", since=since)  # for one alone

    def test_a_file_that_comes_is_stopped(self):
        since = self.alice.mark()
        self.bob.otr(self.alice_name, "files allow")
        self.send_in_clear(self.bob, self.alice_name, self.make("plain.txt", 100))
        self.alice.wait_system("was stopped, because it would have come in clear", since=since)
        self.assertEqual([event for event in self.alice.events[since:]
                          if event["event"] == "request"], [])
        self.alice.otr(self.bob_name, "files allow")
        self.bob.otr(self.alice_name, "files allow")
        since = self.alice.mark()
        self.send_in_clear(self.bob, self.alice_name, self.make("plain.txt", 100))
        self.alice.wait_request(since=since)  # libpurple asks

    def test_pictures_in_messages_are_left_out(self):
        heard = self.bob.mark()
        self.alice.send(self.bob_name, "look: <IMG ID=\"1\"> here")
        self.alice.wait_system("The picture in your message")
        event = self.bob.wait_message("look:", since=heard)
        self.assertNotIn("img", event["html"].lower())

    def test_pictures_in_clear_messages_are_not_fetched(self):
        for tag in ("<img src='cid:sha1+abc@bob.xmpp.org' alt='x'/>", "<IMG ID=\"7\">"):
            since = self.alice.mark()
            self.alice.call("receive", account=self.alice.account, to=self.bob_name,
                            text=f"in clear {tag} more", flags=[])
            event = self.alice.wait_message("in clear", since=since)
            self.assertNotIn("img", event["html"].lower())

    def test_calls_are_refused(self):
        caller = XmppLink(self.server, "bob", resource="caller")
        caller.start()
        self.addCleanup(caller.stop)
        alice = wait_until(lambda: next((one for one in list(caller.devices_seen)
                                         if one.startswith(self.alice_name + "/")), None),
                           what="alice's device")
        call = (f"<iq type='set' id='call-1' to='{alice}'><jingle xmlns='urn:xmpp:jingle:1' "
                "action='session-initiate' sid='a' initiator='bob@localhost/caller'/></iq>")
        since = self.alice.mark()
        caller.send_stanza(call)
        self.alice.wait_system("A voice or video call with", since=since)
        wait_until(lambda: self.wires["alice"].shows("service-unavailable"),
                   what="the answer of a program that knows no calls")

    def wait_wire(self, text):
        wait_until(lambda: self.wires["alice"].shows(text), what=f"{text} on the wire")


class Irc(IrcPair):

    def test_short_messages_carry_no_files(self):
        self.make_private()
        self.alice.otr(self.bob_name, "trust")
        self.alice.otr(self.bob_name, "send /etc/hostname")
        self.alice.wait_system("messages of this protocol are too short")


if __name__ == "__main__":
    unittest.main()
