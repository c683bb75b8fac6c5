# SPDX-FileCopyrightText: OTR Guard contributors
# SPDX-License-Identifier: GPL-2.0-or-later
"""Small servers in threads: what stands in lab.py beside whole programs."""

import socket
import struct
import threading

from .places import ATTACKER, HOSTS, HOSTS6, HTTP_PORT, NAMES, NAMES6, PROXY, XMPP_DOMAIN


def _listen(kind, address, port):
    server = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, kind)
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    server.bind((address, port))
    return server


class Service:
    """A small server in a thread; its sockets close with it."""

    def __init__(self, kind, address, port):
        self._server = _listen(kind, address, port)
        self._server.settimeout(0.2)
        self._closed = False
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self):
        self._thread.start()
        return self

    def _run(self):
        while not self._closed:
            try:
                self._serve()
            except TimeoutError:
                continue

    def _serve(self):
        raise NotImplementedError

    def close(self):
        self._closed = True
        self._thread.join()
        self._server.close()


class NameServer(Service):
    """Knows the hosts of its network and the services of XMPP_DOMAIN, and remembers every question."""

    def __init__(self, has_ipv6=False):
        super().__init__(socket.SOCK_DGRAM, NAMES6 if has_ipv6 else NAMES, 53)
        self.questions = []
        self._hosts = {1: HOSTS, 28: HOSTS6 if has_ipv6 else {}}

    @staticmethod
    def _encoded(name):
        return b"".join(bytes([len(part)]) + part.encode() for part in name.split(".")) + b"\0"

    def _answer(self, name, kind):
        if name in self._hosts.get(kind, {}):
            family = socket.AF_INET if kind == 1 else socket.AF_INET6
            return socket.inet_pton(family, self._hosts[kind][name])
        services = {f"_xmpp-client._tcp.{XMPP_DOMAIN}": (5222, XMPP_DOMAIN),
                    f"_stun._udp.{XMPP_DOMAIN}": (3478, "stun.test")}
        if kind == 33 and name in services:
            port, host = services[name]
            return struct.pack("!HHH", 0, 0, port) + self._encoded(host)
        return None

    def _serve(self):
        data, client = self._server.recvfrom(4096)
        at, parts = 12, []
        while data[at]:
            parts.append(data[at + 1:at + 1 + data[at]].decode("latin-1"))
            at += data[at] + 1
        name, kind = ".".join(parts).lower(), struct.unpack("!H", data[at + 1:at + 3])[0]
        self.questions.append(name)
        answer = self._answer(name, kind)
        record = b"" if answer is None else (
            b"\xc0\x0c" + struct.pack("!HHIH", kind, 1, 1, len(answer)) + answer)
        known = answer is not None or any(name in hosts for hosts in self._hosts.values())
        header = data[:2] + struct.pack("!HHHHH", 0x8180 if known else 0x8183, 1,
                                        1 if record else 0, 0, 0)
        self._server.sendto(header + data[12:at + 5] + record, client)


class WebServer(Service):
    """Answers every request, or sends the asker elsewhere, and remembers it."""

    def __init__(self, address=ATTACKER, port=80, elsewhere=None):
        super().__init__(socket.SOCK_STREAM, address, port)
        self._server.listen()
        self.requests = []
        self._answer = b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok" if elsewhere is None else \
            f"HTTP/1.0 302 Found\r\nLocation: {elsewhere}\r\nContent-Length: 0\r\n\r\n".encode()

    def _serve(self):
        connection, _ = self._server.accept()
        with connection:
            connection.settimeout(2)
            self.requests.append(connection.recv(4096))
            connection.sendall(self._answer)


class HttpProxy(Service):
    """CONNECT and nothing else."""

    def __init__(self):
        super().__init__(socket.SOCK_STREAM, PROXY, HTTP_PORT)
        self._server.listen()

    def _serve(self):
        connection, _ = self._server.accept()
        threading.Thread(target=self._talk, args=(connection,), daemon=True).start()

    @staticmethod
    def _talk(client):
        request = b""
        while b"\r\n\r\n" not in request:
            request += client.recv(4096)
        host, _, port = request.split()[1].decode().rpartition(":")
        try:
            server = socket.create_connection((host, int(port)))
        except OSError:
            client.close()
            return
        client.sendall(b"HTTP/1.0 200 OK\r\n\r\n")

        def copy(source, target):
            try:
                while data := source.recv(65536):
                    target.sendall(data)
                target.shutdown(socket.SHUT_WR)
            except OSError:
                pass

        back = threading.Thread(target=copy, args=(server, client), daemon=True)
        back.start()
        copy(client, server)
        back.join()
        server.close()
        client.close()
