# SPDX-FileCopyrightText: OTR Guard contributors
# SPDX-License-Identifier: GPL-2.0-or-later
"""A network of our own: a client's namespace whose one cable leads to a namespace with everything
else (proxy, servers, name server, an attacker), and a recording of every packet on that cable.

Needs unprivileged user namespaces; where there are none, `enter` ends the test as skipped.
"""

import base64
import ipaddress
import os
import pathlib
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import threading

from . import processes
from .headless import CommandError, HeadlessClient
from .servers import Ngircd, Prosody
from .waiting import wait_until

CLIENT, PROXY, XMPP, NAMES, ATTACKER, IRC = (f"10.77.0.{last}" for last in (2, 1, 4, 53, 66, 67))
SOCKS_PORT, HTTP_PORT, TOR_PORT = 1080, 3128, 9050
#: The client's own name: without a dot, and in no file, so that whoever wants it must ask.
CLIENT_NAME = "lk-secret-host"
XMPP_DOMAIN = "xmpp.test"
HOSTS = {XMPP_DOMAIN: XMPP, "irc.test": IRC, "stun.test": ATTACKER, "proxy.test": PROXY,
         "attacker.test": ATTACKER}

_INSIDE = "OTR_GUARD_IN_LAB"
_ECHO = b"otr guard marker"
_UNSHARE = ["unshare", "--user", "--map-root-user", "--net", "--mount", "--uts"]


def enter():
    """Runs the test again inside the servers' namespace. Call it before anything else."""
    if os.environ.get(_INSIDE):
        return
    tried = subprocess.run([*_UNSHARE, "true"], capture_output=True, text=True, check=False)
    if tried.returncode != 0:
        print("SKIPPED: LEAKS WERE NOT TESTED. This machine makes no network namespaces: "
              f"{tried.stderr.strip()}", file=sys.stderr)
        sys.exit(77)
    os.environ[_INSIDE] = "1"
    os.execvp(_UNSHARE[0], [*_UNSHARE, sys.executable, "-B", *sys.argv])


def _ip(*words):
    subprocess.run(["ip", *words], check=True)


def _listen(kind, address, port):
    server = socket.socket(socket.AF_INET, kind)
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    server.bind((address, port))
    return server


class Packet:
    """One packet that the client sent: where to, by which protocol, and what was in it."""

    def __init__(self, frame):
        self.payload = b""
        self.kind = struct.unpack("!H", frame[12:14])[0]
        self.source = self.target = self.protocol = self.port = None
        if self.kind == 0x0800:
            header = frame[14:]
            size = (header[0] & 15) * 4
            self.source, self.target = (socket.inet_ntoa(header[at:at + 4]) for at in (12, 16))
            self.protocol = {6: "tcp", 17: "udp", 1: "icmp"}.get(header[9], header[9])
            body = header[size:struct.unpack("!H", header[2:4])[0]]
            if self.protocol in ("tcp", "udp"):
                self.port = struct.unpack("!H", body[2:4])[0]
                self.payload = body[(body[12] >> 4) * 4 if self.protocol == "tcp" else 8:]
            elif self.protocol == "icmp":
                self.payload = body
        elif self.kind == 0x86dd:
            self.source, self.target = (socket.inet_ntop(socket.AF_INET6, frame[at:at + 16])
                                        for at in (22, 38))
            # Neighbours and multicast groups are the kernel's own business.
            self.protocol = {6: "tcp6", 17: "udp6", 58: "icmp6", 0: "icmp6"}.get(frame[20], frame[20])

    def __repr__(self):
        return f"{self.source} -> {self.target}:{self.port} {self.protocol} {self.payload[:60]!r}"


class _Cable:
    """Records what comes from the client until it is closed."""

    def __init__(self, interface):
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
                packet = Packet(self._socket.recv(65536))
            except TimeoutError:
                continue
            with self._news:
                if packet.source == CLIENT and packet.payload.endswith(_ECHO):
                    self._echoes += 1
                elif packet.kind != 0x0806 and packet.protocol != "icmp6" \
                        and packet.source not in HOSTS.values() and packet.source != NAMES:
                    self._packets.append(packet)
                self._news.notify_all()

    def mark(self):
        """How many packets there are so far. The client's kernel echoes, so whatever it sent before
        has arrived."""
        with self._news:
            seen = self._echoes
        request = struct.pack("!BBHHH", 8, 0, 0, 1, 1) + _ECHO
        total = sum(struct.unpack(f"!{len(request) // 2}H", request))
        checksum = 0xffff - (total % 0xffff)
        with socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP) as sender:
            sender.sendto(request[:2] + struct.pack("!H", checksum) + request[4:], (CLIENT, 0))
        with self._news:
            if not self._news.wait_for(lambda: self._echoes > seen, 5):
                raise AssertionError("the recording has stopped")
            return len(self._packets)

    def since(self, mark):
        end = self.mark()
        return self._packets[mark:end]

    def close(self):
        self._closed = True
        self._thread.join()
        self._socket.close()


class _Service:
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


class NameServer(_Service):
    """Knows HOSTS and the services of XMPP_DOMAIN, and remembers every question."""

    def __init__(self):
        super().__init__(socket.SOCK_DGRAM, NAMES, 53)
        self.questions = []

    @staticmethod
    def _encoded(name):
        return b"".join(bytes([len(part)]) + part.encode() for part in name.split(".")) + b"\0"

    def _answer(self, name, kind):
        if kind == 1 and name in HOSTS:
            return socket.inet_aton(HOSTS[name])
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
        known = answer is not None or name in HOSTS
        header = data[:2] + struct.pack("!HHHHH", 0x8180 if known else 0x8183, 1,
                                        1 if record else 0, 0, 0)
        self._server.sendto(header + data[12:at + 5] + record, client)


class WebServer(_Service):
    """Answers every request with a picture of one dot, and remembers it."""

    def __init__(self, address=ATTACKER, port=80):
        super().__init__(socket.SOCK_STREAM, address, port)
        self._server.listen()
        self.requests = []

    def _serve(self):
        connection, _ = self._server.accept()
        with connection:
            connection.settimeout(2)
            self.requests.append(connection.recv(4096))
            connection.sendall(b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok")


class HttpProxy(_Service):
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


class Lab:
    """The two namespaces and what stands in them. Use it as a context manager."""

    def __init__(self):
        self._stack = []
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="otrtest-lab-"))
        self.cable = self.names = self.holder = self.certificate = None

    def __enter__(self):
        try:
            self._start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def _start(self):
        self._stack.append(lambda: shutil.rmtree(self.folder, ignore_errors=True))
        self._make_client_namespace()
        self._make_cable()
        self._use_files("\n".join(f"{address} {name}" for name, address in HOSTS.items()))
        self.cable = _Cable("lks")
        self._stack.append(self.cable.close)
        self.names = self.keep(NameServer().start())
        self.certificate = self._make_certificate()

    def __exit__(self, *exc):
        while self._stack:
            self._stack.pop()()

    def keep(self, service):
        """Closes the service with the lab."""
        self._stack.append(service.close)
        return service

    # --- the network ---

    def _make_client_namespace(self):
        (self.folder / "resolv.conf").write_text(f"nameserver {NAMES}\noptions timeout:1\n")
        (self.folder / "client-hosts").write_text("127.0.0.1 localhost\n")
        (self.folder / "nsswitch.conf").write_text("passwd: files\ngroup: files\nhosts: files dns\n")
        script = f"""
            mount --bind {self.folder}/resolv.conf /etc/resolv.conf
            mount --bind {self.folder}/client-hosts /etc/hosts
            mount --bind {self.folder}/nsswitch.conf /etc/nsswitch.conf
            echo {CLIENT_NAME} > /proc/sys/kernel/hostname
            echo ready; exec sleep infinity"""
        self.holder = processes.start(["unshare", "--net", "--mount", "--uts", "sh", "-ec", script],
                                      stdout=subprocess.PIPE, stdin=subprocess.DEVNULL)
        self._stack.append(lambda: (processes.stop(self.holder), self.holder.stdout.close()))
        if self.holder.stdout.readline() != b"ready\n":
            raise RuntimeError("the client's namespace cannot be set up")

    def inside(self, program):
        """The words that run a program where the client is."""
        return ["nsenter", "--target", str(self.holder.pid), "--net", "--mount", "--uts", "--",
                *program]

    def _make_cable(self):
        _ip("link", "set", "lo", "up")
        _ip("link", "add", "lks", "type", "veth", "peer", "name", "lkc")
        _ip("link", "set", "lkc", "netns", str(self.holder.pid))
        for address in (PROXY, XMPP, NAMES, ATTACKER, IRC):
            _ip("address", "add", f"{address}/24", "dev", "lks")
        _ip("link", "set", "lks", "up")
        for words in (["link", "set", "lo", "up"], ["link", "set", "lkc", "up"],
                      ["address", "add", f"{CLIENT}/24", "dev", "lkc"],
                      ["route", "add", "default", "via", PROXY]):
            subprocess.run(self.inside(["ip", *words]), check=True)

    def _use_files(self, hosts):
        """The servers' side reads names from a file; it never asks."""
        (self.folder / "hosts").write_text(f"127.0.0.1 localhost\n{hosts}\n")
        for name, path in (("hosts", "/etc/hosts"), ("nsswitch.conf", "/etc/nsswitch.conf"),
                           ("resolv.conf", "/etc/resolv.conf")):
            subprocess.run(["mount", "--bind", self.folder / name, path], check=True)

    def _make_certificate(self):
        names = ",".join(f"DNS:{name}" for name in HOSTS)
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
                        "-subj", f"/CN={XMPP_DOMAIN}", "-addext", f"subjectAltName={names}",
                        "-keyout", self.folder / "test.key", "-out", self.folder / "test.crt"],
                       check=True, capture_output=True)
        return self.folder / "test.crt"

    # --- what stands in it ---

    def start(self, arguments, ready):
        """A program on the servers' side; `ready` is an address that answers then."""
        process = processes.start(arguments, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                  stderr=subprocess.DEVNULL)
        self._stack.append(lambda: self.stop(process))
        wait_until(lambda: _answers(*ready), what=arguments[0], timeout=30)
        return process

    @staticmethod
    def stop(process):
        if process.returncode is None:
            processes.stop(process)

    def socks_proxy(self, port=SOCKS_PORT):
        return self.start(["microsocks", "-i", PROXY, "-p", str(port)], (PROXY, port))

    def http_proxy(self):
        return self.keep(HttpProxy().start())

    def tor(self):
        """A real Tor without a network: it answers, and gets nowhere."""
        folder = self.folder / "tor"
        folder.mkdir(mode=0o700, exist_ok=True)
        (folder / "torrc").write_text("")
        return self.start(["tor", "--quiet", "-f", str(folder / "torrc"),
                           "--defaults-torrc", str(folder / "torrc"), "--DataDirectory", str(folder),
                           "--SocksPort", f"{PROXY}:{TOR_PORT}", "--ControlPort", "9051",
                           "--CookieAuthentication", "0", "--DisableNetwork", "0"],
                          (PROXY, TOR_PORT))

    def xmpp_server(self, accounts):
        server = Prosody(accounts, domain=XMPP_DOMAIN, modules=["tls", "pep", "vcard"], settings=f"""
modules_disabled = {{ "s2s", "http" }}
interfaces = {{ "127.0.0.1", "{XMPP}" }}
ssl = {{ key = "{self.folder}/test.key", certificate = "{self.folder}/test.crt" }}
""")
        server.start()
        self._stack.append(lambda: server.__exit__(None, None, None))
        return server

    def irc_server(self):
        server = Ngircd(other_addresses=[IRC], certificate=self.certificate,
                        key=self.folder / "test.key",
                        user_id=1000)
        server.start()
        self._stack.append(lambda: server.__exit__(None, None, None))
        return server

    def client(self, plugins=(), **options):
        """A client in its namespace that knows the servers' certificate."""
        client = _LabClient(self, plugins=plugins, **options)
        self.trust_servers(client.profile)
        return client

    def trust_servers(self, profile):
        """Gives a profile the servers' certificate."""
        pool = profile / "certificates" / "x509" / "tls_peers"
        pool.mkdir(parents=True, exist_ok=True)
        for name in (XMPP_DOMAIN, XMPP, "irc.test", IRC):
            shutil.copy(self.certificate, pool / name)


class _LabClient(HeadlessClient):

    def __init__(self, lab, wrapper=(), **options):
        super().__init__(wrapper=lab.inside(wrapper), **options)

    def set_proxy(self, kind, host=PROXY, port=SOCKS_PORT, account=None, **members):
        self.call("set_proxy", account=account or self.account, type=kind, host=host, port=port,
                  **members)

    def bind(self, way, address="", port="", account=None):
        """Chooses the account's way in the plugin's window; the answer is what the window says.

        Only where the client has one account.
        """
        since = self.mark()
        self.call("plugin_action", plugin="core-otr-guard", label="Network of accounts...")
        request = self.wait_request(type="fields", since=since)
        self.answer(request, fields={"way": [way], "address": address, "port": str(port)})
        return self.wait_for({"event": "notify"}, since=since)

    def guard(self, words, account=None):
        """Types `/guard words`; returns the lines it answers with. Only while the account is online:
        libpurple has no conversations otherwise."""
        status, error, lines = self.command("somebody@attacker.test", f"/guard {words}", account)
        if status != "ok":
            raise CommandError(f"/guard {words}: {error}")
        return lines

    def guard_status(self, account=None):
        pairs = (line.split(": ", 1) for line in self.guard("status", account) if ": " in line)
        return {key: value for key, value in pairs}

    def listeners(self):
        """(protocol, address, port) of sockets that others could reach."""
        found = []
        for protocol, listening in (("tcp", "0A"), ("udp", "07"), ("tcp6", "0A"), ("udp6", "07")):
            for line in pathlib.Path(f"/proc/{self.process.pid}/net/{protocol}").read_text() \
                    .splitlines()[1:]:
                local, state = line.split()[1], line.split()[3]
                words, port = local.split(":")
                # Words of four bytes, each in the order of this machine.
                packed = b"".join(struct.pack("=I", int(words[at:at + 8], 16))
                                  for at in range(0, len(words), 8))
                address = ipaddress.ip_address(packed)
                if state == listening and not address.is_loopback:
                    found.append((protocol, str(address), int(port, 16)))
        return found


def _answers(host, port):
    try:
        with socket.create_connection((host, port), timeout=1):
            return True
    except OSError:
        return False


def leaks(packets, port=SOCKS_PORT):
    """Those that did not go to the proxy."""
    return [packet for packet in packets
            if (packet.target, packet.port, packet.protocol) != (PROXY, port, "tcp")]


def betrayals(packets):
    """What names the client or its address in what was sent."""
    name = CLIENT_NAME.encode()
    address = struct.unpack("!I", socket.inet_aton(CLIENT))[0]
    words = {name, CLIENT.encode(), str(address).encode()}
    words |= {base64.b64encode(b"x" * shift + name)[4 * (shift > 0):-4] for shift in range(3)}
    sent = b"".join(packet.payload for packet in packets)
    return sorted(word for word in words if word in sent)
