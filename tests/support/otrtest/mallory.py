# SPDX-FileCopyrightText: OTR Guard contributors
# SPDX-License-Identifier: GPL-2.0-or-later
"""Somebody on the user's buddy list who wants to know where the user is."""

import re

from .links import XmppLink
from .waiting import wait_until

_METADATA = "urn:xmpp:avatar:metadata"


class Mallory(XmppLink):
    """A context manager. What was published is withdrawn at the end: servers keep it, and the
    clients of later tests must not fetch it."""

    def __init__(self, server):
        super().__init__(server, "mallory")
        self._has_avatar = False

    def __enter__(self):
        return self.start()

    def __exit__(self, *exc):
        if self._has_avatar:
            self._withdraw_avatar()
        self.stop()

    def publish_avatar(self, url, to):
        """An avatar that has to be fetched, and a message that shows that it was heard of."""
        self._has_avatar = True
        self.send_stanza(
            "<iq type='set' id='avatar'><pubsub xmlns='http://jabber.org/protocol/pubsub'>"
            f"<publish node='{_METADATA}'><item id='x1'><metadata xmlns='{_METADATA}'>"
            f"<info bytes='2' id='x1' height='1' width='1' type='image/png' url='{url}'/>"
            "</metadata></item></publish></pubsub></iq>")
        self.send(to, "hello, it is me")

    def _withdraw_avatar(self):
        self.send_stanza("<iq type='set' id='withdrawn'>"
                         "<pubsub xmlns='http://jabber.org/protocol/pubsub#owner'>"
                         f"<delete node='{_METADATA}'/></pubsub></iq>")
        wait_until(lambda: [one for one in self.stanzas
                            if "withdrawn" in one and "result" in one],
                   what="the withdrawal of the avatar")

    def device_of(self, name):
        """The full address, as the last presence has it: the server answers for the bare one."""
        found = [re.search(rf'from="({re.escape(name)}/[^"]+)"', stanza) for stanza in self.stanzas
                 if "<presence" in stanza and "unavailable" not in stanza]
        return next((match[1] for match in reversed(found) if match), None)

    def wait_device(self, name):
        return wait_until(lambda: self.device_of(name), what=f"the presence of {name}", timeout=30)
