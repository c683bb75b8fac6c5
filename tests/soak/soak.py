# SPDX-FileCopyrightText: OTR Guard contributors
# SPDX-License-Identifier: GPL-2.0-or-later
"""Many conversations at once for a long time: sessions begin, are refreshed, end, lose their
connection and move to another device, while both sides type. Every text is accounted for.

    soak.py [--pairs N] [--messages N] [--minutes N] [--seed N] [-v]

The hub has one account and N buddies; their accounts are in two other clients, which are their two
devices. It goes on until so many texts were typed and so much time has passed. What is printed at
the end is the account: memory in KiB, what was done how often, texts that are missing although
nobody was told that they may be, that were shown twice or late, and with -v what people were told.
The exit code is 0 when there is no such text and no client has grown by more than a few megabytes
since the first quarter.
"""

import argparse
import collections
import contextlib
import dataclasses
import pathlib
import random
import re
import sys
import tempfile
import time

from otrtest.headless import CommandError, HeadlessClient, plugin_path
from otrtest.keys import put_key
from otrtest.servers import Prosody
from otrtest.waiting import patience, wait_until

HUB = "hub@localhost"
SENT_AGAIN = re.compile(r"Your last (?:message|(\d+) messages) had not been read")
MAYBE_UNREAD = re.compile(r"may not have read your last (?:message|(\d+) messages)\.")
TEXT = re.compile(r"text (\d+) (to|from) hub: (\d+)")
#: Texts under way at which the typists pause.
MOST_UNDER_WAY = 400
#: KiB that a client may grow by after the first quarter: libpurple keeps some.
MOST_GROWTH = 2 << 10
STEPS = {"talk": 80, "refresh": 5, "end": 4, "reconnect": 4, "move": 3, "hub_reconnects": 0.3}


@dataclasses.dataclass
class Pair:
    """One buddy of the hub's. `device` is the client that is on."""
    number: int
    device: HeadlessClient
    typed: dict = dataclasses.field(default_factory=lambda: {"to": 0, "from": 0})
    shown: dict = dataclasses.field(default_factory=lambda: {"to": [], "from": []})
    #: What each device has shown already, and what was shown on the other one too: nobody can know
    #: what was read on a device that went away before it could say so.
    on: set = dataclasses.field(default_factory=set)
    twice: dict = dataclasses.field(default_factory=lambda: {"to": [], "from": []})
    on_both: dict = dataclasses.field(default_factory=lambda: {"to": [], "from": []})
    #: How many texts each side was told to be missing, perhaps, and to have been sent again.
    told: dict = dataclasses.field(default_factory=lambda: {"to": 0, "from": 0})
    again: dict = dataclasses.field(default_factory=lambda: {"to": 0, "from": 0})
    #: What waits in a device that is off, by device.
    held: dict = dataclasses.field(default_factory=lambda: collections.defaultdict(set))

    @property
    def name(self):
        return f"buddy{self.number}@localhost"

    def see(self, client, way, number):
        if (client, way, number) in self.on:
            self.twice[way].append(number)
        elif number in self.shown[way]:
            self.on_both[way].append(number)
        self.on.add((client, way, number))
        self.shown[way].append(number)

    def count_typed(self):
        return sum(self.typed.values())

    def under_way(self):
        """Without those that nobody can show now: they wait in the device that is off, or are lost
        and told to be."""
        elsewhere = set().union(*(numbers for device, numbers in self.held.items()
                                  if device is not self.device)) - set(self.shown["to"])
        return max(0, sum(self.typed[way] - len(set(self.shown[way])) for way in ("to", "from"))
                   - len(elsewhere) - sum(self.told.values()))


class Soak:

    def __init__(self, stack, pairs, seed):
        self.random = random.Random(seed)
        self.reports = collections.Counter()
        self.deeds = collections.Counter()
        users = {"hub": "h"} | {f"buddy{number}": "b" for number in range(pairs)}
        self.server = stack.enter_context(Prosody(users))
        self.hub = self._client(stack, "hub", [HUB], 0)
        names = [f"buddy{number}@localhost" for number in range(pairs)]
        self.devices = [self._client(stack, name, names, 1) for name in ("first", "second")]
        self.pairs = [Pair(number, self.devices[0]) for number in range(pairs)]
        self._read = {client: 0 for client in (self.hub, *self.devices)}
        self._connect_hub()
        for pair in self.pairs:
            for device in self.devices:
                device.add_xmpp_account(self.server, f"buddy{pair.number}")
            self._connect(pair)

    def _client(self, stack, name, accounts, number):
        """Has its keys: to make fifty takes minutes. Both devices of a buddy have the same one."""
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix=f"otrtest-soak-{name}-"))
        profile = pathlib.Path(folder) / "profile"
        put_key(profile, *(f"{account}/" for account in accounts), number=number)
        client = stack.enter_context(
            HeadlessClient(profile=profile, plugins=[plugin_path()], name=name))
        client.call("set_pref", name="/plugins/core/otr-guard/policy", value="always")
        # Nobody touches a mouse: after five minutes libpurple would set every account to away, and
        # so sign on those that are off.
        client.call("set_pref", name="/purple/away/away_when_idle", value=False)
        return client

    def _connect_hub(self):
        self.hub.connect_xmpp(self.server, "hub")

    def _connect(self, pair):
        pair.device.connect(f"{pair.name}/")

    # --- what people do ---

    def step(self):
        pair = self.random.choice(self.pairs)
        deed, = self.random.choices(list(STEPS), STEPS.values())
        self.deeds[deed] += 1
        getattr(self, deed)(pair)

    def talk(self, pair):
        for _ in range(self.random.randint(1, 6)):
            self._type(pair, self.random.choice(("to", "from")))

    def refresh(self, pair):
        self._command(pair, "start")

    def end(self, pair):
        self._command(pair, "end")

    def reconnect(self, pair):
        pair.device.disconnect(f"{pair.name}/")
        self._connect(pair)

    def move(self, pair):
        pair.device.disconnect(f"{pair.name}/")
        pair.held[pair.device] = self._held(pair)
        pair.device = self._other(pair.device)
        self._connect(pair)

    def _other(self, device):
        return self.devices[1 - self.devices.index(device)]

    def _held(self, pair):
        """Texts that wait in a device which is not on any more."""
        try:
            lines = pair.device.otr(HUB, "queue", account=f"{pair.name}/")
        except CommandError:  # there has never been a conversation
            return set()
        return {int(found[3]) for found in map(TEXT.search, lines) if found}

    def hub_reconnects(self, _):
        self.hub.disconnect()
        self.hub.connect()

    def _command(self, pair, words):
        if self.random.random() < 0.5:
            self.hub.command(pair.name, f"/otr {words}")
        else:
            pair.device.command(HUB, f"/otr {words}", account=f"{pair.name}/")

    def _type(self, pair, way):
        text = f"text {pair.number} {way} hub: {pair.typed[way]}"
        pair.typed[way] += 1
        if way == "to":
            pair.device.send(HUB, text, account=f"{pair.name}/")
        else:
            self.hub.send(pair.name, text)

    # --- what they see ---

    def read(self):
        for client in self._read:
            news = client.events[self._read[client]:]
            self._read[client] += len(news)
            for event in news:
                if event["event"] == "message":
                    self._read_line(client, event)

    def _read_line(self, client, event):
        text = event["text"] or ""
        if "recv" in event["flags"]:
            found = TEXT.search(text)
            if found:
                self.pairs[int(found[1])].see(client, found[2], int(found[3]))
        elif "system" in event["flags"]:
            for pattern, counted in ((MAYBE_UNREAD, "told"), (SENT_AGAIN, "again")):
                found = pattern.search(text)
                if found:
                    pair, way = self._typist_of(event)
                    getattr(pair, counted)[way] += int(found[1] or 1)
            self.reports[re.sub(r"\S+@\S+|[0-9A-F ]{40,}|\d+", "_", text)[:90]] += 1

    def _typist_of(self, event):
        """Whose conversation a line is in: a pair, and the way of what is typed there."""
        way = "to" if event["conversation"].startswith(HUB) else "from"
        buddy = event["account" if way == "to" else "conversation"]
        return self.pairs[int(re.match(r"buddy(\d+)@", buddy)[1])], way

    def wait_for_news(self):
        """Nobody types faster than the server delivers."""
        self.read()
        deadline = time.monotonic() + 20 * patience()
        while sum(pair.under_way() for pair in self.pairs) > MOST_UNDER_WAY:
            if time.monotonic() > deadline:
                return
            time.sleep(0.05)
            self.read()

    def count_typed(self):
        return sum(pair.count_typed() for pair in self.pairs)

    def settle(self):
        """Everybody says a last word, which arrives behind all others."""
        for pair in self.pairs:
            self.hub.command(pair.name, "/otr start")
        for pair in self.pairs:
            for way in ("to", "from"):
                self._type(pair, way)
        for pair in self.pairs:
            def is_said(pair=pair):
                self.read()
                return all(pair.typed[way] - 1 in pair.shown[way] for way in ("to", "from"))
            wait_until(is_said, timeout=120 * patience(), what=f"the last words of {pair}")

    def await_stragglers(self):
        """What got lost with a device is sent again once its receipt is overdue."""
        deadline = time.monotonic() + 30 * patience()
        while any(numbers for kind, _, _, numbers in self.faults() if kind == "missing") \
                and time.monotonic() < deadline:
            time.sleep(0.2)
            self.read()

    # --- the account ---

    def memory(self):
        """KiB that each client uses, once what conversations keep for their windows is gone."""
        for client in self._read:
            for shown in client.call("conversations"):
                client.call("close_conversation", account=shown["account"],
                            to=shown["conversation"])
        return {client.name: client.call("heap") >> 10 for client in self._read}

    def faults(self):
        """(kind of fault, pair, way, numbers) of whatever was not shown once and in order."""
        for pair in self.pairs:
            held = {"to": pair.held[self._other(pair.device)], "from": set()}
            for way, shown in pair.shown.items():
                counts = collections.Counter(shown)
                first = list(dict.fromkeys(shown))
                missing = [number for number in range(pair.typed[way])
                           if number not in counts and number not in held[way]]
                yield "missing", pair.number, way, missing[pair.told[way]:]
                yield "missing, and told", pair.number, way, missing[:pair.told[way]]
                both = pair.on_both[way]
                yield "twice", pair.number, way, pair.twice[way] + both[pair.again[way]:]
                yield "on both devices, and told", pair.number, way, both[:pair.again[way]]
                late = [one for one, before in zip(first[1:], first) if one < before]
                yield "late", pair.number, way, late[pair.again[way]:]
                yield "late, and told", pair.number, way, late[:pair.again[way]]


def _options():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=50)
    parser.add_argument("--messages", type=int, default=100_000)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("-v", "--verbose", action="store_true")
    return parser.parse_args()


def _run(soak, options):
    """Memory of each client after each quarter."""
    started = time.monotonic()
    memory = []
    for quarter in range(1, 5):
        while soak.count_typed() < options.messages * quarter / 4 \
                or time.monotonic() - started < options.minutes * 60 * quarter / 4:
            soak.step()
            soak.wait_for_news()
        soak.settle()
        memory.append(soak.memory())
        print(f"{time.monotonic() - started:.0f} s, {soak.count_typed()} texts: {memory[-1]}",
              flush=True)
    soak.await_stragglers()
    return memory


def main():
    options = _options()
    with contextlib.ExitStack() as stack:
        soak = Soak(stack, options.pairs, options.seed)
        memory = _run(soak, options)
        faults = collections.Counter()
        for kind, pair, way, numbers in soak.faults():
            faults[kind] += len(numbers)
            if numbers:
                print(f"{kind}: {way} hub, pair {pair}: {numbers}")
        if options.verbose:
            for line, times in soak.reports.most_common():
                print(f"{times:6} {line}")
        print(dict(soak.deeds))
        print(dict(faults))
    grown = {name: memory[-1][name] - size for name, size in memory[0].items()
             if memory[-1][name] - size > MOST_GROWTH and not HeadlessClient.sanitizers()}
    if grown:
        print(f"grown by KiB: {grown}")
    return 1 if grown or faults["missing"] + faults["twice"] + faults["late"] else 0


if __name__ == "__main__":
    sys.exit(main())
