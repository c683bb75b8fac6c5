# SPDX-FileCopyrightText: OTR Guard contributors
# SPDX-License-Identifier: GPL-2.0-or-later
"""Two people with OTR Guard on one server, each behind a wire that remembers every byte."""

import contextlib
import unittest

from .headless import HeadlessClient, plugin_path
from .servers import Ngircd, Prosody
from .wire import irc_wire, xmpp_wire


class XmppPair(unittest.TestCase):
    """alice and bob on one XMPP server, signed on, with OTR Guard. `make_client` starts more."""

    users = {"alice": "secret-a", "bob": "secret-b"}
    plugins = True
    server_modules = ()
    #: Whether they are on each other's buddy list.
    are_buddies = True

    def setUp(self):
        self._stack = contextlib.ExitStack()
        self.addCleanup(self._stack.close)
        self.server = self._stack.enter_context(
            Prosody(self.users, roster=self.are_buddies, modules=self.server_modules))
        self.wires = {}
        for user in self.users:
            self.wires[user] = self._stack.enter_context(xmpp_wire(self.server))
        self.prepare()

    def prepare(self):
        self.alice = self.make_client("alice")
        self.bob = self.make_client("bob")
        if self.are_buddies:
            self.alice.wait_buddy_online(self.bob_name)
            self.bob.wait_buddy_online(self.alice_name)

    alice_name = "alice@localhost"
    bob_name = "bob@localhost"

    def make_client(self, user, **options):
        client = self.start_client(user, **options)
        client.connect_xmpp(self.server, user, port=self.wires[user].port)
        return client

    def start_client(self, user, **options):
        options.setdefault("plugins", [plugin_path()] if self.plugins else [])
        return self._stack.enter_context(HeadlessClient(name=user, **options))

    # --- what tests say ---

    def make_private(self):
        """alice starts a private conversation and both see it."""
        self.alice.call("open_conversation", account=self.alice.account, to=self.bob_name)
        self.bob.call("open_conversation", account=self.bob.account, to=self.alice_name)
        self.alice.otr(self.bob_name, "start")
        self.wait_private()

    def wait_private(self):
        self.alice.wait_otr_status(self.bob_name, state="private")
        self.bob.wait_otr_status(self.alice_name, state="private")

    def say(self, sender, to, receiver, text):
        since = receiver.mark()
        sender.send(to, text)
        return receiver.wait_message(text, since=since)

    def assert_never_in_clear(self, *texts):
        for text in texts:
            for user, wire in self.wires.items():
                self.assertFalse(wire.shows(text), f"{text!r} crossed {user}'s wire in clear")


class IrcPair(XmppPair):
    """The same on IRC."""

    alice_name = "alice"
    bob_name = "bob"

    def setUp(self):
        self._stack = contextlib.ExitStack()
        self.addCleanup(self._stack.close)
        self.server = self._stack.enter_context(Ngircd())
        self.wires = {user: self._stack.enter_context(irc_wire(self.server))
                      for user in ("alice", "bob")}
        self.prepare()

    def prepare(self):
        self.alice = self.make_client("alice")
        self.bob = self.make_client("bob")

    def make_client(self, user, **options):
        client = self.start_client(user, **options)
        # libpurple sends a line in two seconds unless told otherwise.
        client.connect_irc(self.server, user, port=self.wires[user].port,
                           **{"ratelimit-interval": 0, "ratelimit-burst": 5000})
        return client
