# SPDX-FileCopyrightText: OTR Guard contributors
# SPDX-License-Identifier: GPL-2.0-or-later
"""The recording of every packet that a client sends in lab.py."""

import socket
import struct
import threading

from .places import CLIENT

_ECHO = b"otr guard marker"


class Packet:
    """One packet on the cable: where to, by which protocol, and what was in it."""

    def __init__(self, frame):
        self.payload = b""
        self.kind = struct.unpack("!H", frame[12:14])[0]
        self.source = self.target = self.protocol = self.port = None
        self.connection = None  # the ends of a TCP connection
        self.opens = False  # one
        if self.kind == 0x0800:
            header = frame[14:]
            size = (header[0] & 15) * 4
            self.source, self.target = (socket.inet_ntoa(header[at:at + 4]) for at in (12, 16))
            self.protocol = {6: "tcp", 17: "udp", 1: "icmp"}.get(header[9], header[9])
            self._read_body(header[size:struct.unpack("!H", header[2:4])[0]])
        elif self.kind == 0x86dd:
            self.source, self.target = (socket.inet_ntop(socket.AF_INET6, frame[at:at + 16])
                                        for at in (22, 38))
            # Neighbours and multicast groups are the kernel's own business.
            self.protocol = {6: "tcp6", 17: "udp6", 58: "icmp6", 0: "icmp6"}.get(frame[20], frame[20])
            self._read_body(frame[54:54 + struct.unpack("!H", frame[18:20])[0]])

    def _read_body(self, body):
        if self.protocol in ("tcp", "tcp6"):
            self.payload = body[(body[12] >> 4) * 4:]
            self.connection = (self.source, self.target, *struct.unpack("!HH", body[:4]))
            self.opens = bool(body[13] & 2)
        elif self.protocol in ("udp", "udp6"):
            self.payload = body[8:]
        elif self.protocol in ("icmp", "icmp6"):
            self.payload = body
            return
        else:
            return
        self.port = struct.unpack("!H", body[2:4])[0]

    def __repr__(self):
        return f"{self.source} -> {self.target}:{self.port} {self.protocol} {self.payload[:60]!r}"


class Cable:
    """Records what comes from the client until it is closed. `client` is the address of the client
    that answers when it is asked for an echo."""

    def __init__(self, interface, client=CLIENT):
        self._client = client
        self._socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
        self._socket.bind((interface, 0))
        self._socket.settimeout(0.2)
        self._news = threading.Condition()
        self._packets = []
        self._echoes = 0
        self._closed = False
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self):
        while not self._closed:
            try:
                frame, (_, _, direction, _, _) = self._socket.recvfrom(65536)
            except TimeoutError:
                continue
            if direction == socket.PACKET_OUTGOING:  # to the client
                continue
            packet = Packet(frame)
            with self._news:
                if packet.source == self._client and packet.payload.endswith(_ECHO):
                    self._echoes += 1
                elif packet.kind != 0x0806 and packet.protocol != "icmp6":
                    self._packets.append(packet)
                self._news.notify_all()

    def _ask_for_echo(self):
        if ":" in self._client:  # the kernel fills the checksum in
            request = struct.pack("!BBHHH", 128, 0, 0, 1, 1) + _ECHO
            family, protocol = socket.AF_INET6, socket.IPPROTO_ICMPV6
        else:
            request = struct.pack("!BBHHH", 8, 0, 0, 1, 1) + _ECHO
            total = sum(struct.unpack(f"!{len(request) // 2}H", request))
            request = request[:2] + struct.pack("!H", 0xffff - total % 0xffff) + request[4:]
            family, protocol = socket.AF_INET, socket.IPPROTO_ICMP
        with socket.socket(family, socket.SOCK_RAW, protocol) as sender:
            sender.sendto(request, (self._client, 0))

    def mark(self):
        """How many packets there are so far. The client's kernel echoes, so whatever it sent before
        has arrived."""
        with self._news:
            seen = self._echoes
        self._ask_for_echo()
        with self._news:
            if not self._news.wait_for(lambda: self._echoes > seen, 5):
                raise AssertionError("the recording has stopped")
            return len(self._packets)

    def since(self, mark):
        """What was sent since then. How the kernel acknowledges or closes connections that were
        there before, without a byte in it, is left out: it comes whenever the other end does."""
        end = self.mark()
        before = {one.connection for one in self._packets[:mark]} - {None}
        return [one for one in self._packets[mark:end]
                if one.payload or one.opens or one.connection not in before]

    def close(self):
        self._closed = True
        self._thread.join()
        self._socket.close()
