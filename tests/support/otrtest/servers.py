# SPDX-FileCopyrightText: OTR Guard contributors
# SPDX-License-Identifier: GPL-2.0-or-later
"""An XMPP server (prosody) and an IRC server (ngircd) with throw-away settings on loopback."""

import os
import pathlib
import shutil
import subprocess
import tempfile

from . import processes
from .waiting import wait_until


class _Server:
    """Writes its settings into a temporary folder, starts on a free port, waits until it answers."""

    name = ""

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix=f"otrtest-{self.name}-"))
        self.port = 0
        self.process = None

    host = "127.0.0.1"

    def start(self):
        for attempt in range(3):
            self.port = processes.free_port()
            self._write_settings()
            with open(self.folder / "output.log", "ab") as output:
                self.process = processes.start(self._arguments(), cwd=self.folder, stdout=output,
                                               stderr=subprocess.STDOUT,
                                               stdin=subprocess.DEVNULL)
            wait_until(lambda: self.process.poll() is not None
                       or processes.accepts_connections(self.port),
                       what=f"{self.name} on port {self.port}", timeout=30)
            if self.process.poll() is None:
                return self
        raise RuntimeError(f"{self.name} does not start:\n{self.log()}")

    def log(self) -> str:
        """What the server printed and logged so far."""
        texts = []
        for path in sorted(self.folder.glob("*.log")):
            texts.append(path.read_text(errors="replace"))
        return "\n".join(texts)

    def stop(self):
        if self.process is not None:
            processes.stop(self.process)
            self.process = None

    def restart(self):
        """Stops and starts on the same port, with the same accounts."""
        processes.stop(self.process)
        with open(self.folder / "output.log", "ab") as output:
            self.process = processes.start(self._arguments(), cwd=self.folder, stdout=output,
                                           stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
        wait_until(lambda: processes.accepts_connections(self.port), what=self.name, timeout=30)

    def __enter__(self):
        try:
            return self.start()
        except BaseException:
            self.__exit__(None, None, None)
            raise

    def __exit__(self, *exc):
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


class Prosody(_Server):
    """`accounts` maps user names to passwords. With `roster` everybody is on everybody's list."""

    name = "prosody"
    protocol = "prpl-jabber"

    def __init__(self, accounts, domain="localhost", roster=True, modules=(), settings=""):
        super().__init__()
        self.accounts = dict(accounts)
        self.domain = domain
        self.roster = roster
        self.modules = list(modules)
        self.settings = settings

    def jid(self, user: str) -> str:
        return f"{user}@{self.domain}"

    def _arguments(self):
        return [shutil.which("prosody") or "/usr/bin/prosody", "-F",
                "--config", self.folder / "prosody.cfg.lua"]

    def _write_settings(self):
        data = self.folder / "data"
        users = data / self.domain.replace("-", "%2d").replace(".", "%2e") / "accounts"
        users.mkdir(parents=True, exist_ok=True)
        for user, password in self.accounts.items():
            (users / f"{user}.dat").write_text(f'return {{ ["password"] = "{password}"; }};\n')
        groups = "[Friends]\n" + "".join(f"{self.jid(user)}={user.capitalize()}\n"
                                         for user in self.accounts)
        (self.folder / "groups.txt").write_text(groups if self.roster else "")
        modules = ["roster", "saslauth", "disco", "ping", "posix"] + self.modules
        if self.roster:
            modules.append("groups")
        (self.folder / "prosody.cfg.lua").write_text(f"""
run_as_root = {"true" if os.geteuid() == 0 else "false"}
pidfile = "{self.folder}/prosody.pid"
data_path = "{data}"
certificates = "{self.folder}"
interfaces = {{ "127.0.0.1" }}
c2s_ports = {{ {self.port} }}
c2s_direct_tls_ports = {{ }}
s2s_ports = {{ }}
http_ports = {{ }}
https_ports = {{ }}
modules_enabled = {{ {", ".join(f'"{name}"' for name in modules)} }}
modules_disabled = {{ "s2s", "tls", "http" }}
c2s_require_encryption = false
allow_unencrypted_plain_auth = true
authentication = "internal_plain"
storage = "internal"
groups_file = "{self.folder}/groups.txt"
log = {{ debug = "{self.folder}/prosody.log" }}
{self.settings}
VirtualHost "{self.domain}"
""")


class Ngircd(_Server):
    """An IRC server without flood penalty; `settings` goes into its [Limits] section.

    With a certificate it speaks TLS on `tls_port` as well. With a user id it runs as
    that user of a namespace, because as root it wants to become somebody else.
    """

    name = "ngircd"
    protocol = "prpl-irc"

    tls_port = 6697

    def __init__(self, settings="", other_addresses=(), certificate=None, key=None,
                 user_id=None):
        super().__init__()
        self.settings = settings
        self.user_id = user_id
        self.addresses = ["127.0.0.1", *other_addresses]
        self.certificate = certificate
        self.key = key

    def _tls_settings(self):
        if self.certificate is None:
            return ""
        return f"[SSL]\nCertFile = {self.certificate}\nKeyFile = {self.key}\n" \
               f"Ports = {self.tls_port}\n"

    def _arguments(self):
        wrapper = [] if self.user_id is None else \
            ["unshare", "--user", f"--map-user={self.user_id}", f"--map-group={self.user_id}"]
        return [*wrapper, shutil.which("ngircd") or "/usr/sbin/ngircd", "-n", "-f",
                self.folder / "ngircd.conf"]

    def _write_settings(self):
        user, group = (os.geteuid(), os.getegid()) if self.user_id is None else \
            (self.user_id, self.user_id)
        (self.folder / "ngircd.conf").write_text(f"""
[Global]
Name = irc.example.net
Info = test server
Listen = {",".join(self.addresses)}
Ports = {self.port}
MotdPhrase = test
ServerUID = {user}
ServerGID = {group}
PidFile = {self.folder}/ngircd.pid
[Limits]
MaxConnectionsIP = 0
MaxPenaltyTime = 0
MaxNickLength = 30
PingTimeout = 300
{self.settings}
[Options]
DNS = no
Ident = no
PAM = no
SyslogFacility = local1
{self._tls_settings()}""")
