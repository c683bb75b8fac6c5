# SPDX-FileCopyrightText: OTR Guard contributors
# SPDX-License-Identifier: GPL-2.0-or-later
"""OTR Guard in a client without a window, with the methods that all peers have."""

import html

from ..headless import HeadlessClient, plugin_path
from .base import Peer

# What OTR Guard says, and what it means.
_SMP = (('and asks: "', "ask_for_answer"), ("wants to compare a secret", "ask_for_secret"),
        ("is verified now", "success"), ("Your answer was right", "success"),
        ("the two answers are not the same", "failure"),
        ("was cancelled on their side", "abort"), ("did not follow the rules", "abort"))

_ISOLATES = dict.fromkeys(map(ord, "\u2066\u2067\u2068\u2069"))


def typed(text: str) -> str:
    """Text as libpurple's user interfaces hand it on."""
    return html.escape(text, quote=False).replace("\n", "<br>")


def shown(event) -> str:
    """What the user reads of a line."""
    return event["text"].translate(_ISOLATES)


class GuardPeer(Peer):
    """`connect(client)` adds the account and signs on. `profile` is kept when it is given.

    Its events are those of the HeadlessClient, which is `client`.
    """

    name = "guard"

    def __init__(self, connect, buddy, profile=None):
        super().__init__(buddy)
        self._connect = connect
        self.client = HeadlessClient(profile=profile, plugins=[plugin_path()], name="guard")

    def start(self):
        self.client.__enter__()
        self._sign_on()
        return self

    def _sign_on(self):
        self.client.account = None
        self._connect(self.client)
        self.client.call("open_conversation", account=self.client.account, to=self.buddy)

    def __exit__(self, kind, *exc):
        self.client.__exit__(kind, *exc)

    def stop(self):
        self.client.kill()

    def lose_session(self):
        """Crashes and comes back with the same keys."""
        self.client.kill()
        self.client.start()
        self._sign_on()

    # --- events ---

    @property
    def events(self):
        return self.client.events

    @events.setter
    def events(self, _):
        """The client's own list is the one."""

    def mark(self):
        return self.client.mark()

    def wait_for(self, wanted, timeout=20.0, since=0, what=None):
        return self.client.wait_for(wanted, timeout, since, what)

    def wait_message(self, text, private=None, timeout=20.0, since=0):
        return self.wait_for(lambda e: e["event"] == "message" and "recv" in e["flags"]
                             and text in shown(e), timeout, since, f"message {text[:80]!r}")

    def wait_next_message(self, since, timeout=20.0):
        """What is shown of the first message from `since` on."""
        return shown(self.wait_for(lambda e: e["event"] == "message" and "recv" in e["flags"],
                                   timeout, since, "a message"))

    def messages(self, since=0):
        return [shown(event) for event in self.client.messages("recv", since)]

    def wait_notice(self, text, timeout=20.0, since=0):
        return self.wait_for(lambda e: e["event"] == "message" and "system" in e["flags"]
                             and text in shown(e), timeout, since, f"system line {text!r}")

    def notices(self, since=0):
        return [shown(event) for event in self.client.messages("system", since)]

    def wait_smp(self, kind, timeout=20.0, since=0):
        kinds = (kind,) if isinstance(kind, str) else kind
        words = [(word, one) for word, one in _SMP if one in kinds]
        event = self.wait_for(
            lambda e: e["event"] == "message" and "system" in e["flags"]
            and any(word in shown(e) for word, _ in words), timeout, since, f"smp {kinds}")
        text = shown(event)
        return {"kind": next(one for word, one in words if word in text), "text": text}

    # --- what a user does ---

    def otr(self, words):
        return self.client.otr(self.buddy, words)

    def start_otr(self, to=None):
        self.otr("start")

    def refresh(self, to=None):
        self.otr("refresh")

    def end(self, to=None):
        self.otr("end")

    def send(self, text, to=None):
        """Types plain text."""
        self.client.send(self.buddy, typed(text))

    def act(self, text):
        """Types /me; graphical clients hand it on as text, IRC knows a command for it."""
        if self.client.command(self.buddy, f"/me {text}")[0] != "ok":
            self.send(f"/me {text}")

    def smp_question(self, question, answer, to=None):
        self.otr(f'question "{question}" "{answer}"')

    def smp_secret(self, secret, to=None):
        self.otr(f"secret {secret}")

    def smp_answer(self, answer, to=None):
        self.otr(f"answer {answer}")

    def smp_abort(self, to=None):
        self.otr("abort")

    # --- what it knows ---

    def status(self):
        return self.client.otr_status(self.buddy)

    def wait_status(self, **wanted):
        return self.client.wait_otr_status(self.buddy, **wanted)

    def state(self, to=None):
        return self.status()["state"]

    @property
    def is_verified(self):
        return self.status()["verified"] == "yes"

    def fingerprint(self):
        return self.status()["my fingerprint"].replace(" ", "").upper()

    def their_fingerprint(self):
        return self.status()["their fingerprint"].replace(" ", "").upper()
