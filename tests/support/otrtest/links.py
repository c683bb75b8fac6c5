# SPDX-FileCopyrightText: OTR Guard contributors
# SPDX-License-Identifier: GPL-2.0-or-later
"""Plain network connections for peers that have none of their own: XMPP (slixmpp) and IRC.

A link carries text and knows nothing of OTR. `on_text(sender, text)` is called on the link's
thread; `sender` is the bare XMPP address or the nick.
"""

import asyncio
import logging
import socket
import threading

import slixmpp

from .waiting import Timeout, patience, wait_until

logging.getLogger("slixmpp").setLevel(logging.CRITICAL)


class XmppLink:
    """One XMPP client. Answers go to the device that was heard last, as real clients do."""

    longest_message = 0

    def __init__(self, server, user, port=None, resource="peer", password=None,
                 answer_to_device=True):
        self.address = server.jid(user)
        self.on_text = lambda sender, text: None
        self.presences = {}
        self.devices_seen = set()  # full addresses
        self.stanzas = []  # texts of all that came in
        self._password = password or server.accounts[user]
        self._port = port or server.port
        self._resource = resource
        self._answer_to_device = answer_to_device
        self._devices = {}
        self._online = threading.Event()
        self._failed = None
        self._gone = threading.Event()
        self._loop = None
        self._client = None
        self._thread = None

    def start(self):
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        if not self._online.wait(15 * patience()) or self._failed:
            raise Timeout(f"{self.address} cannot sign on: {self._failed}")
        return self

    def stop(self):
        if self._thread is not None and self._thread.is_alive():
            self._call(self._client.disconnect)
            self._thread.join(10)
        self._thread = None

    def send(self, to, text):
        target = self._devices.get(to, to) if self._answer_to_device else to
        self._call(self._send_now, target, text)

    def send_stanza(self, xml: str):
        """Raw XML, for what a library would not say."""
        self._call(self._client.send_raw, xml)

    def _call(self, function, *arguments):
        try:
            self._loop.call_soon_threadsafe(function, *arguments)
        except RuntimeError:
            pass  # the connection has ended meanwhile

    def _send_now(self, target, text):
        message = self._client.make_message(mto=target, mbody=text, mtype="chat")
        message.send()

    def _run(self):
        self._loop = asyncio.new_event_loop()
        asyncio.set_event_loop(self._loop)
        client = slixmpp.ClientXMPP(f"{self.address}/{self._resource}", self._password)
        client["feature_mechanisms"].unencrypted_plain = True
        client.add_event_handler("session_start", self._on_session)
        client.add_event_handler("message", self._on_message)
        client.add_event_handler("failed_auth", self._on_failure)
        client.add_event_handler("presence_available", self._on_presence)
        client.add_event_handler("presence_unavailable", self._on_presence)
        client.add_filter("in", self._remember)
        self._client = client
        client.connect(("127.0.0.1", self._port), disable_starttls=True)
        self._loop.run_until_complete(client.disconnected)
        self._finish_tasks()

    def _finish_tasks(self):
        """slixmpp leaves its queues waiting."""
        loop = asyncio.get_event_loop()
        tasks = asyncio.all_tasks(loop)
        for task in tasks:
            task.cancel()
        loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
        loop.close()

    async def _on_session(self, _):
        self._client.send_presence()
        await self._client.get_roster()
        self._online.set()

    def _remember(self, stanza):
        self.stanzas.append(str(stanza))
        return stanza

    def _on_failure(self, _):
        self._failed = "wrong password"
        self._online.set()

    def _on_presence(self, presence):
        self.presences[presence["from"].bare] = presence["type"]
        self.devices_seen.add(presence["from"].full)

    def _on_message(self, message):
        if message["type"] == "error" or not message["body"]:
            return
        sender = message["from"].bare
        self._devices[sender] = message["from"].full
        self.on_text(sender, message["body"])


class IrcLink:
    """One IRC client for private messages. Lines longer than the protocol allows are an error."""

    def __init__(self, server, nick, port=None):
        self.address = nick
        self.on_text = lambda sender, text: None
        self.on_notice = lambda sender, text: None
        self._port = port or server.port
        self._socket = None
        self._thread = None
        self._answered = threading.Event()
        self._refusal = "no answer"
        self._online = None
        self._lock = threading.Lock()

    #: What fits into one line whatever prefix the server adds.
    longest_message = 417

    def start(self):
        self._socket = socket.create_connection(("127.0.0.1", self._port))
        self._thread = threading.Thread(target=self._read, args=(self._socket.makefile("rb"),),
                                        daemon=True)
        self._thread.start()
        self._line(f"NICK {self.address}")
        self._line(f"USER {self.address} 0 * :{self.address}")
        if not self._answered.wait(15 * patience()) or self._refusal:
            raise Timeout(f"{self.address} cannot sign on: {self._refusal}")
        return self

    def stop(self):
        """Returns when the server has ended the connection: what waits in several of them it reads
        in an order of its own, so the nick could still be taken for whoever comes next."""
        if self._socket is not None:
            self._line("QUIT :")
            self._thread.join(15 * patience())
            self._socket.close()
            self._socket = None
            if self._thread.is_alive():
                raise Timeout(f"the server does not let {self.address} go")

    def is_online(self, nick) -> bool:
        """Asks the server."""
        self._online = None
        self._line(f"ISON {nick}")
        return nick.lower() in wait_until(lambda: self._online, what="who is online",
                                          interval=0.01)

    def send(self, to, text):
        for line in text.split("\n"):
            self._line(f"PRIVMSG {to} :{line}")

    def _line(self, text):
        data = text.encode() + b"\r\n"
        if len(data) > 512:
            raise ValueError(f"{len(data)} bytes do not fit into a line of IRC")
        with self._lock:
            try:
                self._socket.sendall(data)
            except OSError:
                pass

    def _read(self, stream):
        try:
            for raw in stream:
                self._on_line(raw.decode("utf-8", "replace").rstrip("\r\n"))
        except (OSError, ValueError):
            pass
        self._answered.set()  # there will be none

    def _on_line(self, line):
        prefix = ""
        if line.startswith(":"):
            prefix, _, line = line[1:].partition(" ")
        command, _, rest = line.partition(" ")
        if command == "PING":
            self._line(f"PONG {rest}")
        elif command == "001":
            self._refusal = None
            self._answered.set()
        elif command in ("432", "433", "437", "ERROR"):
            self._refusal = self._refusal and line
            self._answered.set()
        elif command == "303":  # with its own name before the list, so never empty
            self._online = rest.replace(":", "").lower().split()
        elif command == "PRIVMSG":
            self.on_text(prefix.partition("!")[0], rest.partition(" :")[2])
        elif command == "NOTICE":
            self.on_notice(prefix.partition("!")[0], rest.partition(" :")[2])


def wait_until_gone(server, nick):
    """Until an IRC server knows nobody of that name any more: somebody else who takes it before gets
    another one."""
    link = IrcLink(server, "observer").start()
    try:
        wait_until(lambda: not link.is_online(nick), what=f"{nick} to be gone")
    finally:
        link.stop()
