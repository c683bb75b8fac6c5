# SPDX-FileCopyrightText: OTR Guard contributors
# SPDX-License-Identifier: GPL-2.0-or-later
"""otr-guard-run: whatever a client tries, without OTR Guard and with the worst settings, nothing
but the proxy sees a packet of it. Each case leaks without the launcher."""

import contextlib
import os
import pathlib
import signal
import socket
import subprocess
import tempfile
import threading
import unittest

from otrtest import lab as network

if __name__ == "__main__":
    network.enter()

from otrtest import processes
from otrtest.headless import CommandError
from otrtest.lab import (ATTACKER, PROXY, SOCKS_PORT, XMPP, XMPP_DOMAIN, Lab, WebServer,
                         betrayals, leaks)
from otrtest.mallory import Mallory
from otrtest.waiting import wait_until

ALICE = f"alice@{XMPP_DOMAIN}"
LAUNCHER = os.environ.get("OTR_GUARD_RUN", "")


def launched(command, port=SOCKS_PORT, host=PROXY):
    return [LAUNCHER, "--proxy", f"{host}:{port}", "--", *command]


class LauncherLeaks(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        cls.lab = cls.enterClassContext(Lab())
        cls.server = cls.lab.xmpp_server({"alice": "a", "mallory": "m"})
        cls.web = cls.lab.keep(WebServer().start())
        cls.lab.socks_proxy()

    def assert_only_proxy(self, packets):
        self.assertEqual(leaks(packets), [])
        self.assertEqual(betrayals(packets), [])

    # --- clients that no plugin guards ---

    @contextlib.contextmanager
    def client(self, is_launched, proxy, **options):
        settings = {"port": self.server.port, "connection_security": "require_tls",
                    **options.pop("settings", {})}
        # libpurple frees a fetched avatar twice when it quits.
        with self.lab.client(wrapper=launched([]) if is_launched else (),
                             allowed_exit_codes=(0, -6, -11, 134, 139), **options) as client:
            client.add_account(f"{ALICE}/", "prpl-jabber", "a", settings)
            if proxy:
                client.set_proxy(proxy)
            yield client

    def try_to_connect(self, client):
        """What the client sent meanwhile, and whether it is online."""
        since = self.lab.cable.mark()
        is_online = True
        try:
            client.connect()
            mark = client.mark()
            client.send(ALICE, "round and back")
            client.wait_message("round and back", since=mark)
        except CommandError:
            is_online = False
        return self.lab.cable.since(since), is_online

    def test_a_client_signs_on_through_the_proxy_and_by_no_other_way(self):
        # (proxy, other settings, environment), and whether the way leads through the proxy.
        # A SOCKS 4 proxy is given the server's address, for which there is nobody to ask.
        ways = ((("socks5", {}, {}), True), (("tor", {}, {}), True),
                (("socks4", {}, {}), False), (("none", {}, {}), False), ((None, {}, {}), False),
                (("environment", {}, {}), False),
                (("none", {"connect_server": XMPP}, {}), False),
                (("tor", {"connect_server": XMPP}, {"no_proxy": "*"}), False))
        for (proxy, settings, environment), works in ways:
            for is_launched in (True, False):
                with self.subTest(proxy=proxy, settings=settings, is_launched=is_launched), \
                        self.client(is_launched, proxy, settings=settings,
                                    environment=environment) as client:
                    packets, is_online = self.try_to_connect(client)
                    if is_launched:
                        self.assert_only_proxy(packets)
                        self.assertEqual(is_online, works)
                    else:
                        self.assertNotEqual(leaks(packets), [])

    def test_the_address_of_an_avatar_is_not_reached(self):
        url = f"http://{ATTACKER}/avatar.png"
        with Mallory(self.server) as mallory:
            for is_launched in (True, False):
                with self.subTest(is_launched), self.client(is_launched, "tor") as client:
                    since = self.lab.cable.mark()
                    client.connect()
                    mallory.publish_avatar(url, ALICE)
                    client.wait_message("hello")
                    if is_launched:
                        client.call("fetch_url", url="http://attacker.test/page")
                        self.assertIsNone(client.wait_for({"event": "fetched"})["text"])
                        self.assert_only_proxy(self.lab.cable.since(since))
                        self.assertEqual(self.web.requests, [])
                    else:
                        wait_until(lambda: self.web.requests, what="the fetched avatar")
        self.web.requests.clear()

    def test_nobody_outside_looks_names_up_for_it(self):
        """A name service behind a Unix socket goes into the network for others. glibc asks the one
        at this place before it does anything itself."""
        socket_path = "/run/nscd/socket"
        service = f"""
import os, socket
server = socket.socket(socket.AF_UNIX)
server.bind({socket_path!r})
server.listen()
print("ready", flush=True)
while True:
    client, _ = server.accept()
    print("asked", flush=True)
    client.close()"""
        script = "mount -t tmpfs none /run && mkdir /run/nscd && exec \"$@\""
        inside = self.lab.inside(["unshare", "--mount", "sh", "-ec", script, "sh"])
        asks = ["getent", "hosts", "attacker.test"]
        for is_launched in (True, False):
            with self.subTest(is_launched):
                both = ["sh", "-ec", 'python3 -B -c "$0" & trap "kill $!" EXIT; '
                        f"while [ ! -S {socket_path} ]; do :; done; \"$@\" || true", service]
                answer = subprocess.run(
                    [*inside, *both, *(launched(asks) if is_launched else asks)],
                    capture_output=True, text=True, timeout=60, check=True)
                self.assertIn("ready", answer.stdout)
                self.assertEqual("asked" in answer.stdout, not is_launched, answer)


class LauncherAlone(unittest.TestCase):
    """The program itself, with a proxy of this process's."""

    @classmethod
    def setUpClass(cls):
        subprocess.run(["ip", "link", "set", "lo", "up"], check=True)

    def setUp(self):
        self.proxy = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(self.proxy.close)
        self.proxy.settimeout(20)
        self.port = self.proxy.getsockname()[1]

    def launched(self, *command):
        return launched(command, self.port, "127.0.0.1")

    def run_inside(self, *command, **options):
        return subprocess.run(self.launched(*command), capture_output=True, text=True, timeout=60,
                              check=False, **options)

    def run_python(self, code, *words):
        return self.run_inside("python3", "-B", "-c", code, str(self.port), *words)

    def test_the_exit_code_is_the_programs(self):
        for script, code in (("exit 0", 0), ("exit 7", 7), ("kill -KILL $$", 128 + 9)):
            self.assertEqual(self.run_inside("sh", "-c", script).returncode, code)

    def test_what_cannot_be_started_is_named(self):
        answer = self.run_inside("no-such-client")
        self.assertEqual(answer.returncode, 127)
        self.assertIn("no-such-client cannot be started", answer.stderr)
        self.assertEqual(self.run_inside("/dev/null").returncode, 126)
        for words, said in (([], "missing"), (["--port", "1", "true"], "not understood"),
                            (["--proxy"], "not understood"),
                            (["--proxy", "localhost:9050", "true"], "in numbers"),
                            (["--proxy=127.0.0.1", "true"], "in numbers"),
                            (["--proxy=127.0.0.1:0", "true"], "in numbers"),
                            (["--proxy=127.0.0.1:70000", "true"], "in numbers"),
                            (["--proxy=[::1]", "true"], "in numbers")):
            with self.subTest(words):
                answer = subprocess.run([LAUNCHER, *words], capture_output=True, text=True,
                                        timeout=60, check=False)
                self.assertEqual(answer.returncode, 125)
                self.assertIn(said, answer.stderr)

    def test_where_namespaces_are_not_allowed_it_says_what_to_do(self):
        answer = subprocess.run(
            ["unshare", "--user", "--map-root-user", "sh", "-ec",
             'echo 0 > /proc/sys/user/max_user_namespaces; exec "$@"', "sh",
             *self.launched("echo", "was started")],
            capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual(answer.returncode, 125)
        self.assertIn("does not let you make a user namespace", answer.stderr)
        self.assertIn("sysctl -w user.max_user_namespaces", answer.stderr)
        self.assertNotIn("was started", answer.stdout)

    def test_screens_and_buses_out_of_reach_are_mentioned(self):
        for name, value, said in (
                ("DISPLAY", "localhost:10.0", "reached over the network"),
                ("DISPLAY", ":4711", "no socket /tmp/.X11-unix/X4711"),
                ("DBUS_SESSION_BUS_ADDRESS", "unix:abstract=/tmp/dbus-1", "dbus-run-session"),
                ("DBUS_SESSION_BUS_ADDRESS", "unix:path=/run/user/1/bus", "")):
            environment = {key: text for key, text in os.environ.items()
                           if key not in ("DISPLAY", "DBUS_SESSION_BUS_ADDRESS")}
            answer = self.run_inside("true", env={**environment, name: value})
            self.assertEqual(answer.returncode, 0)
            self.assertIn(said, answer.stderr)
            self.assertEqual(bool(answer.stderr), bool(said))

    def test_nothing_that_is_open_leads_out_and_no_right_is_left(self):
        with socket.create_connection(("127.0.0.1", self.port)) as way_out:
            os.set_inheritable(way_out.fileno(), True)
            answer = self.run_inside(
                "sh", "-c", "ls /proc/self/fd; grep -E 'Cap(Prm|Eff|Bnd|Amb)' /proc/self/status; "
                "ip link add exit type dummy && echo made",
                pass_fds=(way_out.fileno(),))
        numbers = [int(line) for line in answer.stdout.splitlines() if line.isdigit()]
        self.assertEqual(numbers, [0, 1, 2, 3])  # the last one is the folder that ls reads
        rights = [line.split()[1] for line in answer.stdout.splitlines() if "Cap" in line]
        self.assertEqual(rights, ["0" * 16] * 4)
        self.assertNotIn("made", answer.stdout)

    def test_much_passes_unchanged_in_both_directions_and_ends_are_told(self):
        sent = os.urandom(1 << 20) * 5
        def serve():
            connection, _ = self.proxy.accept()
            with connection:
                received = bytearray()
                while data := connection.recv(65536):
                    received += data
                connection.sendall(bytes(reversed(received)))
        server = threading.Thread(target=serve)
        server.start()
        file = pathlib.Path(self.enterContext(
            tempfile.TemporaryDirectory(prefix="otrtest-launcher-"))) / "sent"
        file.write_bytes(sent)
        answer = self.run_python("""
import pathlib, socket, sys
connection = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
sent = pathlib.Path(sys.argv[2]).read_bytes()
connection.sendall(sent)
connection.shutdown(socket.SHUT_WR)
received = bytearray()
while data := connection.recv(65536):
    received += data
print(bytes(reversed(received)) == sent)""", str(file))
        server.join()
        self.assertEqual(answer.stdout, "True\n", answer)

    def test_many_connections_at_once(self):
        def serve():
            for _ in range(400):
                connection, _ = self.proxy.accept()
                connection.sendall(connection.recv(100))
                connection.close()
        server = threading.Thread(target=serve)
        server.start()
        answer = self.run_python("""
import socket, sys
all = [socket.create_connection(("127.0.0.1", int(sys.argv[1]))) for _ in range(400)]
for number, one in enumerate(all):
    one.sendall(b"%d" % number)
answers = []
for one in all:
    answers.append(one.recv(100))
    one.close()  # else it keeps the place that others wait for
print(answers == [b"%d" % number for number in range(400)])
""")
        server.join()
        self.assertEqual(answer.stdout, "True\n", answer)

    def test_a_proxy_that_is_down_is_a_closed_connection(self):
        self.proxy.close()
        answer = self.run_python("""
import socket, sys
connection = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
try:
    print(connection.recv(1))
except ConnectionError:
    print(b"")""")
        self.assertEqual(answer.stdout, "b''\n", answer)

    # --- ends ---

    def start_shell(self, script):
        """The launcher, and what the program inside says first."""
        process = processes.start(self.launched("sh", "-c", script), stdin=subprocess.DEVNULL,
                                  stdout=subprocess.PIPE)
        self.addCleanup(process.stdout.close)
        self.addCleanup(processes.stop, process)
        return process, process.stdout.readline().decode().strip()

    def test_signals_reach_the_program(self):
        for number, code in ((signal.SIGTERM, 3), (signal.SIGINT, 4)):
            process, _ = self.start_shell("trap 'exit 3' TERM; trap 'exit 4' INT; echo; "
                                          "while true; do read nothing; done")
            process.send_signal(number)
            self.assertEqual(process.wait(20), code)

    def test_the_program_ends_when_the_launcher_is_killed(self):
        process, pid = self.start_shell("echo $$; exec sleep infinity")
        process.kill()
        process.wait(20)
        wait_until(lambda: not pathlib.Path(f"/proc/{pid}/exe").exists(),
                   what="the end of the program")


if __name__ == "__main__":
    unittest.main()
