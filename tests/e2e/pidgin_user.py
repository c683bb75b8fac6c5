# SPDX-FileCopyrightText: OTR Guard contributors
# SPDX-License-Identifier: GPL-2.0-or-later
"""Alice in front of Pidgin: what she does with mouse and keyboard, and what she sees.

Bob has OTR Guard in a client without a window. With OTR_GUARD_SCREENSHOTS set to a folder, the main
states are pictured there.
"""

import os
import pathlib
import unittest

from otrtest.headless import HeadlessClient, plugin_path
from otrtest.peers.pidgin_peer import PidginPeer
from otrtest.servers import Prosody
from otrtest.waiting import wait_until
from otrtest.wire import xmpp_wire

BUDDIES, PLUGINS, DIALOG = "Buddy List", "Plugins", "OTR Guard"
#: OTR Guard's own menu, and the place where every client's menus have it.
MENU, MENU_OF_PIDGIN = ("OTR",), ("Conversation", "More", "OTR Guard")

USERS = {"alice": "wonderland", "bob": "builder", "carol": "christmas"}
ALICE, BOB, CAROL = "alice@localhost", "bob@localhost", "carol@localhost"
QUESTION = "Where did we <first> meet?"


def one_line(text):
    return " ".join(text.split())


class PidginUser(PidginPeer):
    """`available` are plugin files that are in Pidgin's list but not switched on, `known` keys of
    others: (name, fingerprint, trust word)."""

    def __init__(self, server, port, plugin=None, available=(), known=(), user="alice", buddy=BOB,
                 **options):
        super().__init__(server, user, buddy, plugin=plugin, port=port, **options)
        self.name = user
        self._available = [pathlib.Path(one) for one in available]
        self._known = known

    def _write_profile(self):
        place = self.folder / "plugins"
        place.mkdir(exist_ok=True)
        for file in self._available:
            (place / file.name).unlink(missing_ok=True)
            (place / file.name).symlink_to(file)
        super()._write_profile()
        if self._known:
            (self.folder / "otr.fingerprints").write_text("".join(
                f"{name}\t{self.account_name}\t{self.protocol}\t{key}\t{trust}\n"
                for name, key, trust in self._known))

    @property
    def screen(self):
        return self.desktop.screen

    def picture(self, name):
        """Keeps a screenshot, if somebody wants them."""
        folder = os.environ.get("OTR_GUARD_SCREENSHOTS")
        if folder:
            pathlib.Path(folder).mkdir(parents=True, exist_ok=True)
            self.desktop.screenshot(pathlib.Path(folder) / f"{name}.png")

    # --- conversations ---

    def open_conversation(self, name="Bob"):
        """Double-clicks the buddy."""
        self.desktop.focus(BUDDIES)
        self.desktop.press("table cell", name, BUDDIES, times=2)
        self.desktop.window(name)

    def say(self, text, window="Bob"):
        """Types into the window in front."""
        self.desktop.focus(window)
        self.desktop.type(text)
        self.desktop.keys("Return")

    def conversation_text(self, window="Bob"):
        """Everything that stands in the conversation on screen."""
        shown = self.screen.find("text", window=window)
        return one_line(shown["text"] or "") if shown else ""

    def wait_shown(self, text, window="Bob", timeout=20):
        try:
            wait_until(lambda: text in self.conversation_text(window), timeout, interval=0.2)
        except AssertionError:
            raise AssertionError(f"{text!r} is not in {window}'s window: "
                                 f"{self.conversation_text(window)}") from None

    def choose(self, *entry, menu=MENU, window="Bob"):
        """An entry of OTR Guard's menu in the conversation, with the mouse."""
        self.desktop.choose(window, *menu, *entry)

    def choose_by_keyboard(self, entry, window="Bob"):
        number = self.entries(window).index(entry)
        self.desktop.focus(window)
        self.desktop.keys("alt+r", *["Down"] * number, "Return")

    def entries(self, window="Bob", menu=MENU):
        """What the menu offers; opened, because Pidgin fills it then."""
        self.desktop.open_menu(window, *menu)
        found = self.screen.entries(window, *menu)
        self.desktop.keys(*["Escape"] * (len(menu) + 1))
        return [entry for entry in found if entry]

    def wait_padlock(self, word, window="Bob"):
        self.screen.wait("push button", f"OTR: {word}", window)

    # --- dialogs ---

    def wait_dialog(self, *texts, window=DIALOG):
        """Waits until a window shows all these texts; returns everything that stands in it."""
        shown = ""
        def find():
            nonlocal shown
            try:
                shown = one_line(" ".join(self.screen.texts(window)))
            except LookupError:  # something went away while it was read
                return False
            return all(one_line(text) in shown for text in texts)
        try:
            wait_until(find, what=f"dialog with {texts}", interval=0.2)
        except AssertionError as error:
            raise AssertionError(f"{error}; there is {shown!r}") from None
        return shown

    def wait_no_dialog(self, window=DIALOG):
        wait_until(lambda: window not in self.desktop.windows().values(), interval=0.1,
                   what=f"{window!r} to close")

    def tab_to(self, role, name, window=DIALOG):
        """Moves the keyboard's focus."""
        for _ in range(20):
            element = self.screen.wait(role, name, window)
            if "focused" in element["states"]:
                return
            self.desktop.keys("Tab")
        raise AssertionError(f"the keyboard does not reach {role} {name!r} in {window!r}")

    def press_button(self, name, window=DIALOG):
        """By keyboard."""
        self.desktop.focus(window)
        self.tab_to("push button", name, window)
        self.desktop.keys("Return")

    def type_into_dialog(self, *texts):
        """Types into the fields in turn, and Return."""
        self.desktop.focus(DIALOG)
        for number, text in enumerate(texts):
            self.desktop.keys(*["Tab"] * min(number, 1))
            self.desktop.type(text)
        self.desktop.keys("Return")

    def choose_verification(self, number):
        """Opens the dialog by menu and chooses a way with the keyboard."""
        self.choose("Verify...")
        self.wait_dialog("Is it really")
        self.desktop.focus(DIALOG)
        self.tab_to("radio button", "I tell them a PIN")
        self.desktop.keys(*["Down"] * number)
        self.press_button("Continue")

    # --- the list of plugins ---

    def close_plugins(self):
        self.desktop.focus(PLUGINS)
        self.desktop.keys("Escape")
        self.wait_no_dialog(PLUGINS)

    def open_plugins(self):
        if PLUGINS not in self.desktop.windows().values():
            self.desktop.choose(BUDDIES, "Tools", "Plugins")
        self.desktop.focus(PLUGINS)

    def find_plugin(self, name):
        """Scrolls to the plugin by typing its name; returns whether it is ticked."""
        self.open_plugins()
        self.desktop.type(name)
        number, cells = wait_until(lambda: self._plugin_row(name), interval=0.2,
                                   what=f"plugin {name!r}")
        self.desktop.keys("Escape")
        return "checked" in cells[number - 1]["states"], number - 1

    def _plugin_row(self, name):
        cells = [one for one in self.screen.tree(PLUGINS) if one["role"] == "table cell"]
        for number, cell in enumerate(cells):
            if cell["name"].startswith(name) and "selected" in cell["states"]:
                return number, cells
        return None

    def is_plugin_on(self, name):
        return self.find_plugin(name)[0]

    def toggle_plugin(self, name):
        _, number = self.find_plugin(name)
        self.desktop.press("table cell", "", PLUGINS, index=number)


class PidginCase(unittest.TestCase):
    """Alice with a window, Bob without; everything between Alice and the server is captured."""

    preferences = {}
    windows = False  # the dialogs that every client draws

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.server = cls.enterClassContext(Prosody(USERS))

    def setUp(self):
        self.said = []
        self.wire = self.enterContext(xmpp_wire(self.server))
        self.bob = self.start_friend("bob")
        self.alice = self.start_alice()
        self.addCleanup(self.assert_nothing_in_clear)

    def start_friend(self, user, plugins=None):
        client = HeadlessClient(name=user, plugins=[plugin_path()] if plugins is None else plugins)
        self.enterContext(client)
        client.connect_xmpp(self.server, user)
        return client

    def start_alice(self, **options):
        options = {"plugin": plugin_path(), "preferences": self.preferences,
                   "windows": self.windows, **options}
        alice = self.enterContext(PidginUser(self.server, self.wire.port, **options))
        alice.wait_buddy_online()
        return alice

    # --- what tests say ---

    def secret(self, text):
        """Marks the text as one that nobody else may read; returns it."""
        self.said.append(text)
        return text

    def assert_nothing_in_clear(self):
        for text in self.said:
            self.assertFalse(self.wire.shows(text), f"{text!r} was readable on the wire")

    def make_private(self):
        self.alice.open_conversation()
        self.alice.choose("Start private conversation")
        self.alice.wait_shown("This conversation is private now")
        self.alice.wait_padlock("Unverified")

    def talk(self, words="only for the two of us"):
        """Alice types, Bob answers, both read it."""
        since = self.bob.mark()
        self.alice.say(self.secret(words))
        self.bob.wait_message(words, since=since)
        answer = self.secret(f"{words}, answered")
        self.bob.send(ALICE, answer)
        self.alice.wait_shown(answer)
        self.assertIn(words, self.alice.conversation_text())

    def status(self):
        return self.alice.otr_status()
