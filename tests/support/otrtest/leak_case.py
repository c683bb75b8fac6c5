# SPDX-FileCopyrightText: OTR Guard contributors
# SPDX-License-Identifier: GPL-2.0-or-later
"""What tests of bound accounts have in common: the same client with OTR Guard and without it."""

import contextlib
import os
import unittest

from .headless import CommandError, HeadlessClient, plugin_path
from .lab import PROXY, SOCKS_PORT, XMPP_DOMAIN, betrayals, leaks

ALICE, MALLORY = f"alice@{XMPP_DOMAIN}", f"mallory@{XMPP_DOMAIN}"
#: To be given as a client's wrapper: otr-guard-run.
LAUNCHED = [os.environ.get("OTR_GUARD_RUN", ""), "--proxy", f"{PROXY}:{SOCKS_PORT}", "--"]
SOCKS = f"proxy socks5 {PROXY} {SOCKS_PORT}"


class LeakCase(unittest.TestCase):
    """Classes set `lab`, and `xmpp_port` unless it is 5222."""

    lab = None
    xmpp_port = 5222

    @contextlib.contextmanager
    def client(self, is_guarded, proxy="socks5", host=PROXY, port=SOCKS_PORT, settings=None,
               is_bound=True, **options):
        """A client with Alice's account. With OTR Guard it is bound to this proxy."""
        plugins = options.pop("plugins", [plugin_path()] if is_guarded else [])
        # libpurple frees a fetched avatar twice when it quits; a sanitizer ends it with 1.
        codes = (0,) if is_guarded else (0, -6, -11, 134, 139, *[1] * bool(HeadlessClient.sanitizers()))
        with self.lab.client(plugins=plugins, allowed_exit_codes=codes, **options) as client:
            client.add_account(f"{ALICE}/", "prpl-jabber", "a", {
                "port": self.xmpp_port, "connection_security": "require_tls", **(settings or {})})
            if proxy:
                client.set_proxy(proxy, host=host, port=port)
            if is_guarded and is_bound:
                client.bind("Only through a SOCKS 5 proxy", host, port)
            yield client

    @staticmethod
    def record(client, text, account=None):
        """Binds the account by its record alone: its proxy stays as it is."""
        client.call("set_account_setting", account=account or client.account,
                    name="otr-guard-network", value=text)

    @staticmethod
    def wait_for_answers(client):
        """The server answers in order: what it was asked before has been answered then."""
        since = client.mark()
        client.send(ALICE, "round and back")
        client.wait_message("round and back", since=since)

    def connect(self, client):
        """What the client sent while it signed on, and why it could not if so."""
        since, before = self.lab.cable.mark(), client.mark()
        error = None
        try:
            client.connect()
            self.wait_for_answers(client)
        except CommandError as refused:
            error = str(refused)
            client.wait_for({"event": "signed-off"}, since=before)
        return self.lab.cable.since(since), error

    def assert_only_proxy(self, client, packets, port=SOCKS_PORT, proxy=PROXY):
        self.assertTrue(packets)
        self.assertEqual(leaks(packets, port, proxy), [])
        self.assertEqual(betrayals(packets), [])
        self.assertEqual(client.listeners(), [])

    def assert_refused(self, client, words):
        packets, error = self.connect(client)
        self.assertIn("OTR Guard refused to connect", error or "it connected")
        self.assertIn(words, error)
        self.assertEqual(packets, [])
