# SPDX-FileCopyrightText: OTR Guard contributors
# SPDX-License-Identifier: GPL-2.0-or-later
"""What somebody without anybody's keys can write, and what it costs the one who reads it."""

import base64
import html
import os
import pathlib
import re
import struct

#: Offers of versions 1 to 3 in white space (OTRv3, "Tagged plaintext messages").
TAG_BASE = " \t  \t\t\t\t \t \t \t  "
WHITESPACE_TAG = TAG_BASE + "  \t\t  \t  " + "  \t\t  \t\t"

D_H_COMMIT, DATA, D_H_KEY, REVEAL_SIGNATURE, SIGNATURE = 0x02, 0x03, 0x0A, 0x11, 0x12


def encoded(kind, sender, receiver, body, version=3):
    """An encoded message under any instance tags; version 2 has none."""
    tags = struct.pack(">II", sender, receiver) if version == 3 else b""
    message = struct.pack(">HB", version, kind) + tags + body
    return "?OTR:" + base64.b64encode(message).decode() + "."


def _data(value):
    return struct.pack(">I", len(value)) + value


def d_h_commit(sender, receiver=0):
    return encoded(D_H_COMMIT, sender, receiver, _data(os.urandom(196)) + _data(os.urandom(32)))


def d_h_key(sender, receiver):
    """Needs nobody's key: with it, libotr alone falls from private to plain text."""
    return encoded(D_H_KEY, sender, receiver, _data(b"\x01" + os.urandom(191)))


def data_message(sender, receiver, size=64):
    """Says that it holds `size` bytes of text; nobody can read it."""
    return encoded(DATA, sender, receiver,
                   b"\0" + struct.pack(">II", 1, 1) + _data(b"\x01" + os.urandom(191))
                   + bytes(7) + b"\x01" + _data(os.urandom(size)) + os.urandom(20) + _data(b""))


def instance_tags(message):
    """Sender and receiver of an encoded message of version 3, which anybody can read."""
    head = base64.b64decode(message[5:21])
    return struct.unpack(">II", head[3:11])


def kind_of(message):
    """The type of an encoded message; None of any other."""
    if not message.startswith("?OTR:"):
        return None
    return base64.b64decode(message[5:9])[2]


def fragment(sender, receiver, number, total, piece):
    return f"?OTR|{sender:08x}|{receiver:08x},{number:05d},{total:05d},{piece},"


def stanza(sender, to, text):
    """A message as a server delivers it, whoever it says that it is from."""
    return (f"<message from='{sender}' to='{to}' type='chat'>"
            f"<body>{html.escape(text)}</body></message>").encode()


_BODY = re.compile(rb"(<body[^>]*>)(.*?)(</body>)", re.S)


def body_of(unit: bytes):
    """The text of a message stanza; None of anything else."""
    match = _BODY.search(unit) if unit.startswith(b"<message") else None
    return html.unescape(match[2].decode("utf-8", "replace")) if match else None


def with_body(unit: bytes, text):
    """The stanza with another text in it, and none in other formats beside it."""
    plain = re.sub(rb"<html.*?</html>", b"", unit, flags=re.S)
    return _BODY.sub(lambda match: match[1] + html.escape(text).encode() + match[3], plain)


class Meter:
    """What a process has used since the meter was made."""

    def __init__(self, pid):
        self._folder = pathlib.Path("/proc") / str(pid)
        self._cpu = self._seconds()
        self._memory = self._resident()

    def cpu(self):
        """Seconds of processor time."""
        return self._seconds() - self._cpu

    def memory(self):
        """Megabytes of resident memory more than at the beginning."""
        return self._resident() - self._memory

    def peak(self):
        """The most megabytes at any moment, above those at the beginning."""
        return self._status("VmHWM") - self._memory

    def _seconds(self):
        fields = (self._folder / "stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def _resident(self):
        return self._status("VmRSS")

    def _status(self, name):
        text = (self._folder / "status").read_text()
        return int(re.search(rf"^{name}:\s+(\d+) kB", text, re.M)[1]) / 1024
