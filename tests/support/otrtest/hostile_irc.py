# SPDX-FileCopyrightText: OTR Guard contributors
# SPDX-License-Identifier: GPL-2.0-or-later
"""An IRC server that is the attacker's: it lets everybody in, can say whatever it likes in anybody's
name, and hears every line in clear."""

import contextlib
import queue
import select
import socket
import ssl
import threading

from .lab_services import Service
from .places import IRC
from .waiting import wait_until


class HostileIrc(Service):
    """Speaks TLS. Offers to log in with SASL to whoever wants that, and takes no mechanism."""

    def __init__(self, lab, address=IRC, port=6697):
        super().__init__(socket.SOCK_STREAM, address, port)
        self.port = port
        self.heard = []  # lines
        self._clients = []
        self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._tls.load_cert_chain(lab.certificate, lab.folder / "test.key")
        self._server.listen()

    def _serve(self):
        connection, _ = self._server.accept()
        threading.Thread(target=self._talk, args=(connection,), daemon=True).start()

    def _talk(self, connection):
        """One client, in a thread that alone touches its connection."""
        bell, button = socket.socketpair()
        pushed = queue.SimpleQueue()
        with bell, button, contextlib.suppress(OSError), \
                self._tls.wrap_socket(connection, server_side=True) as stream:
            stream.settimeout(2)
            self._clients.append((pushed, button))
            rest = b""
            while True:
                ready, _, _ = select.select([stream, bell], [], [])
                if bell in ready:
                    bell.recv(1)
                    stream.sendall(pushed.get())
                if stream in ready:
                    data = stream.recv(65536)
                    while data and stream.pending():
                        data += stream.recv(65536)
                    if not data:
                        return
                    *lines, rest = (rest + data).split(b"\r\n")
                    for line in lines:
                        self._hear(stream, line.decode("utf-8", "replace"))

    def _hear(self, stream, line):
        self.heard.append(line)
        command, _, rest = line.partition(" ")
        if command == "USER":
            self._say(stream, "001 alice :welcome")
            self._say(stream, "422 alice :no message of the day")
        elif line.startswith("CAP REQ"):
            self._say(stream, "CAP alice ACK :sasl ")
        elif command == "AUTHENTICATE":
            self._say(stream, "904 alice :no")
        elif command == "PING":
            self._say(stream, f"PONG irc.test {rest}")

    @staticmethod
    def _say(stream, line):
        stream.sendall(f":irc.test {line}\r\n".encode())

    def push(self, *lines):
        """Says that to the client that came last."""
        pushed, button = self._clients[-1]
        for line in lines:
            pushed.put(line.encode() + b"\r\n")
            button.send(b"!")

    def wait_heard(self, word):
        return wait_until(lambda: next((line for line in self.heard if word in line), None),
                          what=f"a line with {word}")
