# SPDX-FileCopyrightText: OTR Guard contributors
# SPDX-License-Identifier: GPL-2.0-or-later
"""A connection between client and server that remembers every byte, and can be made hostile.

A `Wire` listens on a port of its own and passes everything on to the server. It cuts the stream
into units (XMPP stanzas, IRC lines, or whatever arrives), asks `filter` about each one, and can
hold back, drop, replace and inject units. What it recorded is what the *sender* wrote, whether it
was passed on or not: text that left a client in clear is found even if it never arrived.
"""

import dataclasses
import html
import re
import socket
import threading
import time

TO_SERVER = "to-server"
TO_CLIENT = "to-client"

#: Answer of a filter: keep this unit and all later ones of this direction until release().
HOLD = object()


@dataclasses.dataclass
class Unit:
    """One stanza, line or chunk. `action` is pass, drop, replace, hold or inject."""
    time: float
    direction: str
    connection: int
    data: bytes
    action: str = "pass"

    @property
    def text(self) -> str:
        return self.data.decode("utf-8", "replace")


class RawSplitter:
    """Units are the chunks that the socket delivers."""

    def feed(self, data: bytes):
        return [data]


class LineSplitter:
    """Units are lines with their line end (IRC)."""

    def __init__(self):
        self._rest = b""

    def feed(self, data: bytes):
        lines = (self._rest + data).split(b"\n")
        self._rest = lines.pop()
        return [line + b"\n" for line in lines]


class StanzaSplitter:
    """Units are the stream's header and end and each element directly below it (XMPP)."""

    _TAG = re.compile(rb"""<(?:[^"'>]|"[^"]*"|'[^']*')*>""")

    def __init__(self):
        self._rest = b""
        self._scanned = 0
        self._depth = 0

    def feed(self, data: bytes):
        self._rest += data
        units = []
        while True:
            tag = self._TAG.search(self._rest, self._scanned)
            if tag is None:
                return units
            self._scanned = tag.end()
            if self._ends_unit(tag.group()):
                units.append(self._rest[:self._scanned])
                self._rest = self._rest[self._scanned:]
                self._scanned = 0

    def _ends_unit(self, tag: bytes) -> bool:
        if tag.startswith((b"<?", b"<!")):
            return False
        if tag.startswith(b"<stream:stream"):
            self._depth = 1
            return True
        if tag.startswith(b"</"):
            self._depth -= 1
        elif not tag.endswith(b"/>"):
            self._depth += 1
        return self._depth <= 1


class _Connection:
    def __init__(self, number, client, server):
        self.number = number
        self.client = client
        self.server = server
        self.held = {TO_SERVER: [], TO_CLIENT: []}
        self.open = True

    def write(self, direction, data):
        target = self.server if direction == TO_SERVER else self.client
        try:
            target.sendall(data)
        except OSError:
            pass

    def close(self):
        self.open = False
        for end in (self.client, self.server):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass


class Wire:
    """`filter(unit)` may return None (pass), b"" (drop), bytes (send this instead) or HOLD.

    It is called on the wire's threads, one unit at a time.
    """

    def __init__(self, server_port: int, splitter=StanzaSplitter, filter=None):
        self.server_port = server_port
        self.filter = filter
        self.units = []
        self._splitter = splitter
        self._lock = threading.RLock()
        self._connections = []
        self._holding = set()
        self._listener = None
        self.port = 0

    host = "127.0.0.1"

    # --- life ---

    def start(self):
        self._listener = socket.create_server(("127.0.0.1", self.port))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def stop(self):
        self._listener.close()
        self.cut()

    def cut(self):
        """Closes all connections, as a failing network does. New ones are accepted."""
        with self._lock:
            for connection in self._connections:
                connection.close()

    def __enter__(self):
        return self.start()

    def __exit__(self, *exc):
        self.stop()

    # --- what was seen ---

    def seen(self, direction=None):
        """All units of a direction (or of both), in the order in which they were sent."""
        with self._lock:
            return [unit for unit in self.units
                    if unit.action != "inject" and direction in (None, unit.direction)]

    def streams(self, direction=None):
        """What was sent, as one bytes object per connection and direction."""
        joined = {}
        for unit in self.seen(direction):
            key = (unit.connection, unit.direction)
            joined[key] = joined.get(key, b"") + unit.data
        return list(joined.values())

    def shows(self, text: str, direction=None) -> bool:
        """True when the text crossed the wire readably, as it is or with XML escapes."""
        forms = {text, html.escape(text), html.escape(text, quote=False),
                 html.escape(html.escape(text)),
                 html.escape(html.escape(text, quote=False), quote=False)}
        return any(form.encode() in stream
                   for stream in self.streams(direction) for form in forms)

    def bodies(self, direction=None):
        """Text of the messages seen: <body> of XMPP stanzas, last argument of PRIVMSG/NOTICE."""
        found = []
        for unit in self.seen(direction):
            body = re.search(r"<body[^>]*>(.*?)</body>", unit.text, re.S)
            line = re.match(r"(?::\S+ )?(?:PRIVMSG|NOTICE) \S+ :?(.*?)\r?\n", unit.text, re.S)
            if body:
                found.append(html.unescape(body.group(1)))
            elif line:
                found.append(line.group(1))
        return found

    # --- interfering ---

    def hold(self, direction):
        """Keeps everything of this direction from now on, on all connections."""
        with self._lock:
            self._holding.add(direction)

    def release(self, direction=None):
        """Passes on, in order, what was held, and holds no longer."""
        with self._lock:
            for way in (TO_SERVER, TO_CLIENT):
                if direction in (None, way):
                    self._holding.discard(way)
                    for connection in self._connections:
                        held, connection.held[way] = connection.held[way], []
                        for data in held:
                            connection.write(way, data)

    def held(self, direction):
        """What is kept back at the moment."""
        with self._lock:
            return [data for connection in self._connections
                    for data in connection.held[direction]]

    def inject(self, direction, data, connection=-1):
        """Sends the data as if the other end had; on the newest connection unless told."""
        if isinstance(data, str):
            data = data.encode()
        with self._lock:
            live = [one for one in self._connections if one.open]
            target = live[-1] if connection == -1 else self._connections[connection]
            self.units.append(Unit(time.monotonic(), direction, target.number, data, "inject"))
            target.write(direction, data)

    # --- the pumps ---

    def _accept(self):
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            try:
                server = socket.create_connection(("127.0.0.1", self.server_port))
            except OSError:
                client.close()
                continue
            for end in (client, server):
                end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self._lock:
                connection = _Connection(len(self._connections), client, server)
                self._connections.append(connection)
            for direction, source in ((TO_SERVER, client), (TO_CLIENT, server)):
                threading.Thread(target=self._pump, args=(connection, direction, source),
                                 daemon=True).start()

    def _pump(self, connection, direction, source):
        splitter = self._splitter()
        while True:
            try:
                data = source.recv(65536)
            except OSError:
                data = b""
            if not data:
                break
            for piece in splitter.feed(data):
                with self._lock:
                    self._handle(connection, direction, piece)
        # What the splitter still keeps was never complete; the other end sees only the close.
        self._end(connection, direction)

    def _end(self, connection, direction):
        target = connection.server if direction == TO_SERVER else connection.client
        connection.open = False
        try:
            target.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def _handle(self, connection, direction, data):
        unit = Unit(time.monotonic(), direction, connection.number, data)
        self.units.append(unit)
        answer = self.filter(unit) if self.filter is not None else None
        if answer is HOLD:
            self._holding.add(direction)
            answer = None
        if answer == b"":
            unit.action = "drop"
            return
        if answer is not None:
            unit.action = "replace"
            data = answer
        if direction in self._holding:
            unit.action = "hold"
            connection.held[direction].append(data)
        else:
            connection.write(direction, data)


def xmpp_wire(server, filter=None) -> Wire:
    return Wire(server.port, StanzaSplitter, filter)


def irc_wire(server, filter=None) -> Wire:
    return Wire(server.port, LineSplitter, filter)
