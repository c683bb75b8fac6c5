# SPDX-FileCopyrightText: OTR Guard contributors
# SPDX-License-Identifier: GPL-2.0-or-later
"""A desktop of its own for one graphical client: X server, window manager, session bus.

Programs are driven as a user does: by keyboard and mouse (xdotool), and by the names a screen
reader would speak (at-spi, through `screen`, which runs in a process of its own because the
accessibility library knows one session bus only).
"""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import threading

from . import processes
from .waiting import Timeout, wait_until


#: The name of the window that a menu opens for itself.
POPUP = ""
#: The window of drag_source.py, and where it is put: at the left, below what Pidgin opens first.
DRAG_SOURCE, SOURCE_PLACE = "Files to drag", (40, 640)


class Desktop:
    def __init__(self, size="1280x960"):
        self.size = size
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="otrtest-desktop-"))
        self.environment = {}
        self.screen = None
        self._processes = []

    def start(self):
        home = self.folder / "home"
        for name in (".config", ".cache", ".local/share", "runtime"):
            (home / name).mkdir(parents=True, exist_ok=True)
        (home / "runtime").chmod(0o700)
        environment = {name: value for name, value in os.environ.items()
                       if name not in ("WAYLAND_DISPLAY", "DBUS_SESSION_BUS_ADDRESS", "DISPLAY")}
        environment.update(
            HOME=str(home), XDG_CONFIG_HOME=str(home / ".config"), LC_ALL="C.UTF-8",
            XDG_CACHE_HOME=str(home / ".cache"), XDG_DATA_HOME=str(home / ".local/share"),
            XDG_RUNTIME_DIR=str(home / "runtime"), GDK_BACKEND="x11",
            GTK_MODULES="gail:atk-bridge", NO_AT_BRIDGE="0", GSETTINGS_BACKEND="memory")
        self.environment = environment
        environment["DISPLAY"] = self._start_x()
        environment["DBUS_SESSION_BUS_ADDRESS"] = self._start_bus()
        self._run("openbox", ["openbox", "--sm-disable"])
        wait_until(self._has_window_manager, what="the window manager")
        self.screen = _Screen(self)
        return self

    def stop(self):
        if self.screen is not None:
            self.screen.stop()
        for process in reversed(self._processes):
            processes.stop(process, timeout=5)
        self._processes.clear()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self):
        try:
            return self.start()
        except BaseException:
            self.stop()
            raise

    def __exit__(self, *exc):
        self.stop()

    # --- programs ---

    def run(self, name, arguments, environment=None, **options):
        """Starts a program on this desktop; its output goes to `folder`/name.log."""
        with open(self.folder / f"{name}.log", "ab") as log:
            return processes.start(arguments, env={**self.environment, **(environment or {})},
                                   stdin=subprocess.DEVNULL, stdout=log,
                                   stderr=subprocess.STDOUT, cwd=self.folder, **options)

    def log(self, name) -> str:
        path = self.folder / f"{name}.log"
        return path.read_text(errors="replace") if path.exists() else ""

    def _run(self, name, arguments, **options):
        process = self.run(name, arguments, **options)
        self._processes.append(process)
        return process

    def _start_x(self):
        reader, writer = os.pipe()
        self._run("xvfb", ["Xvfb", "-displayfd", writer, "-screen", "0", f"{self.size}x24",
                           "-nolisten", "tcp", "-noreset"], pass_fds=(writer,))
        os.close(writer)
        with os.fdopen(reader) as answer:
            number = answer.readline().strip()
        if not number:
            raise RuntimeError("Xvfb does not start:\n" + self.log("xvfb"))
        return f":{number}"

    def _start_bus(self):
        reader, writer = os.pipe()
        # In a folder: what has no place there ends at a network namespace.
        self._run("dbus", ["dbus-daemon", "--session", "--nofork", "--nopidfile",
                           f"--address=unix:dir={self.folder}",
                           f"--print-address={writer}"], pass_fds=(writer,))
        os.close(writer)
        with os.fdopen(reader) as answer:
            address = answer.readline().strip()
        if not address:
            raise RuntimeError("dbus-daemon does not start:\n" + self.log("dbus"))
        return address

    def _has_window_manager(self):
        answer = self.output("xprop", "-root", "_NET_SUPPORTING_WM_CHECK")
        return "window id" in answer

    def output(self, *command) -> str:
        """Runs a program on this desktop to its end."""
        return subprocess.run(command, env=self.environment, capture_output=True, text=True,
                              timeout=30, check=False).stdout

    # --- hands and eyes ---

    def xdotool(self, *words) -> str:
        return self.output("xdotool", *[str(word) for word in words])

    def windows(self):
        """Titles of the visible windows by window id."""
        titles = {}
        for number in self.xdotool("search", "--onlyvisible", "--name", ".").split():
            titles[number] = self.xdotool("getwindowname", number).strip()
        return titles

    def window(self, title, timeout=15):
        """Waits for a window with this text in its title; returns its id."""
        def find():
            return next((number for number, name in self.windows().items() if title in name), None)
        try:
            return wait_until(find, timeout, what=f"window {title!r}", interval=0.2)
        except Timeout as error:
            raise Timeout(f"{error}; there are {list(self.windows().values())}") from None

    def focus(self, title):
        number = self.window(title)
        self.xdotool("windowactivate", "--sync", number)
        return number

    def type(self, text):
        """Types into whatever has the focus."""
        self.xdotool("type", "--delay", "8", "--", text)

    def keys(self, *names):
        self.xdotool("key", "--delay", "30", "--", *names)

    def press(self, role, name="", window=None, index=0, button=1, times=1):
        """Clicks with the mouse into the middle of an element, and leaves no tooltip there."""
        self._press_at(self.screen.where(role, name, window, index), button, times)
        if button == 1:
            self.xdotool("mousemove", 0, 0)

    def _press_at(self, place, button=1, times=1):
        x, y, width, height = place
        self.xdotool("mousemove", "--sync", x + width // 2, y + height // 2)
        self.xdotool("click", "--repeat", times, "--delay", 60, button)

    def drag_files(self, files, place):
        """Drags them out of another program's window, and lets them go in the middle of `place`."""
        report = self.folder / "dragged"
        report.unlink(missing_ok=True)
        source = self.run("drag_source", [
            sys.executable, "-B", pathlib.Path(__file__).with_name("drag_source.py"),
            *SOURCE_PLACE, report, *files])
        def wait(word):
            wait_until(lambda: report.exists() and word in report.read_text().split(),
                       what=f"what is dragged to be {word}", interval=0.1)
        try:
            wait("ready")
            self.focus(DRAG_SOURCE)
            left, top = (place + 100 for place in SOURCE_PLACE)
            x, y = place[0] + place[2] // 2, place[1] + place[3] // 2
            self.xdotool("mousemove", "--sync", left, top)
            self.xdotool("mousedown", 1)
            for step in range(1, 11):  # a hand does not jump
                self.xdotool("mousemove", "--sync", left + (x - left) * step // 10,
                             top + (y - top) * step // 10)
            wait("accepted")
            self.xdotool("mouseup", 1)
            wait("ended")
        finally:
            self.xdotool("mouseup", 1)
            processes.stop(source)

    def press_text(self, text, window, button=1):
        """Clicks on the first letter of a text in a window."""
        self.focus(window)
        self._press_at(self.screen.where_text(text, window=window), button)

    def open_menu(self, window, *path):
        """Opens a window's menu with the mouse, as the full names of the menus tell."""
        self.focus(window)
        self._open_submenus(window, path)

    def choose(self, window, *path):
        """Chooses an entry of a window's menu with the mouse."""
        self.open_menu(window, *path[:-1])
        self._press_at(self.screen.where_entry(window, path))

    def choose_from_popup(self, element, *path):
        """Chooses an entry of the menu that the right button opens on an element: its role, name
        and window."""
        open_before = len(self.windows())
        self.press(*element, button=3)
        wait_until(lambda: len(self.windows()) > open_before, what="the menu", interval=0.1)
        self._open_submenus(POPUP, path[:-1])
        self._press_at(self.screen.where_entry(POPUP, path))

    def _open_submenus(self, window, path):
        for depth in range(1, len(path) + 1):
            open_before = len(self.windows())
            self._press_at(self.screen.where_entry(window, path[:depth]))
            wait_until(lambda: len(self.windows()) > open_before, interval=0.1,
                       what=f"menu {path[depth - 1]!r} to open")

    def screenshot(self, path):
        """The whole screen as PNG."""
        subprocess.run(["import", "-window", "root", str(path)], env=self.environment, check=True,
                       timeout=30)


class _Screen:
    """What a screen reader sees. Elements are found by role, name and the window they are in.

    A name matches when the text is contained in it; the first element in reading order counts.
    """

    def __init__(self, desktop):
        agent = pathlib.Path(__file__).with_name("screen_agent.py")
        self._log = desktop.folder / "screen.log"
        with open(self._log, "ab") as errors:
            self._process = processes.start(
                [sys.executable, "-B", agent], env=desktop.environment, stdin=subprocess.PIPE,
                stdout=subprocess.PIPE, stderr=errors)
        self._lock = threading.Lock()

    def stop(self):
        self._process.stdin.close()
        processes.stop(self._process)
        self._process.stdout.close()

    def _ask(self, command, **members):
        with self._lock:
            self._process.stdin.write(json.dumps({"command": command, **members}).encode() + b"\n")
            self._process.stdin.flush()
            line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("the screen reader ended:\n" + self._log.read_text())
        answer = json.loads(line)
        if "error" in answer:
            raise LookupError(answer["error"])
        return answer["value"]

    def tree(self, window=None):
        """All showing elements as dictionaries: role, name, text, description, label (what labels it),
        states, depth, window."""
        return self._ask("tree", window=window)

    def find(self, role, name="", window=None, index=0):
        """The element, or None."""
        return self._ask("find", role=role, name=name, window=window, index=index)

    def wait(self, role, name="", window=None, index=0, timeout=15):
        return wait_until(lambda: self.find(role, name, window, index), timeout,
                          what=f"{role} {name!r} in {window or 'any window'}", interval=0.2)

    def click(self, role, name="", window=None, index=0, timeout=15):
        """Waits for the element and does its first action."""
        self.wait(role, name, window, index, timeout)
        self._ask("act", role=role, name=name, window=window, index=index)

    def set_text(self, text, role="text", name="", window=None, index=0, timeout=15):
        self.wait(role, name, window, index, timeout)
        self._ask("set_text", role=role, name=name, window=window, index=index, text=text)

    def where(self, role, name="", window=None, index=0, timeout=15):
        """Waits for the element and tells where on the screen it is: x, y, width, height."""
        self.wait(role, name, window, index, timeout)
        return self._ask("where", role=role, name=name, window=window, index=index)

    def where_text(self, text, role="text", name="", window=None, index=0):
        """Where the first letter of a text is shown; the last place where it stands counts."""
        return self._ask("where_text", role=role, name=name, window=window, index=index, text=text)

    def where_entry(self, window, path):
        """The same for an entry of an open menu."""
        return self._ask("where", window=window, path=list(path))

    def entries(self, window, *path):
        """What is in a window's menu, as the full names of the menus tell; separators are empty."""
        return self._ask("entries", window=window, path=list(path))

    def select(self, child, role="combo box", name="", window=None, index=0, timeout=15):
        """Chooses the child with this number in a combo box or a list."""
        self.wait(role, name, window, index, timeout)
        self._ask("select", role=role, name=name, window=window, index=index, child=child)

    def texts(self, window=None):
        """Everything that can be read there, in reading order."""
        return [element["text"] or element["name"] for element in self.tree(window)
                if element["text"] or element["name"]]
