# SPDX-FileCopyrightText: OTR Guard contributors
# SPDX-License-Identifier: GPL-2.0-or-later
"""The headless libpurple client as a Python object: what a user does, what a user sees."""

import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import threading
import time

from . import processes
from .waiting import Timeout, patience


class CommandError(AssertionError):
    """The client refused a command; the text is its reason."""


def plugin_path() -> str:
    """The plugin under test, where CMake built it."""
    return os.environ["OTR_GUARD_PLUGIN"]


def _sanitizer_settings():
    """Modules stay mapped so that reports name their functions; stacks are walked in full."""
    return {"ASAN_OPTIONS": "detect_leaks=1:fast_unwind_on_malloc=0:malloc_context_size=50",
            "UBSAN_OPTIONS": "print_stacktrace=1", "G_DEBUG": "resident-modules",
            "G_SLICE": "always-malloc"}


def is_clean_report(report: str, module="otr-guard.so") -> bool:
    """What a sanitizer printed holds no error but leaks, and no leak in whose stack the module is.

    libpurple and its protocols leak by themselves; they are not what is tested.
    """
    if "ERROR: AddressSanitizer" in report or "runtime error:" in report:
        return False
    leaks = re.split(r"\n(?=(?:Direct|Indirect) leak of )", report)[1:]
    return not any(module in leak.split("\n\n")[0] for leak in leaks)


def _same_buddy(one, other) -> bool:
    """XMPP conversations are renamed to the full address once the buddy has answered."""
    return one.split("/")[0].lower() == other.split("/")[0].lower()


def _matches(event, wanted) -> bool:
    if callable(wanted):
        return bool(wanted(event))
    return all(event.get(key) == value for key, value in wanted.items())


class HeadlessClient:
    """One running client with its own profile. Use it as a context manager.

    `profile` is created when missing and kept when given; without one, a temporary folder is used
    and removed. `plugins` are files, which are loaded; `probed` ones are only there, switched off. `wrapper` is put before the program (see memcheck.py).
    """

    def __init__(self, profile=None, plugins=(), name="client", wrapper=(), ui_id=None,
                 environment=None, program=None, allowed_exit_codes=(0,), probed=()):
        self._own_profile = profile is None
        self.profile = pathlib.Path(profile or tempfile.mkdtemp(prefix=f"otrtest-{name}-"))
        self.profile.mkdir(parents=True, exist_ok=True)
        self.plugins = [str(plugin) for plugin in plugins]
        self.name = name
        self.wrapper = list(wrapper)
        self.ui_id = ui_id
        self.program = program or os.environ["OTR_GUARD_HEADLESS"]
        self.environment = dict(environment or {})
        self.allowed_exit_codes = allowed_exit_codes
        self.probed = [os.path.dirname(plugin) for plugin in probed]
        self.events = []
        self.account = None
        self.process = None
        self.exit_code = None
        self._news = threading.Condition()
        self._last_id = 0
        self._ended = False

    # --- life ---

    def start(self):
        arguments = self.wrapper + [self.program, "--profile", self.profile,
                                    "--debug", self.debug_file]
        if self.ui_id:
            arguments += ["--ui-id", self.ui_id]
        for plugin in self.plugins:
            arguments += ["--plugin", plugin]
        for folder in self.probed:
            arguments += ["--probe", folder]
        self._ended = False
        with open(self.stderr_file, "ab") as errors:
            self.process = processes.start(arguments, stdin=subprocess.PIPE,
                                           stdout=subprocess.PIPE, stderr=errors,
                                           env=self._environment())
        since = self.mark()
        threading.Thread(target=self._read, args=(self.process.stdout,), daemon=True).start()
        self.wait_for({"event": "ready"}, since=since, timeout=30)
        for event in self.events[since:]:
            if event["event"] == "plugin" and not event["loaded"]:
                raise CommandError(f"{event['file']}: {event['error']}")
        return self

    def _environment(self):
        environment = {name: value for name, value in os.environ.items()
                       if name not in ("DISPLAY", "DBUS_SESSION_BUS_ADDRESS", "WAYLAND_DISPLAY")}
        environment.setdefault("LANGUAGE", "en")
        environment.update(HOME=str(self.profile))
        if self.is_sanitized:
            environment.update(_sanitizer_settings())
        environment.update(self.environment)
        return environment

    @staticmethod
    def sanitizers() -> str:
        """Those that the clients are built with, separated by commas."""
        return os.environ.get("OTR_GUARD_SANITIZERS", "")

    @property
    def is_sanitized(self):
        return "address" in self.sanitizers()

    @property
    def debug_file(self):
        return self._beside_profile("debug")

    @property
    def stderr_file(self):
        return self._beside_profile("stderr")

    def _beside_profile(self, what):
        """A file of this client alone; two can have one profile."""
        return pathlib.Path(f"{self.profile}.{id(self):x}.{what}.log")

    def stderr(self) -> str:
        return self.stderr_file.read_text(errors="replace")

    def quit(self, timeout=20.0) -> int:
        """Ends libpurple as a user does, and returns the exit code."""
        if self.process is None:
            return self.exit_code
        if self.process.poll() is None:
            try:
                self._write({"id": None, "command": "quit"})
            except (BrokenPipeError, ValueError):
                pass
        try:
            self.exit_code = self.process.wait(timeout * patience())
        except subprocess.TimeoutExpired:
            self.kill()
            raise Timeout(f"{self.name} does not quit; last events: {self._tail()}") from None
        self._close_pipes()
        return self.exit_code

    def kill(self):
        """Ends it at once, as a crash does: no goodbye, nothing saved."""
        if self.process is not None:
            self.process.kill()
            self.exit_code = processes.stop(self.process)
            self._close_pipes()

    def _close_pipes(self):
        with self._news:
            self._news.wait_for(lambda: self._ended, 5)
        self.process.stdin.close()
        self.process.stdout.close()
        self.process = None

    def __enter__(self):
        try:
            return self.start()
        except BaseException:
            self.kill()
            self._remove()
            raise

    def __exit__(self, kind, *exc):
        try:
            if kind is not None and self.process is not None:
                self.kill()
                return
            code = self.quit()
            if kind is None and not self.ended_well(code):
                raise AssertionError(f"{self.name} ended with {code}:\n{self.stderr()[-4000:]}")
        finally:
            if kind is not None:
                print(f"--- {self.name}, last events\n{self._tail(25)}", flush=True)
            self._remove()

    def ended_well(self, code) -> bool:
        """After quit(): sanitizers end with 1 for leaks of libpurple's own."""
        if code in self.allowed_exit_codes:
            return True
        report = self.stderr()
        return self.is_sanitized and "ERROR: LeakSanitizer" in report and is_clean_report(report)

    def _remove(self):
        if self._own_profile:
            shutil.rmtree(self.profile, ignore_errors=True)
        for path in (self.debug_file, self.stderr_file):
            path.unlink(missing_ok=True)

    # --- commands and events ---

    def _read(self, stream):
        for line in stream:
            try:
                event = json.loads(line)
            except ValueError:
                event = {"event": "garbage", "line": line.decode("utf-8", "replace")}
            with self._news:
                self.events.append(event)
                self._news.notify_all()
        with self._news:
            self._ended = True
            self._news.notify_all()

    def _write(self, command):
        self.process.stdin.write(json.dumps(command).encode() + b"\n")
        self.process.stdin.flush()

    def _tail(self, count=8):
        return "\n".join(json.dumps(event, ensure_ascii=False)[:400]
                         for event in self.events[-count:])

    def mark(self) -> int:
        """A position in the events; give it as `since` to ignore what came before."""
        return len(self.events)

    def wait_for(self, wanted, timeout=15.0, since=0, what=None):
        """The first event from `since` on that fits: a function, or members it must have."""
        deadline = time.monotonic() + timeout * patience()
        position = since
        with self._news:
            while True:
                while position < len(self.events):
                    if _matches(self.events[position], wanted):
                        return self.events[position]
                    position += 1
                remaining = deadline - time.monotonic()
                if self._ended or remaining <= 0:
                    reason = "ended" if self._ended else "timed out"
                    raise Timeout(f"{self.name} {reason} waiting for {what or wanted}; last "
                                  f"events:\n{self._tail()}")
                self._news.wait(remaining)

    def call(self, command, timeout=30.0, **members):
        """Runs a command of the program and returns its value."""
        self._last_id += 1
        number = self._last_id
        since = self.mark()
        self._write({"id": number, "command": command, **members})
        result = self.wait_for({"event": "result", "id": number}, timeout, since,
                               what=f"the result of {command}")
        if not result["ok"]:
            raise CommandError(f"{command}: {result['error']}")
        return result.get("value")

    def _on_account(self, command, **members):
        return self.call(command, account=members.pop("account", None) or self.account, **members)

    # --- accounts ---

    def add_account(self, username, protocol, password=None, settings=None):
        """Adds the account; the first one becomes the default of the other methods."""
        self.call("add_account", username=username, protocol=protocol, settings=settings or {},
                  **({"password": password} if password is not None else {}))
        self.account = self.account or username

    def add_xmpp_account(self, server, user, port=None, resource="", password=None, **settings):
        """`server` is a Prosody; `port` is the wire's when there is one between."""
        username = f"{server.jid(user)}/{resource}"
        values = {"connect_server": "127.0.0.1", "port": port or server.port,
                  "connection_security": "opportunistic_tls", "auth_plain_in_clear": True}
        values.update(settings)
        self.add_account(username, "prpl-jabber", password or server.accounts[user], values)
        return username

    def add_irc_account(self, server, nick, port=None, **settings):
        username = f"{nick}@127.0.0.1"
        values = {"port": port or server.port, "username": nick, "realname": nick, "ssl": False}
        values.update(settings)
        self.add_account(username, "prpl-irc", None, values)
        return username

    def connect(self, account=None, timeout=20.0):
        """Enables the account and waits until it is signed on."""
        since = self.mark()
        self._on_account("connect", account=account)
        event = self.wait_for(
            lambda e: e["event"] in ("signed-on", "connection_error")
            and e["account"] == (account or self.account), timeout, since, what="sign-on")
        if event["event"] != "signed-on":
            raise CommandError(f"cannot sign on: {event['text']}")

    def connect_xmpp(self, server, user, **options):
        account = self.add_xmpp_account(server, user, **options)
        self.connect(account)
        return account

    def connect_irc(self, server, nick, **options):
        account = self.add_irc_account(server, nick, **options)
        self.connect(account)
        return account

    def disconnect(self, account=None):
        since = self.mark()
        self._on_account("disconnect", account=account)
        self.wait_for({"event": "signed-off", "account": account or self.account}, since=since)

    def enable(self, enabled=True, account=None):
        self._on_account("enable", account=account, enabled=enabled)

    def remove_buddy(self, buddy, account=None):
        self._on_account("remove_buddy", account=account, to=buddy)

    def wait_buddy_online(self, buddy, timeout=15.0, account=None):
        self._wait_buddy(buddy, True, timeout, account)

    def wait_buddy_offline(self, buddy, timeout=15.0, account=None):
        self._wait_buddy(buddy, False, timeout, account)

    def _wait_buddy(self, buddy, online, timeout, account):
        since = self.mark()
        if any(entry["who"] == buddy and entry["online"] == online
               for entry in self._on_account("buddies", account=account)):
            return
        self.wait_for({"event": "buddy", "who": buddy, "online": online}, timeout, since)

    # --- talking ---

    def send(self, to, html, account=None, **members):
        """Types a message (HTML, as a graphical client has it) into the conversation."""
        self._on_account("send", account=account, to=to, text=html, **members)

    def raw_serv_send_im(self, to, html, flags=(), account=None):
        """What plugins and automatic replies call; returns libpurple's result code."""
        return self._on_account("raw_serv_send_im", account=account, to=to, text=html,
                                flags=list(flags))

    def send_inside(self, to, html, account=None):
        """What a plugin sends while the protocol is sending its next message."""
        self._on_account("send_inside", account=account, to=to, text=html)

    def command(self, to, text, account=None, markup=None):
        """Types a slash command; returns (status, error, lines it wrote into the conversation)."""
        since = self.mark()
        members = {} if markup is None else {"markup": markup}
        value = self._on_account("command", account=account, to=to, text=text, **members)
        lines = [line for event in self._messages(since, to, account)
                 if "system" in event["flags"] or "error" in event["flags"]
                 for line in (event["text"] or "").splitlines()]
        return value["status"], value["error"], lines

    def otr(self, to, words, account=None):
        """Types `/otr words`; returns the lines it answers with at once."""
        status, error, lines = self.command(to, f"/otr {words}", account)
        if status != "ok":
            raise CommandError(f"/otr {words}: {status}: {error}")
        return lines

    def otr_status(self, to, account=None):
        """`/otr status` as a dictionary."""
        pairs = (line.split(": ", 1) for line in self.otr(to, "status", account) if ": " in line)
        return {key.strip(): value.strip() for key, value in pairs}

    def wait_otr_status(self, to, timeout=20.0, account=None, **wanted):
        """Asks until the status has the wanted values; `_` in a key stands for a space."""
        expected = {key.replace("_", " "): value for key, value in wanted.items()}
        deadline = time.monotonic() + timeout * patience()
        while True:
            status = self.otr_status(to, account)
            if all(status.get(key) == value for key, value in expected.items()):
                return status
            if time.monotonic() >= deadline:
                raise Timeout(f"{self.name}: status of {to} is {status}, not {expected}")
            time.sleep(0.1)

    def _messages(self, since=0, to=None, account=None):
        return [event for event in self.events[since:]
                if event["event"] == "message" and (to is None or _same_buddy(to, event["conversation"]))
                and account in (None, event["account"])]

    def messages(self, flag=None, since=0, to=None, account=None):
        """Lines that were written to conversations: all, or those with the flag."""
        return [event for event in self._messages(since, to, account)
                if flag is None or flag in event["flags"]]

    def received(self, since=0, to=None):
        """Texts of the messages that came in."""
        return [event["text"] for event in self.messages("recv", since, to)]

    def wait_message(self, text, flag="recv", timeout=15.0, since=0):
        """Waits for a line with the flag that contains the text (without markup)."""
        return self.wait_for(lambda e: e["event"] == "message" and flag in e["flags"]
                             and text in (e["text"] or ""), timeout, since,
                             what=f"a {flag} line with {text!r}")

    def wait_system(self, text, timeout=15.0, since=0):
        return self.wait_message(text, "system", timeout, since)

    # --- dialogs and menus ---

    def wait_request(self, timeout=15.0, since=0, **members):
        """Waits for a dialog; its "request" is the number for answer()."""
        return self.wait_for({"event": "request", **members}, timeout, since)

    def answer(self, request, action="ok", **members):
        number = request["request"] if isinstance(request, dict) else request
        self.call("answer_request", request=number, action=action, **members)

    def describe_buddy(self, to, account=None):
        """What a list of buddies shows: {"tooltip", "emblem"}."""
        return self._on_account("describe_buddy", account=account, to=to)

    def conversation_menu(self, to, account=None):
        return self._on_account("conversation_menu", account=account, to=to)

    def buddy_menu(self, to, account=None):
        return self._on_account("buddy_menu", account=account, to=to)

    def menu_activate(self, to, *path, menu="conversation", account=None):
        self._on_account("menu_activate", account=account, to=to, path=list(path), menu=menu)
