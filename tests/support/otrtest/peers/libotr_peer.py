# SPDX-FileCopyrightText: OTR Guard contributors
# SPDX-License-Identifier: GPL-2.0-or-later
"""libotr itself as a peer, with the habits of one program or another (see behaviour.cpp)."""

import base64
import json
import os
import pathlib
import shutil
import struct
import subprocess
import tempfile
import threading

from .. import processes
from .base import Peer

BEHAVIOURS = ("libotr", "adium", "chatsecure-ios", "chatsecure-android", "tor-messenger")


def _pieces(message, limit):
    """What libotr sends whole however long it is (goodbyes, heartbeats), cut as other messages."""
    if not limit or len(message) <= limit or not message.startswith("?OTR:"):
        return [message]
    version, _, ours, theirs = struct.unpack(">HBII", base64.b64decode(message[5:5 + 16])[:11])
    head = "?OTR," if version == 2 else f"?OTR|{ours:08x}|{theirs:08x},"
    size = limit - len(head) - len("00001,00001,,")
    parts = [message[start:start + size] for start in range(0, len(message), size)]
    return [f"{head}{number:05d},{len(parts):05d},{part}," for number, part in enumerate(parts, 1)]


class LibotrPeer(Peer):
    """`link` carries its text (links.XmppLink or IrcLink); the peer starts and stops it.

    `policy` (never, manual, opportunistic, always) with `versions` ("2", "3", "23") replaces the
    behaviour's. `wire_in` and `wire_out` record what went through the link; setting `muted` keeps
    everything it writes off the network (it stays in `wire_out`).
    """

    def __init__(self, link, buddy, behaviour="libotr", policy=None, versions="23", folder=None,
                 program=None):
        super().__init__(buddy)
        self.name = f"{behaviour} ({link.address})"
        self.link = link
        self.behaviour = behaviour
        self.wire_in = []
        self.wire_out = []
        self.muted = False
        self._own_folder = folder is None
        self.folder = pathlib.Path(folder or tempfile.mkdtemp(prefix="otrtest-libotr-"))
        self.folder.mkdir(parents=True, exist_ok=True)
        self._arguments = [program or os.environ["OTR_GUARD_LIBOTR_PEER"],
                           "--account", link.address, "--folder", self.folder,
                           "--behaviour", behaviour]
        if policy is not None:
            self._arguments += ["--policy", policy, "--versions", versions]
        self._process = None
        self._last_id = 0
        self._lock = threading.Lock()
        self._reader = None

    # --- life ---

    def start(self):
        self._start_program()
        self.link.on_text = self._on_text
        self.link.start()
        if self.link.longest_message:
            self.set_max_message_size(self.link.longest_message)
        return self

    def stop(self):
        self.link.stop()
        self._stop_program()
        if self._own_folder:
            shutil.rmtree(self.folder, ignore_errors=True)

    def lose_session(self):
        """Starts the program anew, online all the time: keys stay, sessions are forgotten."""
        self._stop_program()
        self._start_program()

    def _start_program(self):
        since = self.mark()
        self._process = processes.start(self._arguments, stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE)
        self._reader = threading.Thread(target=self._read, args=(self._process.stdout,),
                                        daemon=True)
        self._reader.start()
        self.wait_for({"event": "ready"}, since=since)

    def _stop_program(self):
        if self._process is not None:
            self._process.stdin.close()
            processes.stop(self._process)
            self._reader.join(5)
            self._process.stdout.close()
            self._process = None

    def _read(self, stream):
        for line in stream:
            event = json.loads(line)
            if event["event"] == "wire":
                self.wire_out.append(event["data"])
                if not self.muted:
                    for piece in _pieces(event["data"], self.link.longest_message):
                        self.link.send(event["to"], piece)
            with self._news:
                self.events.append(event)
                self._news.notify_all()

    def _on_text(self, sender, text):
        self.wire_in.append(text)
        try:
            self._write({"id": None, "command": "receive", "who": sender, "data": text})
        except (OSError, ValueError, AttributeError):
            pass  # arrives while the program is being restarted

    def _write(self, command):
        with self._lock:
            self._process.stdin.write(json.dumps(command).encode() + b"\n")
            self._process.stdin.flush()

    def call(self, command, to=None, **members):
        with self._lock:
            self._last_id += 1
            number = self._last_id
        since = self.mark()
        self._write({"id": number, "command": command, "who": to or self.buddy, **members})
        result = self.wait_for({"event": "result", "id": number}, since=since)
        if not result["ok"]:
            raise AssertionError(f"{self.name}: {command}: {result['error']}")
        return result.get("value")

    # --- what a user does ---

    def start_otr(self, to=None):
        self.call("start", to)

    def send(self, text, to=None):
        self.call("send", to, text=text)

    def send_tlv(self, kind, value: bytes, to=None):
        self.call("send_tlv", to, type=kind, hex=value.hex())

    def send_raw(self, text, to=None):
        """Text as it is, past libotr."""
        self.link.send(to or self.buddy, text)

    def end(self, to=None):
        self.call("end", to)

    def smp_question(self, question, answer, to=None):
        self.call("smp_question", to, question=question, answer=answer)

    def smp_secret(self, secret, to=None):
        self.call("smp_secret", to, secret=secret)

    def smp_answer(self, answer, to=None):
        self.call("smp_answer", to, answer=answer)

    def smp_abort(self, to=None):
        self.call("smp_abort", to)

    def trust(self, word="verified", to=None):
        self.call("trust", to, word=word)

    def set_policy(self, policy, versions="23"):
        self.call("policy", policy=policy, versions=versions)

    def set_max_message_size(self, size):
        self.call("max_message_size", size=size)

    # --- what it knows ---

    def fingerprint(self):
        return self.call("fingerprint")

    def status(self, to=None):
        return self.call("status", to)

    def state(self, to=None):
        return self.status(to)["state"]

    def their_fingerprint(self, to=None):
        return self.status(to)["fingerprint"]
