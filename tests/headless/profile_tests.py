# SPDX-FileCopyrightText: OTR Guard contributors
# SPDX-License-Identifier: GPL-2.0-or-later
"""The files in the user directory: modes, damage, and the way back to pidgin-otr."""

import stat
import unittest

from otrtest.headless import HeadlessClient, plugin_path
from otrtest.pairs import XmppPair

FILES = ("otr.private_key", "otr.fingerprints", "otr.instance_tags")


class Files(XmppPair):

    def test_all_files_are_for_the_user_alone(self):
        self.make_private()
        self.alice.quit()
        for name in FILES:
            mode = stat.S_IMODE((self.alice.profile / name).stat().st_mode)
            self.assertEqual(mode, 0o600, name)
        self.assertEqual([path.name for path in self.alice.profile.iterdir()
                          if "otr" in path.name and path.name.endswith(".tmp")], [])

    def test_keys_stay_the_same_over_a_restart(self):
        self.make_private()
        key = self.alice.otr_status(self.bob_name)["my fingerprint"]
        tags = (self.alice.profile / "otr.instance_tags").read_bytes()
        self.alice.quit()
        self.alice.start()
        self.alice.account = None
        self.alice.connect_xmpp(self.server, "alice", port=self.wires["alice"].port)
        self.alice.call("open_conversation", account=self.alice.account, to=self.bob_name)
        self.assertEqual(self.alice.otr_status(self.bob_name)["my fingerprint"], key)
        self.assertEqual((self.alice.profile / "otr.instance_tags").read_bytes(), tags)

    def test_a_damaged_key_file_is_kept_aside_and_reported(self):
        self.alice.quit()
        damaged = b"(privkeys (account (name broken"
        (self.alice.profile / "otr.private_key").write_bytes(damaged)
        self.alice.start()
        self.alice.wait_for({"event": "notify"})
        kept = [path for path in self.alice.profile.iterdir()
                if path.name.startswith("otr.private_key.")]
        self.assertEqual([path.read_bytes() for path in kept], [damaged])

    def test_loading_again_after_unloading_works(self):
        self.make_private()
        for _ in range(3):
            self.alice.call("unload_plugin", plugin="core-otr-guard")
            self.alice.call("load_plugin", file=plugin_path())
        self.bob.otr(self.alice_name, "end")
        self.bob.otr(self.alice_name, "start")
        self.wait_private()
        self.say(self.alice, self.bob_name, self.bob, "loaded again")
        self.assert_never_in_clear("loaded again")

    def test_a_second_client_on_the_same_profile_reads_and_does_not_write(self):
        self.make_private()
        theirs = self.alice.otr_status(self.bob_name)["their fingerprint"]
        with HeadlessClient(profile=self.alice.profile, plugins=[plugin_path()],
                            name="second") as second:
            told = second.wait_for({"event": "notify"})
            self.assertIn("uses the same keys", str(told))
            account = second.call("add_account", protocol="prpl-irc", username="new@localhost")
            since = second.mark()
            second.call("enable", account=account, enabled=True)
            second.wait_for({"event": "notify"}, since=since)
            self.alice.otr(self.bob_name, "trust")
            second.quit()
        self.alice.quit()
        trusted = (self.alice.profile / "otr.fingerprints").read_text().splitlines()
        self.assertTrue(any(line.endswith("\tverified")
                            and line.split("\t")[3] == theirs.replace(" ", "").lower()
                            for line in trusted), trusted)
        self.assertNotIn("new@localhost", (self.alice.profile / "otr.private_key").read_text())
        self.assertNotIn("new@localhost", (self.alice.profile / "otr.instance_tags").read_text())


if __name__ == "__main__":
    unittest.main()
