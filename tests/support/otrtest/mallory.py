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
        self._rounds = 0

    def __enter__(self):
        return self.start()

    def __exit__(self, *exc):
        if self._has_avatar:
            self._withdraw_avatar()
        self.stop()

    def publish_avatar(self, url, to):
        """An avatar that has to be fetched, a message that shows that it was heard of, and an
        invitation to say when somebody types."""
        self._has_avatar = True
        self.send_stanza(
            "<iq type='set' id='avatar'><pubsub xmlns='http://jabber.org/protocol/pubsub'>"
            f"<publish node='{_METADATA}'><item id='x1'><metadata xmlns='{_METADATA}'>"
            f"<info bytes='2' id='x1' height='1' width='1' type='image/png' url='{url}'/>"
            "</metadata></item></publish></pubsub></iq>")
        self.send_stanza(f"<message to='{to}' type='chat'><body>hello, it is me</body>"
                         "<active xmlns='http://jabber.org/protocol/chatstates'/></message>")

    def _withdraw_avatar(self):
        self.send_stanza("<iq type='set' id='withdrawn'>"
                         "<pubsub xmlns='http://jabber.org/protocol/pubsub#owner'>"
                         f"<delete node='{_METADATA}'/></pubsub></iq>")
        wait_until(lambda: [one for one in self.stanzas
                            if "withdrawn" in one and "result" in one],
                   what="the withdrawal of the avatar")

    def _remember(self, stanza):
        """Takes files, with the hands of somebody who only wants to know from where."""
        super()._remember(stanza)
        text = str(stanza)
        if not text.startswith("<iq"):
            return stanza
        if "http://jabber.org/protocol/disco#info" in text and 'type="get"' in text:
            features = "".join(f"<feature var='http://jabber.org/protocol/{name}'/>" for name in
                               ("si", "si/profile/file-transfer", "bytestreams"))
            self._answer(stanza, "<query xmlns='http://jabber.org/protocol/disco#info'>"
                         f"<identity category='client' type='pc'/>{features}</query>")
            return None
        if 'type="set"' in text and "http://jabber.org/protocol/si/" in text:
            self._answer(stanza, "<si xmlns='http://jabber.org/protocol/si'>"
                         "<feature xmlns='http://jabber.org/protocol/feature-neg'>"
                         "<x xmlns='jabber:x:data' type='submit'><field var='stream-method'>"
                         "<value>http://jabber.org/protocol/bytestreams</value></field></x>"
                         "</feature></si>")
            return None
        return None if "streamhost" in text else stanza  # unanswered, so that the offer stands

    def _answer(self, stanza, content):
        self._client.send_raw(f"<iq type='result' id='{stanza['id']}' to='{stanza['from']}'>"
                              f"{content}</iq>")

    def heard(self, *words):
        """Stanzas in which all these words are."""
        return [stanza for stanza in self.stanzas if all(word in stanza for word in words)]

    def catch_up(self):
        """Returns once everything that the server has sent so far is in `stanzas`."""
        self._rounds += 1
        number = f"round-{self._rounds}"
        self.send_stanza(f"<iq type='get' id='{number}'><ping xmlns='urn:xmpp:ping'/></iq>")
        wait_until(lambda: self.heard("<iq", f'id="{number}"'), what="an answer of the server's")

    def devices_of(self, name):
        """The full addresses that are online, in the order in which they came."""
        devices = {}
        for stanza in list(self.stanzas):
            found = re.search(rf'from="({re.escape(name)}/[^"]+)"', stanza)
            if found and stanza.startswith("<presence"):
                devices.pop(found[1], None)
                if 'type="unavailable"' not in stanza:
                    devices[found[1]] = True
        return list(devices)

    def wait_device(self, name):
        """The device that came last: the one before it may still be on its way out."""
        self.catch_up()
        return wait_until(lambda: self.devices_of(name), what=f"the presence of {name}",
                          timeout=30)[-1]

    def wait_gone(self, name):
        """Until no device of that name is online, or this device, when it is a full address."""
        self.catch_up()
        bare = name.partition("/")[0]
        wait_until(lambda: not [one for one in self.devices_of(bare) if name in (bare, one)],
                   what=f"{name} to be gone")
