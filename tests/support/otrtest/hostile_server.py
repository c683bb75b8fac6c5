# SPDX-FileCopyrightText: OTR Guard contributors
# SPDX-License-Identifier: GPL-2.0-or-later
"""An XMPP server that is the attacker's: it lets everybody in, and can say whatever it likes in
anybody's name."""

import contextlib
import itertools
import queue
import select
import socket
import ssl
import threading
import xml.etree.ElementTree as xml

from .lab_services import Service
from .places import XMPP, XMPP_DOMAIN
from .waiting import wait_until

_SASL = "urn:ietf:params:xml:ns:xmpp-sasl"
_BIND = "urn:ietf:params:xml:ns:xmpp-bind"
_BUDDY = f"mallory@{XMPP_DOMAIN}"


class HostileServer(Service):
    """`mechanisms` are offered at the log-in, which nobody fails who chooses PLAIN. `answers` maps
    namespaces of requests to contents of the results. With `instead` every client that has logged in
    hears that, and the end of the stream. Without `has_tls` it claims to know no encryption."""

    def __init__(self, lab, address=XMPP, port=5222, mechanisms=("PLAIN",), answers=None, instead=None,
                 has_tls=True):
        super().__init__(socket.SOCK_STREAM, address, port)
        self.mechanisms, self.instead, self.has_tls = mechanisms, instead, has_tls
        self.chosen = []  # mechanisms
        self.heard = []  # texts of stanzas
        self.answers = {
            "http://jabber.org/protocol/disco#info":
                "<query xmlns='http://jabber.org/protocol/disco#info'>"
                "<identity category='server' type='im'/></query>",
            "jabber:iq:roster":
                f"<query xmlns='jabber:iq:roster'><item jid='{_BUDDY}' subscription='both'/></query>",
            "urn:ietf:params:xml:ns:xmpp-session": "", **(answers or {})}
        self._streams = []
        self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._tls.load_cert_chain(lab.certificate, lab.folder / "test.key")
        self._server.listen()

    def _serve(self):
        connection, _ = self._server.accept()
        threading.Thread(target=self._talk, args=(connection,), daemon=True).start()

    def _talk(self, connection):
        with contextlib.closing(_Stream(self, connection, self._tls)) as stream, \
                contextlib.suppress(OSError, xml.ParseError):  # when the client has gone
            stream.run()

    def joined(self, stream):
        self._streams.append(stream)

    def push(self, *stanzas):
        """Says that to the client that logged in last."""
        for stanza in stanzas:
            self._streams[-1].push(stanza)

    def wait_heard(self, *words, what=None):
        """The first stanza of a client in which all these words are."""
        def find():
            return next((one for one in self.heard if all(word in one for word in words)), None)
        return wait_until(find, what=what or f"a stanza with {words}")


class _Stream:
    """One client, in a thread of its own. Its stanzas are the children of one element that has no
    end."""

    _numbers = itertools.count()

    def __init__(self, server, connection, tls):
        self._server, self._connection, self._tls = server, connection, tls
        self._is_encrypted = self._is_known = False
        self._parser = xml.XMLPullParser(("start", "end"))
        self._depth = 0
        self._user = f"alice@{XMPP_DOMAIN}/den{next(self._numbers)}"
        self._pushed = queue.SimpleQueue()
        self._bell, self._button = socket.socketpair()

    def close(self):
        for one in (self._connection, self._bell, self._button):
            one.close()

    def push(self, text):
        """From any thread."""
        self._pushed.put(text)
        self._button.send(b"!")

    def send(self, text):
        self._connection.sendall(text.encode())

    def _read(self):
        """What the client sends, until it goes; pushes meanwhile."""
        while True:
            ready, _, _ = select.select([self._connection, self._bell], [], [])
            if self._bell in ready:
                self._bell.recv(1)
                self.send(self._pushed.get())
            while self._connection in ready:
                try:
                    data = self._connection.recv(65536)
                except (TimeoutError, ssl.SSLWantReadError):
                    break  # a record without data
                if not data:
                    return
                yield data
                if not self._is_encrypted or not self._connection.pending():
                    break

    def run(self):
        self._connection.settimeout(2)
        for data in self._read():
            self._parser.feed(data)
            for event, element in self._parser.read_events():
                self._depth += 1 if event == "start" else -1
                if event == "start" and self._depth == 1:
                    self._greet()
                elif event == "end" and self._depth == 1 and self._handle(element):
                    self._parser, self._depth = xml.XMLPullParser(("start", "end")), 0
                    break

    def _greet(self):
        if self._server.has_tls and not self._is_encrypted:
            features = "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'><required/></starttls>"
        elif not self._is_known:
            names = "".join(f"<mechanism>{name}</mechanism>" for name in self._server.mechanisms)
            features = f"<mechanisms xmlns='{_SASL}'>{names}</mechanisms>"
        else:
            features = f"<bind xmlns='{_BIND}'/><session xmlns='urn:ietf:params:xml:ns:xmpp-session'/>"
        self.send(f"<?xml version='1.0'?><stream:stream from='{XMPP_DOMAIN}' id='1' version='1.0' "
                  "xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>"
                  f"<stream:features>{features}</stream:features>")

    def _handle(self, element):
        """True when a new stream follows."""
        text = xml.tostring(element, encoding="unicode")
        self._server.heard.append(text)
        name = element.tag.partition("}")[2]
        if name == "starttls":
            self.send("<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>")
            self._connection = self._tls.wrap_socket(self._connection, server_side=True)
            self._is_encrypted = True
            return True
        if name == "auth":
            self._server.chosen.append(element.get("mechanism"))
            self._is_known = element.get("mechanism") == "PLAIN"
            self.send(f"<success xmlns='{_SASL}'/>" if self._is_known else
                      f"<failure xmlns='{_SASL}'><not-authorized/></failure>")
            return self._is_known
        if name == "iq" and element.get("type") in ("get", "set"):
            self._answer(element)
        elif name == "message" and element.get("to", "").startswith("alice@"):
            body = element.findtext("{jabber:client}body")
            if body:
                self.send(f"<message from='{self._user}' type='chat'><body>{body}</body></message>")
        return False

    def _answer(self, request):
        space = request[0].tag[1:].partition("}")[0] if len(request) else ""
        kind, content = "result", self._server.answers.get(space)
        if space == _BIND:
            content = f"<bind xmlns='{_BIND}'><jid>{self._user}</jid></bind>"
            self._server.joined(self)
        elif content is None:
            kind, content = "error", "<error type='cancel'><service-unavailable " \
                "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>"
        sender = f"from='{request.get('to')}'" if request.get("to") else ""
        self.send(f"<iq type='{kind}' id='{request.get('id')}' {sender}>{content}</iq>")
        if space == "jabber:iq:roster" and self._server.instead:
            self.send(self._server.instead + "</stream:stream>")
            self._connection.shutdown(socket.SHUT_WR)
