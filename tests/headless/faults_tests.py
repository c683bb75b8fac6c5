# SPDX-FileCopyrightText: OTR Guard contributors
# SPDX-License-Identifier: GPL-2.0-or-later
"""Disks, owners, clocks and kills that let a real client down. Keys and verified codes are all there
afterwards, or the file is put aside under a name that the user is told.

Every system call of every write, with every fault, is in the unit test file_faults.
"""

import os
import pathlib
import shutil
import tempfile
import unittest

from otrtest.headless import HeadlessClient, plugin_path
from otrtest.keys import put_key
from otrtest.odd_system import OddSystem
from otrtest.pairs import XmppPair
from otrtest.servers import Prosody
from otrtest.waiting import wait_until

ALICE, BOB, CAROL = "alice@localhost/", "bob@localhost", "carol@localhost"
NEW = "new@127.0.0.1"
KEY_OF_BOB, KEY_OF_CAROL = "b0" * 20, "ca" * 20
FILES = ("otr.private_key", "otr.instance_tags", "otr.fingerprints", "otr-guard.json")
DAY = 86_400
#: Root may do everything that these tests are about.
AS_OTHERS = ("setpriv", "--bounding-set", "-dac_override,-dac_read_search,-fowner") \
    if os.geteuid() == 0 else ()


def line_of(name, key, word):
    return f"{name}\t{ALICE}\tprpl-jabber\t{key}\t{word}\n"


@unittest.skipIf("address" in HeadlessClient.sanitizers(), "a sanitizer must be loaded first")
class Profile(unittest.TestCase):
    """One client, on a profile with a key and two people's codes. Nobody else takes part."""

    @classmethod
    def setUpClass(cls):
        cls.server = cls.enterClassContext(Prosody({"alice": "a"}))

    def setUp(self):
        self.place = pathlib.Path(self.enterContext(
            tempfile.TemporaryDirectory(prefix="otrtest-faults-")))
        self.place.chmod(0o755)
        self.system = OddSystem(self.place / "system")
        self.profile = self.place / "profile"
        put_key(self.profile, ALICE)
        self.key = (self.profile / "otr.private_key").read_text()
        (self.profile / "otr.fingerprints").write_text(
            line_of(BOB, KEY_OF_BOB, "verified") + line_of(CAROL, KEY_OF_CAROL, ""))

    def client(self, **options):
        options.setdefault("environment", self.system.environment)
        return HeadlessClient(profile=self.profile, plugins=[plugin_path()], name="alice",
                              allowed_exit_codes=(0, -9), **options)

    def open(self, client):
        """A conversation with carol, and alice online: commands are for those who are."""
        client.account = None
        client.connect_xmpp(self.server, "alice")
        client.call("open_conversation", account=ALICE, to=CAROL)

    def trust(self, client):
        client.otr(CAROL, f"trust {KEY_OF_CAROL}")

    def lines(self):
        return (self.profile / "otr.fingerprints").read_text().splitlines(keepends=True)

    def is_written(self):
        return line_of(CAROL, KEY_OF_CAROL, "verified") in self.lines()

    def told(self, client, since=0):
        return [f"{event['title']} {event['primary']} {event['secondary']}"
                if "primary" in event else str(event)
                for event in client.events[since:] if event["event"] == "notify"]

    def beside(self):
        """Files of ours that are neither those that belong there nor the lock."""
        return sorted(path.name for path in self.profile.iterdir()
                      if path.name.startswith("otr")
                      and path.name not in (*FILES, "otr-guard.lock"))

    def only_one_beside(self):
        names = self.beside()
        return names[0] if len(names) == 1 else None


class Killed(Profile):

    def change_everything(self, client):
        """A key and a tag for a new account, and a decision about carol."""
        self.open(client)
        client.add_account(NEW, "prpl-irc", settings={"port": 1})
        client.call("enable", account=NEW, enabled=True)
        self.trust(client)
        wait_until(lambda: client.process.poll() is not None or (
            self.is_written() and NEW in (self.profile / "otr.private_key").read_text()),
                   what="everything to be written")

    def attempt(self, call):
        """True when it got that far. Killed, the client breaks off whatever we do with it."""
        self.system.kill_at(call)
        client = self.client()
        try:
            client.start()
            self.change_everything(client)
            client.quit()
        except (AssertionError, OSError, ValueError):
            if not self.system.has_struck():
                raise
        client.kill()
        client._remove()
        return self.system.has_struck()

    def check(self):
        self.system.disk_works()
        with self.client() as client:
            self.assertEqual(self.told(client), [])
            self.open(client)
            self.assertEqual(self.beside(), [])
            self.assertTrue(any(KEY_OF_CAROL[:8].upper() in line
                                for line in client.otr(CAROL, "keys")))
            client.call("open_conversation", account=ALICE, to=BOB)
            self.assertTrue(any("verified" in line for line in client.otr(BOB, "keys")))
            self.assertIn(self.own_code, client.otr(BOB, "myfp")[0])
        self.assertIn(line_of(BOB, KEY_OF_BOB, "verified"), self.lines())
        text = (self.profile / "otr.private_key").read_text()
        for number in self.key.split("#")[1::2]:
            self.assertIn(number, text)
        self.assertEqual(text.count("("), text.count(")"))

    def test_killed_in_every_call_by_which_files_are_written(self):
        with self.client() as client:
            self.open(client)
            client.call("open_conversation", account=ALICE, to=BOB)
            self.own_code = client.otr(BOB, "myfp")[0].split()[-1]
        before = self.place / "before"
        shutil.copytree(self.profile, before)
        call = 1
        while True:
            with self.subTest(call=call):
                shutil.rmtree(self.profile)
                shutil.copytree(before, self.profile)
                was_killed = self.attempt(call)
                self.check()
            if not was_killed:
                break
            call += 1
        self.assertTrue(self.is_written())
        self.assertGreater(call, 15, "hardly any call was looked at")


class Disk(Profile):

    def test_a_disk_that_is_full_or_broken_is_told_once_and_written_to_later(self):
        for error in ("ENOSPC", "EIO"):
            with self.subTest(error), self.client() as client:
                self.open(client)
                client.otr(CAROL, f"untrust {KEY_OF_CAROL}")
                wait_until(lambda: not self.is_written(), what="the beginning")
                since = client.mark()
                self.system.disk_fails(error)
                self.trust(client)
                event = client.wait_for({"event": "notify"}, since=since)
                self.assertIn("could not be written", str(event))
                self.assertFalse(self.is_written())
                self.assertIn(line_of(BOB, KEY_OF_BOB, "verified"), self.lines())
                self.system.disk_works()
                wait_until(self.is_written, timeout=60, what="another attempt")
                self.assertEqual(len(self.told(client, since)), 1)
                wait_until(lambda: self.beside() == [], what="the other file")

    def test_a_folder_that_cannot_be_written_to(self):
        with self.client(wrapper=AS_OTHERS) as client:
            self.open(client)
            since = client.mark()
            self.profile.chmod(0o500)
            self.addCleanup(self.profile.chmod, 0o700)
            self.trust(client)
            event = client.wait_for({"event": "notify"}, since=since)
            self.assertIn("could not be written", str(event))
            self.assertTrue(any("verified" in line for line in client.otr(CAROL, "keys")))
            self.profile.chmod(0o700)
        self.assertTrue(self.is_written())  # at the end

    def test_files_that_belong_to_somebody_else(self):
        if os.geteuid() != 0:
            self.skipTest("only root gives files away")
        for name in ("otr.private_key", "otr.fingerprints"):
            with self.subTest(name):
                file = self.profile / name
                content = file.read_bytes()
                file.chmod(0o600)
                os.chown(file, 65534, 65534)
                with self.client(wrapper=AS_OTHERS) as client:
                    event = client.wait_for({"event": "notify"})
                    self.assertIn(name, str(event))
                    self.open(client)
                    client.call("open_conversation", account=ALICE, to=BOB)
                    client.otr(BOB, "status")
                self.assertEqual(file.read_bytes(), content)
                self.assertEqual(file.stat().st_uid, 65534)
                self.assertEqual(self.beside(), [])
                os.chown(file, 0, 0)

    def test_a_link_in_place_of_a_file(self):
        real = self.place / "real"
        real.mkdir()
        for name in ("otr.private_key", "otr.fingerprints"):
            (self.profile / name).rename(real / name)
            (self.profile / name).symlink_to(real / name)
        with self.client() as client:
            self.assertEqual(self.told(client), [])
            self.open(client)
            self.trust(client)
            wait_until(self.is_written, what="the decision")
        for name in ("otr.private_key", "otr.fingerprints"):
            self.assertTrue((self.profile / name).is_symlink(), name)
        self.assertIn(line_of(BOB, KEY_OF_BOB, "verified"),
                      (real / "otr.fingerprints").read_text())

    def test_a_link_that_leads_nowhere_is_not_followed_in_circles(self):
        (self.profile / "otr.private_key").unlink()
        (self.profile / "otr.private_key").symlink_to("otr.private_key")
        with self.client() as client:
            event = client.wait_for({"event": "notify"})
            self.assertIn("otr.private_key", str(event))
        self.assertTrue((self.profile / "otr.private_key").is_symlink())

    def test_half_of_every_file(self):
        (self.profile / "otr.instance_tags").write_text(
            "# WARNING! You shouldn't copy this file\n" f"{ALICE}\tprpl-jabber\t1a2b3c4d\n")
        with self.client() as client:
            self.open(client)
            self.trust(client)
            wait_until(lambda: all((self.profile / name).exists() for name in FILES),
                       what="all files")
        for name in FILES:
            with self.subTest(name):
                file = self.profile / name
                whole = file.read_bytes()
                half = whole[:len(whole) * 5 // 8]
                file.write_bytes(half)
                with self.client() as client:
                    event = client.wait_for({"event": "notify"})
                    # What is written meanwhile has a temporary name at first.
                    kept = wait_until(self.only_one_beside, what="the file that was put aside")
                    self.assertTrue(kept.startswith(name + ".unreadable-"), kept)
                    self.assertIn(kept, str(event))
                    self.assertEqual((self.profile / kept).read_bytes(), half)
                    (self.profile / kept).unlink()
                file.write_bytes(whole)


@unittest.skipIf("address" in HeadlessClient.sanitizers(), "a sanitizer must be loaded first")
class Clock(XmppPair):

    def prepare(self):
        place = pathlib.Path(self._stack.enter_context(
            tempfile.TemporaryDirectory(prefix="otrtest-clock-")))
        self.system = OddSystem(place / "system")
        self.alice = self.make_client("alice", profile=place / "profile",
                                      environment=self.system.environment)
        self.bob = self.make_client("bob")
        self.alice.wait_buddy_online(self.bob_name)
        self.bob.wait_buddy_online(self.alice_name)

    def talk(self, when):
        self.say(self.alice, self.bob_name, self.bob, f"from alice {when}")
        self.say(self.bob, self.alice_name, self.alice, f"from bob {when}")

    def verify(self, answer):
        since, bob_since = self.alice.mark(), self.bob.mark()
        self.alice.otr(self.bob_name, f'question "where?" "{answer}"')
        self.bob.wait_system("/otr answer", since=bob_since)
        self.bob.otr(self.alice_name, f"answer {answer}")
        self.alice.wait_system("is verified now", since=since)

    def test_a_clock_that_is_set_back_and_forth(self):
        self.make_private()
        self.talk("in time")
        self.verify("here")
        for name, days in {"a year back": -400, "two years on": 700, "to 1990": -13_000}.items():
            self.system.clock_is_off(days * DAY)
            since = self.alice.mark()
            self.talk(f"set {name}")
            refreshed = self.alice.mark()
            self.alice.otr(self.bob_name, "refresh")
            self.alice.wait_system("goes on with fresh keys", since=refreshed)
            self.talk(f"refreshed {name}")
            self.verify("there")
            self.bob.otr(self.alice_name, "end")
            self.alice.wait_otr_status(self.bob_name, state="finished")
            self.alice.otr(self.bob_name, "start")
            self.wait_private()
            self.talk(f"again {name}")
            self.assertEqual(self.alice.otr_status(self.bob_name)["verified"], "yes")
            told = [line["text"] for line in self.alice.messages("system", since)]
            self.assertEqual([line for line in told if "error" in line.lower()], [])
        self.alice.quit()
        self.alice.start()
        self.alice.account = None
        self.alice.connect_xmpp(self.server, "alice", port=self.wires["alice"].port)
        self.bob.otr(self.alice_name, "end")
        self.make_private()
        self.assertEqual(self.alice.otr_status(self.bob_name)["verified"], "yes")
        self.talk("after a restart")
        self.assert_never_in_clear("from alice", "from bob")


if __name__ == "__main__":
    unittest.main()
