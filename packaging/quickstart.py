# SPDX-FileCopyrightText: OTR Guard contributors
# SPDX-License-Identifier: GPL-2.0-or-later
"""A first private conversation on this machine alone: see packaging/quickstart.sh, which starts it.

With a screen the newcomer is Alice, in a real Pidgin, and Bob answers. Without one both are played,
and what each sees is printed beside what went over the wire.
"""

import argparse
import base64
import contextlib
import html
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import textwrap
import threading
import time
from xml.etree import ElementTree

from otrtest import processes
from otrtest.headless import HeadlessClient, plugin_path
from otrtest.peers.pidgin_peer import Profile
from otrtest.servers import Prosody
from otrtest.waiting import wait_until
from otrtest.wire import TO_SERVER, xmpp_wire

USERS = {"alice": "wonderland", "bob": "builder"}
ALICE, BOB = "alice@localhost", "bob@localhost"

#: Third byte of a binary OTR message (OTRv3, "Message types").
_OTR_MESSAGES = {0x02: "key exchange, 1 of 4", 0x0a: "key exchange, 2 of 4",
                 0x11: "key exchange, 3 of 4", 0x12: "key exchange, 4 of 4",
                 0x03: "encrypted"}


# --- The wire ----------------------------------------------------------------------------------

def describe(body):
    """What a message is to the server, and how it begins."""
    if body.startswith("?OTR:"):
        kind = _OTR_MESSAGES.get(base64.b64decode(body[5:13])[2], "OTR")
        return f"{kind}, {len(body)} bytes", f"{body[:30]}…"
    if body.startswith("?OTRv"):
        return "asks for a private conversation", body
    return "readable by everybody on the way", body


class Wiretap:
    """What everybody on the way sees of Alice's connection."""

    def __init__(self, wire):
        self._wire = wire
        self._position = 0

    def news(self):
        """(sender, what it is, how it begins) of the messages since the last call."""
        units = self._wire.seen()
        fresh, self._position = units[self._position:], len(units)
        for unit in fresh:
            body = self._body(unit.text)
            if body:
                yield "Alice" if unit.direction == TO_SERVER else "Bob", *describe(body)

    @staticmethod
    def _body(stanza):
        if not stanza.startswith("<message"):
            return None
        try:
            return next((element.text for element in ElementTree.fromstring(stanza).iter()
                         if element.tag.rpartition("}")[2] == "body"), None)
        except ElementTree.ParseError:
            return None


# --- Both sides played, and printed --------------------------------------------------------------

class Person:
    """A headless client and what its user typed and saw."""

    def __init__(self, name, client, other_name, other_address):
        self.name = name
        self._client = client
        self._other_name = other_name
        self._other = other_address
        self._typed = []
        self._position = 0
        client.call("open_conversation", account=client.account, to=other_address)

    def types(self, text):
        self._typed.append((self._client.mark(), text))
        if text.startswith("/"):
            self._client.otr(self._other, text.removeprefix("/otr "))
        else:
            self._client.send(self._other, html.escape(text))

    def waits_for(self, text, flag="system"):
        """Waits for a line of this step; `flag` is who it comes from: system, recv or send."""
        self._client.wait_message(text, flag, timeout=30, since=self._position)
        self._client.call("conversations")  # what was written in the same breath is here then

    def news(self):
        """The lines of this person's conversation since the last call."""
        end = self._client.mark()
        lines = []
        for index in range(self._position, end):
            lines += [f"> {text}" for mark, text in self._typed
                      if mark == index and text.startswith("/")]
            lines += self._lines_of(self._client.events[index])
        self._position = end
        return lines

    def _lines_of(self, event):
        if event["event"] != "message":
            return []
        text = event["text"] or ""
        if "send" in event["flags"]:
            return [f"{self.name}: {text}"]
        if "recv" in event["flags"]:
            return [f"{self._other_name}: {text}"]
        return [f"· {line}" for line in text.splitlines()]


class Table:
    """Three columns: what Alice sees, what goes over the wire, what Bob sees."""

    def __init__(self, alice, wiretap, bob):
        self._alice = alice
        self._wiretap = wiretap
        self._bob = bob
        width = max(96, min(150, shutil.get_terminal_size((120, 40)).columns))
        self._widths = ((width - 6) // 3,) * 3
        self._steps = 0

    def head(self):
        self._rule("═")
        self._row(["ALICE SEES"], ["ON THE WIRE"], ["BOB SEES"])

    @contextlib.contextmanager
    def step(self, title):
        """Prints what happened everywhere while the body ran."""
        yield
        self._steps += 1
        self._rule("─")
        print(f"{self._steps}. {title}")
        wire = [line for sender, kind, start in self._wiretap.news()
                for line in (f"{sender}: {kind}", f"  {start}")]
        self._row(self._alice.news(), wire, self._bob.news())

    def end(self):
        self._rule("═")

    def _rule(self, line):
        print(line * (sum(self._widths) + 6))

    def _row(self, *columns):
        wrapped = [[piece for line in column
                    for piece in textwrap.wrap(line, width, subsequent_indent="  ") or [""]]
                   for column, width in zip(columns, self._widths)]
        for index in range(max(len(column) for column in wrapped)):
            cells = [column[index] if index < len(column) else "" for column in wrapped]
            print(" │ ".join(f"{cell:<{width}}" for cell, width in zip(cells, self._widths))
                  .rstrip())


def play(stack, server, wires):
    """The whole conversation; the exit code says whether it stayed private."""
    clients = {}
    for user in USERS:
        client = stack.enter_context(HeadlessClient(name=user, plugins=[plugin_path()]))
        client.connect_xmpp(server, user, port=wires[user].port)
        clients[user] = client
    clients["alice"].wait_buddy_online(BOB)
    clients["bob"].wait_buddy_online(ALICE)
    alice = Person("Alice", clients["alice"], "Bob", BOB)
    bob = Person("Bob", clients["bob"], "Alice", ALICE)
    wait_for_keys(clients.values())
    table = Table(alice, Wiretap(wires["alice"]), bob)
    table.head()
    secrets = converse(table, alice, bob)
    table.end()
    return judge(secrets, wires)


def wait_for_keys(clients):
    """Every account gets its key in the background when it is enabled."""
    for client in clients:
        wait_until((client.profile / "otr.private_key").exists, 60, what=f"{client.name}'s key")


def converse(table, alice, bob):
    """Returns what nobody but the two may have read."""
    said = ["The cake is in the blue tin, third shelf.", "I will not tell the children.",
            "Then it is a secret between us."]
    with table.step("Alice asks for a private conversation. The two programs agree on keys."):
        alice.types("/otr start")
        alice.waits_for("private now")
        bob.waits_for("private now")
    with table.step("They talk. The server passes on what it cannot read."):
        alice.types(said[0])
        bob.waits_for(said[0], "recv")
        bob.types(said[1])
        alice.waits_for(said[1], "recv")
    with table.step("Alice makes sure that it is Bob: only he knows the answer. "
                    "The answer itself is never sent."):
        alice.types('/otr question "In which town did we meet?" "lisbon"')
        bob.waits_for("In which town did we meet?")
        bob.types("/otr answer lisbon")
        alice.waits_for("verified now")
    with table.step("From now on Alice knows that nobody sits in between."):
        alice.types(said[2])
        bob.waits_for(said[2], "recv")
        alice.types("/otr status")
    with table.step("Alice ends it. Bob's program is told, so that he writes nothing in clear by "
                    "mistake."):
        alice.types("/otr end")
        bob.waits_for("ended the private conversation")
    return said + ["In which town did we meet?", "lisbon"]


def judge(secrets, wires):
    leaked = [text for text in secrets for wire in wires.values() if wire.shows(text)]
    if leaked:
        print(f"NOT PRIVATE: these texts crossed the wire readably: {leaked}")
        return 1
    print(f"Checked: none of the {len(secrets)} texts above (three messages, the question and the "
          "answer)\ncrossed either wire readably. Who talks to whom, when and how much stays "
          "visible: OTR does not hide that.")
    return 0


# --- The newcomer at a real Pidgin ---------------------------------------------------------------

class Bob:
    """Keeps talking: says how to go on, answers every message and every question."""

    SECRET = "blue"
    HINTS = (
        "I read “{text}”; the server passed on what it cannot read. Type /otr status to see how it "
        "is protected.",
        "Is it really me? Ask something only I know. For this tour the answer is always "
        f"{SECRET}: /otr question \"Which colour is the sky?\" \"{SECRET}\"",
        "Type /otr end to stop talking privately, and /otr start to begin again.",
        "Type /otr help to see everything OTR Guard can do.",
        "You wrote “{text}”. I have run out of hints, but I keep answering.",
    )

    def __init__(self, client):
        self._client = client
        self._position = client.mark()
        self._answers = 0

    def greet(self):
        client = self._client
        client.wait_buddy_online(ALICE, timeout=60)
        client.call("open_conversation", account=client.account, to=ALICE)
        client.otr(ALICE, "start")
        client.wait_system("private now", timeout=60)
        client.send(ALICE, "Hello Alice, this is Bob. This line was encrypted before it left my "
                           "program. Write something back.")

    def look(self):
        """Answers what has come in since the last call."""
        end = self._client.mark()
        for event in self._client.events[self._position:end]:
            if event["event"] != "message":
                continue
            if "recv" in event["flags"]:
                self._reply(event["text"] or "")
            elif "system" in event["flags"] and "/otr answer" in (event["text"] or ""):
                self._client.otr(ALICE, f"answer {self.SECRET}")
        self._position = end

    def _reply(self, text):
        hint = self.HINTS[min(self._answers, len(self.HINTS) - 1)]
        self._answers += 1
        self._client.send(ALICE, html.escape(hint.format(text=text), quote=False))


def visit(stack, server, wires):
    """Opens Pidgin and keeps Bob talking until Pidgin is closed."""
    client = stack.enter_context(HeadlessClient(name="bob", plugins=[plugin_path()]))
    client.connect_xmpp(server, "bob", port=wires["bob"].port)
    wait_for_keys([client])
    pidgin = start_pidgin(stack, server, wires["alice"])
    print("Pidgin is open: you are Alice, and Bob will write to you in a moment.\n"
          "Below is what the server sees. Close the buddy list or press Ctrl-C here to stop; the\n"
          "profile, the accounts and the server are thrown away.\n")
    bob = Bob(client)
    tap = Wiretap(wires["alice"])
    with contextlib.ExitStack() as greeting:
        thread = threading.Thread(target=_quietly, args=(bob.greet,), daemon=True)
        thread.start()
        greeting.callback(thread.join, 1)
        while pidgin.poll() is None:
            for sender, kind, start in tap.news():
                print(f"  {sender + ':':<7}{kind:<32} {start}", flush=True)
            if not thread.is_alive():
                bob.look()
            time.sleep(0.2)
    return pidgin.returncode


def _quietly(action):
    try:
        action()
    except AssertionError as error:  # Pidgin was closed before Bob could say anything
        print(f"Bob did not get through: {str(error).splitlines()[0]}", file=sys.stderr)


def start_pidgin(stack, server, wire):
    folder = pathlib.Path(tempfile.mkdtemp(prefix="otr-guard-quickstart-"))
    stack.callback(shutil.rmtree, folder, ignore_errors=True)
    home = folder / "home"
    home.mkdir()
    profile = Profile(folder / "profile")
    account = profile.add_xmpp_account(server, "alice", wire.port, alias="Alice")
    profile.add_buddy(account, BOB)
    place = folder / "profile" / "plugins" / "otr-guard.so"
    place.parent.mkdir()
    place.symlink_to(plugin_path())
    profile.write([place], {"/pidgin/conversations/im/width": 720,
                            "/pidgin/conversations/im/height": 560})
    environment = {"XAUTHORITY": str(pathlib.Path.home() / ".Xauthority"), **os.environ,
                   "HOME": str(home), "XDG_CONFIG_HOME": str(home), "XDG_DATA_HOME": str(home),
                   "XDG_CACHE_HOME": str(home)}
    with open(folder / "pidgin.log", "wb") as log:
        pidgin = processes.start(["pidgin", "--multiple", "--config", folder / "profile"],
                                 env=environment, stdin=subprocess.DEVNULL, stdout=log,
                                 stderr=subprocess.STDOUT, cwd=folder)
    stack.callback(processes.stop, pidgin)
    return pidgin


# --- Start and stop ------------------------------------------------------------------------------

def has_display():
    """Whether a window can be opened: GTK 2 needs an X server that answers."""
    if not os.environ.get("DISPLAY"):
        return False
    return subprocess.run(["xprop", "-root", "_NET_SUPPORTING_WM_CHECK"], check=False,
                          stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL, timeout=20).returncode == 0


def _interrupt(*_):
    raise KeyboardInterrupt


def main():
    parser = argparse.ArgumentParser(prog="packaging/quickstart.sh", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--transcript", action="store_true",
                        help="play both sides without a window and print them")
    options = parser.parse_args()
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    in_window = not options.transcript and has_display()
    if not options.transcript and not in_window:
        print("There is no screen here, so both sides are played and printed.")
    with contextlib.ExitStack() as stack:
        # Inside, so that everything is closed in order and Bob says goodbye.
        try:
            server = stack.enter_context(Prosody(USERS))
            wires = {user: stack.enter_context(xmpp_wire(server)) for user in USERS}
            return (visit if in_window else play)(stack, server, wires)
        except KeyboardInterrupt:
            print("\nStopping.")
            return 0


if __name__ == "__main__":
    sys.exit(main())
