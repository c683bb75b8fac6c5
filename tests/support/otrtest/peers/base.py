# SPDX-FileCopyrightText: OTR Guard contributors
# SPDX-License-Identifier: GPL-2.0-or-later
"""What every peer can do and what it reports.

Events are dictionaries with a member "event":
  message  text, private (True, False, or None where the program does not tell)
  state    state (plaintext, private, finished); fingerprint, version and trust where known
  smp      kind (ask_for_answer, ask_for_secret, in_progress, success, failure, abort), question
  notice   kind, text: what else the program tells its user
"""

import threading
import time

from ..waiting import Timeout, patience


class Peer:
    """Base of all peers. `buddy` is whom the peer talks to when a method is not told."""

    name = "peer"

    def __init__(self, buddy):
        self.buddy = buddy
        self.events = []
        self._news = threading.Condition()

    # --- what a peer has to provide ---

    def start(self):
        """Goes online; returns self."""
        raise NotImplementedError

    def stop(self):
        """Leaves without a goodbye (what a crash or an old program does)."""
        raise NotImplementedError

    def start_otr(self, to=None):
        raise NotImplementedError

    def send(self, text, to=None):
        raise NotImplementedError

    def end(self, to=None):
        raise NotImplementedError

    def smp_question(self, question, answer, to=None):
        raise NotImplementedError

    def smp_secret(self, secret, to=None):
        raise NotImplementedError

    def smp_answer(self, answer, to=None):
        raise NotImplementedError

    def fingerprint(self) -> str:
        """Its own, 40 upper-case hex digits."""
        raise NotImplementedError

    def state(self, to=None) -> str:
        """plaintext, private or finished."""
        raise NotImplementedError

    # --- what all share ---

    @property
    def is_private(self) -> bool:
        return self.state() == "private"

    def refresh(self, to=None):
        """A new key exchange in a running session; for most programs the same as starting."""
        self.start_otr(to)

    def _emit(self, **event):
        with self._news:
            self.events.append(event)
            self._news.notify_all()

    def mark(self) -> int:
        return len(self.events)

    def wait_for(self, wanted, timeout=20.0, since=0, what=None):
        """The first event from `since` on that fits: a function, or members it must have."""
        deadline = time.monotonic() + timeout * patience()
        position = since
        with self._news:
            while True:
                while position < len(self.events):
                    event = self.events[position]
                    position += 1
                    if (wanted(event) if callable(wanted)
                            else all(event.get(key) == value for key, value in wanted.items())):
                        return event
                remaining = deadline - time.monotonic()
                if remaining <= 0:
                    last = "\n".join(str(event)[:300] for event in self.events[-8:])
                    raise Timeout(f"{self.name} timed out waiting for {what or wanted}; last "
                                  f"events:\n{last}")
                self._news.wait(min(remaining, 1.0))

    def wait_message(self, text, private=None, timeout=20.0, since=0):
        """Waits for a message that contains the text; `private` must fit when it is given."""
        return self.wait_for(
            lambda e: e["event"] == "message" and text in e["text"]
            and private in (None, e["private"]), timeout, since, what=f"message {text!r}")

    def messages(self, since=0):
        return [event["text"] for event in self.events[since:] if event["event"] == "message"]

    def wait_state(self, wanted, timeout=20.0, to=None):
        deadline = time.monotonic() + timeout * patience()
        while self.state(to) != wanted:
            if time.monotonic() >= deadline:
                last = "\n".join(str(event)[:300] for event in self.events[-8:])
                raise Timeout(f"{self.name} is {self.state(to)}, not {wanted}; last events:\n"
                              f"{last}")
            time.sleep(0.05)

    def wait_private(self, timeout=20.0):
        self.wait_state("private", timeout)

    def wait_smp(self, kind, timeout=20.0, since=0):
        """`kind` may be a tuple of acceptable ones."""
        kinds = (kind,) if isinstance(kind, str) else kind
        return self.wait_for(lambda e: e["event"] == "smp" and e["kind"] in kinds, timeout, since,
                             what=f"smp {kind}")

    def __enter__(self):
        try:
            return self.start()
        except BaseException:
            self.stop()
            raise

    def __exit__(self, kind, *exc):
        if kind is not None:
            last = "\n".join(str(event)[:300] for event in self.events[-12:])
            print(f"--- {self.name}, last events\n{last}", flush=True)
        self.stop()
