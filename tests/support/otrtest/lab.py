# SPDX-FileCopyrightText: OTR Guard contributors
# SPDX-License-Identifier: GPL-2.0-or-later
"""A network of our own: a client's namespace whose one cable leads to a namespace with everything
else (proxy, servers, name server, an attacker), and a recording of every packet on that cable.

Needs unprivileged user namespaces; where there are none, `enter` ends the test as skipped.
"""

import base64
import contextlib
import ipaddress
import os
import pathlib
import shutil
import socket
import struct
import subprocess
import sys
import tempfile

from . import processes
from .cable import Cable
from .headless import CommandError, HeadlessClient
from .lab_services import HttpProxy, NameServer, WebServer  # noqa: F401, for the tests
from .places import (ATTACKER, ATTACKER6, BLACK_HOLE, CLIENT, CLIENT6, CLIENT_NAME, HOSTS, HOSTS6,
                     HTTP_PORT, IRC, NAMES, NAMES6, PROXY, PROXY6, SOCKS_PORT, TOR_PORT, XMPP, XMPP6,
                     XMPP_DOMAIN)
from .servers import Ngircd, Prosody
from .waiting import wait_until

_INSIDE = "OTR_GUARD_IN_LAB"
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


class Lab:
    """The two namespaces and what stands in them. Use it as a context manager."""

    def __init__(self, has_ipv6=False):
        self._stack = []
        self._has_ipv6 = has_ipv6
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
        self._keep_screens_apart()
        self._make_client_namespace()
        self._make_cable()
        hosts = [*HOSTS.items(), *(HOSTS6.items() if self._has_ipv6 else ())]
        self._use_files("\n".join(f"{address} {name}" for name, address in hosts))
        self.cable = Cable("lks", CLIENT6 if self._has_ipv6 else CLIENT)
        self._stack.append(self.cable.close)
        self.names = self.keep(NameServer(self._has_ipv6).start())
        self.certificate = self._make_certificate()

    def __exit__(self, *exc):
        while self._stack:
            self._stack.pop()()

    def keep(self, service):
        """Closes the service with the lab."""
        self._stack.append(service.close)
        return service

    @staticmethod
    def _keep_screens_apart():
        """An X server finds out by its network which numbers are taken: one in another network takes
        the same, and the socket in the common folder with it."""
        folder = pathlib.Path("/tmp/.X11-unix")
        folder.mkdir(mode=0o1777, exist_ok=True)
        subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=1777", "none", folder], check=True)

    # --- the network ---

    def _make_client_namespace(self):
        names = NAMES6 if self._has_ipv6 else NAMES
        (self.folder / "resolv.conf").write_text(f"nameserver {names}\noptions timeout:1\n")
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
        if self._has_ipv6:
            for address in (PROXY6, XMPP6, NAMES6, ATTACKER6):
                _ip("address", "add", f"{address}/64", "dev", "lks", "nodad")
        _ip("link", "set", "lks", "up")
        self._ip_inside("link", "set", "lo", "up")
        self._ip_inside("link", "set", "lkc", "up")
        self._add_ipv4()
        if self._has_ipv6:
            self._ip_inside("address", "add", f"{CLIENT6}/64", "dev", "lkc", "nodad")
            self._ip_inside("route", "add", "default", "via", PROXY6)

    def _add_ipv4(self):
        self._ip_inside("address", "add", f"{CLIENT}/24", "dev", "lkc")
        self._ip_inside("route", "add", "default", "via", PROXY)
        self._ip_inside("neighbour", "replace", BLACK_HOLE, "lladdr", "02:00:00:00:00:09", "dev",
                        "lkc", "nud", "permanent")

    @contextlib.contextmanager
    def without_ipv4(self):
        """The client has no other address than its IPv6 one."""
        self._ip_inside("address", "flush", "dev", "lkc", "scope", "global", "to", f"{CLIENT}/24")
        yield
        self._add_ipv4()

    def _ip_inside(self, *words):
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

    def socks_proxy(self, port=SOCKS_PORT, address=PROXY):
        return self.start(["microsocks", "-i", address, "-p", str(port)], (address, port))

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

    def xmpp_server(self, accounts, modules=(), settings='modules_disabled = { "s2s", "http" }'):
        addresses = ["127.0.0.1", XMPP, *([XMPP6] if self._has_ipv6 else [])]
        server = Prosody(accounts, domain=XMPP_DOMAIN, modules=["tls", "pep", "vcard", *modules],
                         settings=f"""
{settings}
interfaces = {{ {", ".join(f'"{address}"' for address in addresses)} }}
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
        for name in (XMPP_DOMAIN, XMPP, XMPP6, "irc.test", IRC):
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

    def take_file(self, since):
        """Accepts the file that is offered, as a trusting user does."""
        dialog = self.wait_for(lambda event: event["event"] == "request" and
                               event["type"] in ("action", "file"), since=since)
        if dialog["type"] == "action":
            mark = self.mark()
            self.answer(dialog, action=0)
            dialog = self.wait_request(type="file", since=mark)
        self.answer(dialog, value=str(self.profile / "taken"))

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


def leaks(packets, port=SOCKS_PORT, proxy=PROXY):
    """Those that did not go to the proxy."""
    protocol = "tcp6" if ":" in proxy else "tcp"
    return [packet for packet in packets
            if (packet.target, packet.port, packet.protocol) != (proxy, port, protocol)]


def betrayals(packets):
    """What names the client or its address in what was sent."""
    return betrayals_in(b"".join(packet.payload for packet in packets))


def betrayals_in(sent):
    """The same in what a server has heard, without the encryption."""
    name = CLIENT_NAME.encode()
    address = struct.unpack("!I", socket.inet_aton(CLIENT))[0]
    words = {name, CLIENT.encode(), CLIENT6.encode(), str(address).encode()}
    words |= {base64.b64encode(b"x" * shift + name)[4 * (shift > 0):-4] for shift in range(3)}
    return sorted(word for word in words if word in sent)
