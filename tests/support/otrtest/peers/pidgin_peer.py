# SPDX-FileCopyrightText: OTR Guard contributors
# SPDX-License-Identifier: GPL-2.0-or-later
"""A real Pidgin in a real window, with pidgin-otr, with OTR Guard, or with neither.

Text goes in and out over Pidgin's D-Bus interface, or over the keyboard; menus and dialogs are
operated by the names a screen reader speaks.
"""

import html
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import threading
from xml.sax.saxutils import escape, quoteattr

import gi
gi.require_version("Gio", "2.0")
from gi.repository import Gio, GLib  # noqa: E402

from .. import processes  # noqa: E402
from ..desktop import Desktop  # noqa: E402
from ..waiting import Timeout, patience, wait_until  # noqa: E402
from .base import Peer  # noqa: E402

PIDGIN_OTR = "/usr/lib/pidgin/pidgin-otr.so"

_BUS_NAME = "im.pidgin.purple.PurpleService"
_BUS_PATH = "/im/pidgin/purple/PurpleObject"
_BUS_INTERFACE = "im.pidgin.purple.PurpleInterface"
_FLAG_SEND, _FLAG_RECV, _FLAG_SYSTEM, _FLAG_ERROR = 1, 2, 4, 0x200
_CONVERSATION_IM = 1
#: The others are many and say little.
_SIGNALS = ("SignedOn", "SignedOff", "ConnectionError", "BuddySignedOn", "BuddySignedOff",
            "ConversationCreated", "DeletingConversation", "SentImMsg", "ReceivedImMsg")

# Texts of pidgin-otr 4.0.2.
_ASK_WINDOW = "uthenticate Buddy"
_PROGRESS_WINDOW = "Authenticating "
_SMP_TEXTS = (("Authentication successful", "success"),
              ("successfully authenticated you", "success"), ("Authentication failed", "failure"),
              ("An error occurred during authentication", "abort"),
              ("This is the question asked by your buddy", "ask_for_answer"),
              ("pick a secret known only", "ask_for_secret"))
_PIDGIN_OTR_LABELS = (("Not private", "plaintext", "no"), ("Unverified", "private", "no"),
                      ("Finished", "finished", "no"), ("Private", "private", "yes"))


def plain_text(markup: str) -> str:
    """What is shown of a message with markup."""
    text = re.sub(r"<br\s*/?>", "\n", markup, flags=re.I)
    return html.unescape(re.sub(r"<[^<>]*>", "", text))


class Profile:
    """Writes a libpurple user folder as Pidgin has it after its first days."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.folder.chmod(0o700)
        self._accounts = []
        self._buddies = []

    def add_xmpp_account(self, server, user, port=None, resource="", alias=None, settings=None,
                         proxy=None):
        """`settings` take the place of those of the same name; `proxy` is kind, address, port."""
        name = f"{server.jid(user)}/{resource}"
        self._accounts.append(("prpl-jabber", name, server.accounts[user], {
            "connect_server": "127.0.0.1", "port": port or server.port,
            "connection_security": "opportunistic_tls", "auth_plain_in_clear": True,
            **(settings or {})}, alias, proxy))
        return name

    def add_irc_account(self, server, nick, port=None):
        name = f"{nick}@127.0.0.1"
        self._accounts.append(("prpl-irc", name, None, {
            "port": port or server.port, "username": nick, "ssl": False}, None, None))
        return name

    def add_buddy(self, account, name, protocol="prpl-jabber"):
        self._buddies.append((account, name, protocol))

    def write(self, plugins=(), preferences=None):
        """`preferences` maps full names to bool, int, str or list of str."""
        self._write_accounts()
        self._write_buddies()
        self._write_preferences(plugins, preferences or {})

    def _write_accounts(self):
        text = "<?xml version='1.0' encoding='UTF-8' ?>\n<account version='1.0'>\n"
        for protocol, name, password, settings, alias, proxy in self._accounts:
            text += (f"<account><protocol>{protocol}</protocol><name>{escape(name)}</name>"
                     + (f"<password>{escape(password)}</password>" if password else "")
                     + (f"<alias>{escape(alias)}</alias>" if alias else "")
                     + "<statuses><status type='available' name='Available' active='true'>"
                       "<attributes/></status></statuses><settings>")
            for key, value in settings.items():
                kind = {bool: "bool", int: "int", str: "string"}[type(value)]
                shown = int(value) if isinstance(value, bool) else value
                text += f"<setting name='{key}' type='{kind}'>{shown}</setting>"
            text += "</settings>"
            for ui in ("gtk-gaim", "gnt-purple"):
                text += (f"<settings ui='{ui}'><setting name='auto-login' type='bool'>1</setting>"
                         "</settings>")
            if proxy:
                text += "<proxy><type>{}</type><host>{}</host><port>{}</port></proxy>".format(*proxy)
            text += "</account>\n"
        (self.folder / "accounts.xml").write_text(text + "</account>\n")

    def _write_buddies(self):
        text = ("<?xml version='1.0' encoding='UTF-8' ?>\n<purple version='1.0'><blist>"
                "<group name='Friends'>")
        for account, name, protocol in self._buddies:
            text += (f"<contact><buddy account={quoteattr(account)} proto='{protocol}'>"
                     f"<name>{escape(name)}</name></buddy></contact>")
        (self.folder / "blist.xml").write_text(text + "</group></blist><privacy/></purple>\n")

    def _write_preferences(self, plugins, preferences):
        values = {
            "/purple/logging/log_ims": False, "/purple/logging/log_system": False,
            "/purple/savedstatus/startup_current_status": True,
            "/pidgin/sound/method": "none", "/pidgin/docklet/show": "never",
            "/pidgin/conversations/im/show_buddy_icons": False,
            "/pidgin/conversations/im/x": 420, "/pidgin/conversations/im/y": 20,
            "/pidgin/conversations/im/default_width": 600,
            "/pidgin/conversations/im/default_height": 400,
            "/pidgin/blist/x": 20, "/pidgin/blist/y": 20, "/pidgin/blist/width": 300,
            "/pidgin/blist/height": 500, "/pidgin/blist/list_visible": True,
            "/pidgin/debug/enabled": False,
            "/pidgin/plugins/loaded": [str(plugin) for plugin in plugins],
            "/finch/plugins/loaded": [str(plugin) for plugin in plugins],
        }
        values.update(preferences)
        tree = {}
        for name, value in values.items():
            node = tree
            *parents, leaf = name.strip("/").split("/")
            for parent in parents:
                node = node.setdefault(parent, {})
            node[leaf] = value
        text = "<?xml version='1.0' encoding='UTF-8' ?>\n<pref version='1' name='/'>\n"
        (self.folder / "prefs.xml").write_text(text + _preference_nodes(tree) + "</pref>\n")


def _preference_nodes(tree):
    text = ""
    for name, value in tree.items():
        if isinstance(value, dict):
            text += f"<pref name='{name}'>\n{_preference_nodes(value)}</pref>\n"
        elif isinstance(value, (list, tuple)):
            items = "".join(f"<item value={quoteattr(item)}/>" for item in value)
            text += f"<pref name='{name}' type='pathlist'>{items}</pref>\n"
        else:
            kind = {bool: "bool", int: "int", str: "string"}[type(value)]
            shown = str(int(value) if isinstance(value, bool) else value)
            text += f"<pref name='{name}' type='{kind}' value={quoteattr(shown)}/>\n"
    return text


class PidginPeer(Peer):
    """`plugin` is a file: PIDGIN_OTR, OTR Guard's, or None. `folder` keeps a profile for the next
    start; without it a temporary one is used. `environment` is added to Pidgin's. Without `windows`,
    OTR Guard is copied as somebody does for themselves alone, and its windows program is not.
    `wrapper` is put before the program; `settings` and `proxy` are the XMPP account's.

    With OTR Guard the OTR methods type `/otr` commands into the window; with pidgin-otr they use
    its menu and dialogs.
    """

    name = "Pidgin"

    def __init__(self, server, user, buddy, plugin=PIDGIN_OTR, port=None, folder=None,
                 environment=None, preferences=None, prepare_key=True, windows=True, wrapper=(),
                 settings=None, proxy=None):
        super().__init__(buddy)
        self.desktop = Desktop()
        self.plugin = pathlib.Path(plugin) if plugin else None
        self._own_folder = folder is None
        self.folder = pathlib.Path(folder or tempfile.mkdtemp(prefix="otrtest-pidgin-"))
        self.server, self.user, self.port = server, user, port
        self.protocol = server.protocol
        self.preferences = preferences
        self.prepare_key = prepare_key
        self.windows = windows
        self.wrapper = list(wrapper)
        self.settings, self.proxy = settings, proxy
        self.environment = dict(environment or {})
        self.exit_code = None
        self.account_name = None
        self._process = None
        self._bus = None
        self._account = 0
        self._loop = None
        self._thread = None

    @property
    def uses_guard(self):
        return self.plugin is not None and self.plugin.name == "otr-guard.so"

    # --- life ---

    def start(self):
        if not self.desktop.environment:
            self.desktop.start()
        self._write_profile()
        self._process = self.desktop.run(
            "pidgin", [*self.wrapper, "pidgin", "-m", "-f", "-d", "-c", self.folder],
            self.environment)
        self._connect_bus()
        self._wait_signed_on()
        return self

    def _write_profile(self):
        profile = Profile(self.folder)
        if self.protocol == "prpl-irc":
            self.account_name = profile.add_irc_account(self.server, self.user, self.port)
        else:
            self.account_name = profile.add_xmpp_account(self.server, self.user, self.port,
                                                         alias=self.user.capitalize(),
                                                         settings=self.settings, proxy=self.proxy)
        if (self.folder / "accounts.xml").exists():
            return
        profile.add_buddy(self.account_name, self.buddy, self.protocol)
        plugins = []
        if self.plugin is not None:
            place = self.folder / "plugins"
            place.mkdir(exist_ok=True)
            plugins.append(self._place_plugin(place))
        profile.write(plugins, self.preferences)
        if self.plugin is not None and self.prepare_key:
            self._make_key()

    def _place_plugin(self, folder):
        target = folder / self.plugin.name
        if self.windows or not self.uses_guard:
            target.symlink_to(self.plugin)
            return target
        part = pathlib.Path("pidgin") / "pidgin-ui.so"
        (folder / part).parent.mkdir()
        for name in (self.plugin.name, "otr-guard-keep", part):
            shutil.copy(self.plugin.parent / name, folder / name)
        return target

    def _make_key(self):
        """pidgin-otr makes its key while the user waits; a helper is quicker."""
        subprocess.run([os.environ["OTR_GUARD_LIBOTR_PEER"], "--account", self.account_name,
                        "--protocol", self.protocol, "--folder", self.folder], check=True,
                       stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)

    def quit(self, timeout=20):
        """Ends Pidgin as File, Quit does; returns its exit code."""
        if self._process is None:
            return self.exit_code
        if self._process.poll() is None:
            try:
                self.purple("PurpleCoreQuit")
            except GLib.Error:
                pass  # it may be gone before it answers
        return self.wait_end(timeout)

    def wait_end(self, timeout=20):
        """Waits until Pidgin has ended by itself; returns its exit code."""
        try:
            self.exit_code = self._process.wait(timeout * patience())
        except subprocess.TimeoutExpired:
            self.exit_code = processes.stop(self._process)
            raise Timeout("Pidgin does not quit") from None
        finally:
            self._disconnect_bus()
            self._process = None
        return self.exit_code

    def kill(self):
        if self._process is not None:
            self._process.kill()
            self.exit_code = processes.stop(self._process)
            self._disconnect_bus()
            self._process = None

    def restart(self):
        """Quits and starts again with the same profile, on the same desktop."""
        self.quit()
        return self.start()

    def lose_session(self):
        """Crashes and comes back."""
        self.kill()
        self.start()

    def stop(self):
        self.kill()
        self.desktop.stop()
        if self._own_folder:
            shutil.rmtree(self.folder, ignore_errors=True)

    def debug_log(self) -> str:
        return self.desktop.log("pidgin")

    # --- D-Bus ---

    def _connect_bus(self):
        ready = threading.Event()
        self._thread = threading.Thread(target=self._listen, args=(ready,), daemon=True)
        self._thread.start()
        ready.wait(10)
        wait_until(self._has_service, 30, what="Pidgin on its session bus")

    def _listen(self, ready):
        context = GLib.MainContext.new()
        context.push_thread_default()
        self._bus = Gio.DBusConnection.new_for_address_sync(
            self.desktop.environment["DBUS_SESSION_BUS_ADDRESS"],
            Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT
            | Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION, None, None)
        self._bus.signal_subscribe(None, _BUS_INTERFACE, None, _BUS_PATH, None,
                                   Gio.DBusSignalFlags.NONE, self._on_signal)
        self._loop = GLib.MainLoop.new(context, False)
        ready.set()
        self._loop.run()
        context.pop_thread_default()

    def _disconnect_bus(self):
        if self._loop is not None:
            self._loop.quit()
            self._thread.join(5)
            self._bus.close_sync(None)
            self._loop = None

    def _has_service(self):
        if self._process.poll() is not None:
            raise RuntimeError("Pidgin ended:\n" + self.debug_log()[-3000:])
        answer = self._bus.call_sync("org.freedesktop.DBus", "/org/freedesktop/DBus",
                                     "org.freedesktop.DBus", "NameHasOwner",
                                     GLib.Variant("(s)", (_BUS_NAME,)), None,
                                     Gio.DBusCallFlags.NONE, -1, None)
        return answer.unpack()[0]

    def purple(self, method, *arguments):
        """Calls a function of libpurple: purple("PurpleConvImSend", im, text)."""
        signature = "(" + "".join("s" if isinstance(one, str) else "i" for one in arguments) + ")"
        answer = self._bus.call_sync(_BUS_NAME, _BUS_PATH, _BUS_INTERFACE, method,
                                     GLib.Variant(signature, arguments), None,
                                     Gio.DBusCallFlags.NONE, 20000, None).unpack()
        return answer[0] if len(answer) == 1 else answer or None

    def _on_signal(self, _bus, _sender, _path, _interface, name, parameters):
        values = parameters.unpack()
        if name == "WroteImMsg":
            self._on_line(*values)
        elif name in _SIGNALS:
            self._emit(event="signal", name=name, values=values)

    def _on_line(self, _account, who, markup, conversation, flags):
        text = plain_text(markup)
        if flags & (_FLAG_SYSTEM | _FLAG_ERROR):
            self._emit(event="notice", kind="system", text=text, html=markup)
        elif flags & _FLAG_RECV:
            self._emit(event="message", who=who, text=text, html=markup, private=None)
        elif flags & _FLAG_SEND:
            self._emit(event="sent", text=text, html=markup)

    # --- the account, as if chosen in the menus ---

    @property
    def screen(self):
        return self.desktop.screen

    def disconnect(self):
        self.purple("PurpleAccountDisconnect", self._account)
        wait_until(lambda: self.purple("PurpleAccountIsDisconnected", self._account),
                   what="the account to go offline")

    def begin_to_connect(self):
        self.purple("PurpleAccountConnect", self._account)

    def connect(self):
        self.begin_to_connect()
        self._wait_signed_on()

    def _wait_signed_on(self):
        def is_connected():
            if not self._account:
                self._account = self.purple("PurpleAccountsFindAny", self.account_name,
                                            self.protocol)
            return self._account and self.purple("PurpleAccountIsConnected", self._account)
        self._account = 0
        wait_until(is_connected, 30, what="Pidgin to sign on", interval=0.1)

    def wait_buddy_online(self, buddy=None, timeout=15):
        number = self.purple("PurpleFindBuddy", self._account, buddy or self.buddy)
        wait_until(lambda: self.purple("PurpleBuddyIsOnline", number), timeout,
                   what=f"{buddy or self.buddy} online")

    def conversation(self, to=None):
        """Opens the conversation's window if need be; returns its number on the bus."""
        name = to or self.buddy
        found = self.purple("PurpleFindConversationWithAccount", _CONVERSATION_IM, name,
                            self._account)
        return found or self.purple("PurpleConversationNew", _CONVERSATION_IM, self._account, name)

    def conversation_title(self, to=None):
        return self.purple("PurpleConversationGetTitle", self.conversation(to))

    # --- as a user ---

    def send(self, text, to=None):
        """`text` is HTML, as Pidgin's input field has it."""
        self.purple("PurpleConvImSend", self.purple("PurpleConvIm", self.conversation(to)), text)

    def type(self, text, to=None):
        """Types the text and Return into the conversation's window."""
        self.desktop.focus(self._present(to))
        self.desktop.type(text)
        self.desktop.keys("Return")

    def _present(self, to=None):
        number = self.conversation(to)
        self.purple("PurpleConversationPresent", number)
        return self.purple("PurpleConversationGetTitle", number)

    def screenshot(self, path):
        self.desktop.screenshot(path)

    def wait_notice(self, text, timeout=20, since=0):
        """Waits for a system line with this text."""
        return self.wait_for(lambda e: e["event"] == "notice" and text in e["text"], timeout,
                             since, what=f"system line {text!r}")

    def otr_menu(self, entry, to=None):
        """Chooses an entry of the conversation window's OTR menu."""
        title = self._present(to)
        self.desktop.focus(title)
        self.desktop.screen.click("menu", "OTR", window=title)
        self.desktop.screen.click("menu item", entry, window=title)
        return title

    def start_otr(self, to=None):
        if self.uses_guard:
            self.type("/otr start", to)
        else:
            # pidgin-otr replaces a typed query by its own.
            self.send("?OTRv23?", to)

    def end(self, to=None):
        if self.uses_guard:
            self.type("/otr end", to)
        else:
            self.otr_menu("End private conversation", to)

    def smp_question(self, question, answer, to=None):
        if self.uses_guard:
            self.type(f'/otr question "{question}" "{answer}"', to)
        else:
            self._authenticate(0, [question, answer], to)

    def smp_secret(self, secret, to=None):
        if self.uses_guard:
            self.type(f"/otr secret {secret}", to)
        else:
            self._authenticate(1, [secret], to)

    def smp_answer(self, answer, to=None):
        if self.uses_guard:
            self.type(f"/otr answer {answer}", to)
        else:
            self._fill_dialog([answer])

    def smp_abort(self, to=None):
        if self.uses_guard:
            self.type("/otr abort", to)
        else:
            self.desktop.screen.click("push button", "Cancel", window=_PROGRESS_WINDOW)

    def _authenticate(self, way, texts, to):
        self.otr_menu("uthenticate buddy", to)
        if way:
            self.desktop.screen.select(way, window=_ASK_WINDOW)
        self._fill_dialog(texts)

    def _fill_dialog(self, texts):
        screen = self.desktop.screen
        if screen.find("push button", "OK", _PROGRESS_WINDOW):
            screen.click("push button", "OK", _PROGRESS_WINDOW)  # of an earlier one
        for index, text in enumerate(texts):
            screen.set_text(text, index=index, window=_ASK_WINDOW)
        screen.click("push button", "Authenticate", window=_ASK_WINDOW)

    def close_dialogs(self):
        """Closes what pidgin-otr left open after an authentication."""
        for window in (_ASK_WINDOW, _PROGRESS_WINDOW):
            for button in ("Cancel", "OK"):
                if self.desktop.screen.find("push button", button, window):
                    self.desktop.screen.click("push button", button, window)

    def smp_seen(self):
        """What the screen says about an authentication: a kind of event "smp", or None."""
        asked = self.desktop.screen.texts(_ASK_WINDOW)
        shown = self.desktop.screen.texts(_PROGRESS_WINDOW)
        for words, kind in _SMP_TEXTS:
            if any(words in text for text in asked + shown):
                return kind
        return None

    def wait_smp(self, kind, timeout=20.0, since=0):
        """With pidgin-otr this looks at the screen; with OTR Guard at the conversation's lines."""
        if self.uses_guard:
            raise NotImplementedError("wait for OTR Guard's own lines with wait_notice()")
        kinds = (kind,) if isinstance(kind, str) else kind
        wait_until(lambda: self.smp_seen() in kinds, timeout, interval=0.2,
                   what=f"authentication dialog with {kind}, not {self.smp_seen()}")
        return {"event": "smp", "kind": self.smp_seen(), "question": self._question_shown()}

    def _question_shown(self):
        texts = self.desktop.screen.texts(_ASK_WINDOW)
        for title, question in zip(texts, texts[1:]):
            if title.startswith("This is the question"):
                return question
        return None

    # --- what it knows ---

    def state(self, to=None):
        return self.otr_status(to)["state"]

    def is_verified(self, to=None):
        return self.otr_status(to)["verified"] == "yes"

    def otr_status(self, to=None):
        """state and verified, as `/otr status` names them (with OTR Guard also the rest)."""
        if self.uses_guard:
            return self._typed_status(to)
        title = self.conversation_title(to)
        for label, state, verified in _PIDGIN_OTR_LABELS:
            if self.desktop.screen.find("push button", label, title):
                return {"state": state, "verified": verified}
        raise LookupError(f"no OTR button in {title}")

    def _typed_status(self, to):
        since = self.mark()
        self.type("/otr status", to)
        self.wait_notice("state: ", since=since)
        self.wait_notice("queued: ", since=since)
        lines = [line for event in self.events[since:] if event["event"] == "notice"
                 for line in event["text"].splitlines() if ": " in line]
        return dict(line.strip().split(": ", 1) for line in lines)

    def fingerprint(self):
        """From the profile's private key, by way of libotr."""
        answer = subprocess.run(
            [os.environ["OTR_GUARD_LIBOTR_PEER"], "--account", self.account_name, "--protocol",
             self.protocol, "--folder", self.folder], check=True, stdin=subprocess.DEVNULL,
            capture_output=True, text=True)
        return re.search(r'"fingerprint":"(\w+)"', answer.stdout).group(1)
