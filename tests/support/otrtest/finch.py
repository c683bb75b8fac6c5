# SPDX-FileCopyrightText: OTR Guard contributors
# SPDX-License-Identifier: GPL-2.0-or-later
"""Alice in front of Finch, in a terminal of her own: keys in, screen out."""

import os
import pathlib
import re
import shlex
import shutil
import signal
import subprocess
import tempfile

from .peers.pidgin_peer import Profile
from .waiting import Timeout, wait_until

#: The conversation fills the screen, so that nothing of it is hidden.
_WINDOWS = """[Finch]
wm = none
mouse = 0

[WM]
geometry = 100%
"""


class Finch:
    """`buddies` are written into the profile; the account signs on when it starts. `wrapper` is put
    before the program; `settings` and `proxy` are the account's."""

    def __init__(self, server, user, buddies, plugin=None, port=None, preferences=None,
                 columns=100, rows=36, wrapper=(), settings=None, proxy=None):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="otrtest-finch-"))
        # A socket's path must be short.
        self._socket = pathlib.Path(tempfile.mkdtemp(prefix="ft-")) / "tmux"
        self._server = server
        self._user = user
        self._buddies = list(buddies)
        self._plugin = plugin and pathlib.Path(plugin)
        self._port = port
        self._preferences = preferences or {}
        self._size = (columns, rows)
        self._wrapper = [str(word) for word in wrapper]
        self._settings, self._proxy = settings, proxy
        self._terminal_pid = None

    @property
    def profile(self):
        return self.folder / ".purple"

    # --- life ---

    def start(self):
        self._write_profile()
        words = ["env", f"HOME={self.folder}", "LANGUAGE=en", *self._wrapper, "finch", "-c",
                 str(self.profile)]
        command = "exec " + shlex.join(words)
        columns, rows = self._size
        self._tmux("-f", "/dev/null", "new-session", "-d", "-x", str(columns), "-y", str(rows),
                   command)
        self._terminal_pid = int(self._tmux("display-message", "-p", "#{pid}"))
        return self

    def _write_profile(self):
        profile = Profile(self.profile)
        account = profile.add_xmpp_account(self._server, self._user, self._port,
                                           settings=self._settings, proxy=self._proxy)
        for buddy in self._buddies:
            profile.add_buddy(account, buddy)
        plugins = []
        if self._plugin:
            plugins.append(self.profile / "plugins" / self._plugin.name)
            plugins[0].parent.mkdir()
            plugins[0].symlink_to(self._plugin)
        profile.write(plugins, self._preferences)
        (self.folder / ".gntrc").write_text(_WINDOWS)

    def wait_end(self, timeout=20):
        wait_until(lambda: not self._is_alive(), timeout, what="Finch to end")
        self._terminal_pid = None

    def stop(self):
        if self._terminal_pid is not None and self._is_alive():
            pane = int(self._tmux("display-message", "-p", "#{pane_pid}"))
            os.kill(pane, signal.SIGKILL)
            self.wait_end()
        shutil.rmtree(self._socket.parent, ignore_errors=True)
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self):
        try:
            return self.start()
        except BaseException:
            self.stop()
            raise

    def __exit__(self, kind, *exc):
        if kind is not None and self._terminal_pid is not None and self._is_alive():
            print(f"--- Finch's screen\n{self.screen()}", flush=True)
        self.stop()

    def _is_alive(self):
        # tmux leaves when its only session ends; it is not our child.
        try:
            os.kill(self._terminal_pid, 0)
        except ProcessLookupError:
            return False
        return True

    # --- hands and eyes ---

    def _tmux(self, *words):
        environment = {**os.environ, "TERM": "xterm-256color", "LC_ALL": "C.UTF-8"}
        environment.pop("TMUX", None)
        return subprocess.run(["tmux", "-S", self._socket, *words], env=environment, check=True,
                              capture_output=True, text=True, timeout=30).stdout.rstrip()

    def keys(self, *names):
        """Keys as tmux names them: Enter, Tab, Escape, M-c (Alt and c)."""
        self._tmux("send-keys", *names)

    def type(self, text):
        # A semicolon at the end would end tmux's command.
        self._tmux("send-keys", "-l", "--", re.sub(";$", r"\\;", text))

    def down(self, times=1):
        """The arrow, as the terminals that Finch knows send it."""
        for _ in range(times):
            self._tmux("send-keys", "-l", "--", "\x1bOB")

    def press(self, label):
        """Moves the focus to a button, which is then shown in another colour, and presses it."""
        for _ in range(8):
            if self._focused_button() == label:
                self.keys("Enter")
                return
            before = self._screen_in_colour()
            self.keys("Tab")
            wait_until(lambda: self._screen_in_colour() != before, what="the focus to move",
                       interval=0.05)
        raise AssertionError(f"no button {label!r}:\n{self.screen()}")

    def _screen_in_colour(self):
        return self._tmux("capture-pane", "-p", "-e")

    def _focused_button(self):
        found = re.search(r"│ \x1b\[37m\x1b\[44m([^\x1b]+)\x1b\[39m\x1b\[49m │",
                          self._screen_in_colour())
        return found and found.group(1)

    def choose(self, *path):
        """Opens the context menu where the focus is and chooses an entry by its hotkeys."""
        self.keys("C-x")
        for name in path:
            self.wait_text(name)
            hotkey = re.search(re.escape(name) + r"\s*\((.)\)", self.text()).group(1)
            self.keys(hotkey)

    def say(self, line):
        self.type(line)
        self.keys("Enter")

    def screen(self):
        return self._tmux("capture-pane", "-p")

    def text(self):
        """What stands on the screen without frames and line breaks."""
        return " ".join(re.sub(r"[│┌┐└┘─├┤┬┴┼▒▲▼↑↓]", " ", self.screen()).split())

    def wait_text(self, *texts, timeout=20):
        """Waits until all of them are on the screen; returns all that is."""
        try:
            wait_until(lambda: all(text in self.text() for text in texts), timeout,
                       interval=0.1, what=f"{texts} on the screen")
        except Timeout as error:
            raise Timeout(f"{error}; there is\n{self.screen()}") from None
        return self.text()

    def wait_gone(self, text, timeout=20):
        wait_until(lambda: text not in self.text(), timeout, interval=0.1,
                   what=f"{text!r} to leave the screen")
