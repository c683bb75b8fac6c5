# SPDX-FileCopyrightText: OTR Guard contributors
# SPDX-License-Identifier: GPL-2.0-or-later
"""irssi with irssi-plugin-otr, typed into through tmux.

What irssi shows is written down by a small script of its own, so that nothing is lost to line
breaks or scrolling; screen() gives the terminal as it looks.
"""

import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import threading

from ..waiting import wait_until
from .base import Peer

_RECORDER = r"""
use strict;
use Irssi;
our %IRSSI = (name => 'recorder', license => 'GPL-2.0-or-later');
open(my $out, '>>', Irssi::get_irssi_dir() . '/shown') or die;
$out->autoflush(1);
sub record { my @parts = @_; s/[\t\r\n]/ /g for @parts; print $out join("\t", @parts), "\n"; }
Irssi::signal_add_last('message private', sub { record('message', $_[2], $_[1]); });
Irssi::signal_add_last('message irc action',
    sub { record('message', $_[2], "/me $_[1]") if $_[4] eq $_[0]->{nick} || $_[4] eq $_[2]; });
Irssi::signal_add('print text', sub {
    my ($dest, $text, $stripped) = @_;
    record('shown', $dest->{target} // '', $stripped) unless $dest->{level} & MSGLEVEL_MSGS;
});
Irssi::signal_add_last('event connected', sub { record('connected', '', ''); });
"""

_SETTINGS = """
servers = ({{ address = "127.0.0.1"; chatnet = "test"; port = "{port}"; use_tls = "no";
             autoconnect = "yes"; }});
chatnets = {{ test = {{ type = "IRC"; nick = "{nick}"; }}; }};
settings = {{
  core = {{ real_name = "{nick}"; user_name = "{nick}"; nick = "{nick}"; }};
  "fe-common/core" = {{ autolog = "no"; emphasis = "no"; }};
  "irc/core" = {{ cmds_max_at_once = "50"; cmd_queue_speed = "10msec"; }};
}};
"""

# The plugin names its accounts after the network.
_NETWORK = "test"

# What the plugin says, and what it means.
_STATES = (("Session secured", "private"), ("has closed the connection to you", "finished"),
           ("has finished the OTR session", "finished"), ("Finished conversation with",
                                                          "plaintext"))
_SMP = (("wants to authenticate and asked", "ask_for_answer"),
        ("wants to authenticate. Use", "ask_for_secret"),
        ("replied to your auth request", "in_progress"), ("Authentication with", None),
        ("Authentication aborted", "abort"), ("Ongoing authentication aborted", "abort"))


class IrssiPeer(Peer):
    """`folder` keeps irssi's home between starts; without it a temporary one is used."""

    def __init__(self, server, nick, buddy, port=None, folder=None, prepare_key=True):
        super().__init__(buddy)
        self.name = f"irssi ({nick})"
        self.nick = nick
        self._port = port or server.port
        self._own_folder = folder is None
        self.folder = pathlib.Path(folder or tempfile.mkdtemp(prefix="otrtest-irssi-"))
        self.folder.mkdir(parents=True, exist_ok=True)
        self._prepare_key = prepare_key
        # A socket's path must be short.
        self._socket = pathlib.Path(tempfile.mkdtemp(prefix="ot-")) / "tmux"
        self._state = "plaintext"
        self._running = threading.Event()
        self._reader = None
        self._server_pid = None

    # --- life ---

    def start(self):
        (self.folder / "config").write_text(_SETTINGS.format(port=self._port, nick=self.nick))
        (self.folder / "startup").write_text("load otr\n")
        scripts = self.folder / "scripts" / "autorun"
        scripts.mkdir(parents=True, exist_ok=True)
        (scripts / "recorder.pl").write_text(_RECORDER)
        shown = self.folder / "shown"
        shown.unlink(missing_ok=True)
        if self._prepare_key:
            self._make_key()
        since = self.mark()
        self._state = "plaintext"
        self._tmux("-f", "/dev/null", "new-session", "-d", "-x", "160", "-y", "50",
                   f"exec irssi --home={self.folder}")
        self._server_pid = int(self._tmux("display-message", "-p", "#{pid}"))
        wait_until(shown.exists, what="irssi to start")
        self._running.set()
        self._reader = threading.Thread(target=self._read, args=(shown,), daemon=True)
        self._reader.start()
        self.wait_for({"event": "connected"}, since=since)
        self.type(f"/query {self.buddy}")
        return self

    def quit(self):
        """As /quit does."""
        if self._server_pid is not None:
            self.type("/quit")
            wait_until(lambda: not self._is_alive(), what="irssi to end")
            self.stop_reading()

    def lose_session(self):
        """Crashes and comes back with the same key."""
        self.kill()
        self.start()

    def kill(self):
        if self._server_pid is not None and self._is_alive():
            pane = int(self._tmux("display-message", "-p", "#{pane_pid}"))
            os.kill(pane, signal.SIGKILL)
            wait_until(lambda: not self._is_alive(), what="tmux to end")
        self.stop_reading()

    def stop_reading(self):
        self._server_pid = None
        self._running.clear()
        if self._reader is not None:
            self._reader.join(5)
            self._reader = None

    def stop(self):
        self.kill()
        shutil.rmtree(self._socket.parent, ignore_errors=True)
        if self._own_folder:
            shutil.rmtree(self.folder, ignore_errors=True)

    def _is_alive(self):
        # tmux leaves when its only session ends; it is not our child.
        try:
            os.kill(self._server_pid, 0)
        except ProcessLookupError:
            return False
        return True

    def _make_key(self):
        """Saves the minutes that an idle machine may need; libotr's file, irssi's names."""
        keys = self.folder / "otr"
        keys.mkdir(exist_ok=True)
        if (keys / "otr.key").exists():
            return
        subprocess.run([os.environ["OTR_GUARD_LIBOTR_PEER"], "--account", _NETWORK,
                        "--protocol", "IRC", "--folder", keys], check=True,
                       stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        shutil.copy(keys / "otr.private_key", keys / "otr.key")

    # --- the terminal ---

    def _tmux(self, *words):
        environment = {**os.environ, "TERM": "xterm-256color", "LC_ALL": "C.UTF-8"}
        environment.pop("TMUX", None)
        return subprocess.run(["tmux", "-S", self._socket, *words], env=environment, check=True,
                              capture_output=True, text=True, timeout=30).stdout.strip()

    def type(self, line):
        """Types a line and Return."""
        # A semicolon at the end would end tmux's command.
        self._tmux("send-keys", "-l", "--", re.sub(";$", r"\\;", line))
        self._tmux("send-keys", "Enter")

    def screen(self) -> str:
        return self._tmux("capture-pane", "-p")

    def _read(self, path):
        with open(path, encoding="utf-8", errors="replace") as shown:
            pending = ""
            while self._running.is_set():
                pending += shown.readline()
                if not pending.endswith("\n"):
                    # A file cannot be waited for; this thread does nothing else.
                    self._running.wait(0)
                    threading.Event().wait(0.05)
                    continue
                kind, target, text = (pending.rstrip("\n").split("\t", 2) + ["", ""])[:3]
                pending = ""
                self._on_record(kind, target, text)

    def _on_record(self, kind, target, text):
        if kind == "message":
            self._emit(event="message", who=target, text=text,
                       private=True if self._state == "private" else None)
            return
        if kind == "connected":
            self._emit(event="connected")
            return
        for words, state in _STATES:
            if words in text:
                self._state = state
                self._emit(event="state", state=state, who=target)
        for words, smp in _SMP:
            if words in text:
                if smp is None:
                    smp = "success" if "successful" in text else "failure"
                self._emit(event="smp", kind=smp, question=None)
                break
        self._emit(event="notice", kind="shown", text=text, who=target)

    # --- what a user does ---

    def start_otr(self, to=None):
        self._in_query(to, "/otr init")

    def send(self, text, to=None):
        self._in_query(to, text)

    def end(self, to=None):
        self._in_query(to, "/otr finish")

    def smp_question(self, question, answer, to=None):
        self._in_query(to, f'/otr authq "{question}" {answer}')

    def smp_secret(self, secret, to=None):
        self._in_query(to, f"/otr auth {secret}")

    def smp_answer(self, answer, to=None):
        self._in_query(to, f"/otr auth {answer}")

    def smp_abort(self, to=None):
        self._in_query(to, "/otr authabort")

    def trust(self, to=None):
        self._in_query(to, "/otr trust")

    def _in_query(self, to, line):
        if to is not None and to != self.buddy:
            self.type(f"/query {to}")
            self.type(line)
            self.type(f"/query {self.buddy}")
        else:
            self.type(line)

    def wait_notice(self, text, timeout=20, since=0):
        """Waits for a line with this text that is no message."""
        return self.wait_for(lambda e: e["event"] == "notice" and text in e["text"], timeout,
                             since, what=f"line {text!r}")

    # --- what it knows ---

    def state(self, to=None):
        return self._state

    def fingerprint(self):
        since = self.mark()
        self.type("/otr info")
        line = self.wait_notice(f"Fingerprint for {_NETWORK}", since=since)["text"]
        return "".join(word for word in line.replace(":", " ").split()
                       if len(word) == 8 and all(c in "0123456789ABCDEF" for c in word))
