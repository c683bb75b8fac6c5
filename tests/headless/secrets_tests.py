# SPDX-FileCopyrightText: OTR Guard contributors
# SPDX-License-Identifier: GPL-2.0-or-later
"""What was typed, heard and agreed upon does not stay in memory, wherever OTR Guard can help it."""

import tempfile
import unittest

from otrtest.freed_memory import FreedMemory
from otrtest.headless import HeadlessClient
from otrtest.pairs import XmppPair

TYPED = "typed-wren-4417-by-the-harbour"
WAITING = "waiting-plover-3302-by-the-harbour"
HEARD = "heard-kestrel-9023-by-the-harbour"
QUESTION = "question-egret-2280-by-the-harbour"
ANSWER = "answer-heron-5568-by-the-harbour"
SECRET = "secret-dunlin-7701-by-the-harbour"

#: libpurple and the client pass text on in copies of their own.
MAY_FREE = ("libpurple.so", "libjabber.so", "otr-guard-headless")


@unittest.skipIf("address" in HeadlessClient.sanitizers(), "sanitizers have their own malloc")
class Secrets(XmppPair):

    def prepare(self):
        folder = self._stack.enter_context(tempfile.TemporaryDirectory(prefix="otrtest-secrets-"))
        self.memory = FreedMemory(folder, (TYPED, WAITING, HEARD, QUESTION, ANSWER, SECRET))
        self.alice = self.make_client("alice", environment=self.memory.environment)
        self.bob = self.make_client("bob")
        self.alice.wait_buddy_online(self.bob_name)
        self.bob.wait_buddy_online(self.alice_name)

    def test_nothing_of_a_conversation_stays_in_memory(self):
        self.alice.call("open_conversation", account=self.alice.account, to=self.bob_name)
        self.alice.otr(self.bob_name, "policy always")
        since = self.bob.mark()
        self.alice.send(self.bob_name, f"<b>{WAITING}</b>")
        self.bob.wait_message(WAITING, since=since)
        self.say(self.alice, self.bob_name, self.bob, TYPED)
        self.say(self.alice, self.bob_name, self.bob, f"long {TYPED} " + "word " * 3000)
        self.say(self.bob, self.alice_name, self.alice, f"{HEARD} " + "word " * 3000)
        self.verify(self.alice, self.bob_name, self.bob, self.alice_name, ANSWER,
                    f'question "{QUESTION}" "{ANSWER}"')
        self.verify(self.bob, self.alice_name, self.alice, self.bob_name, SECRET,
                    f"secret {SECRET}")
        self.alice.otr(self.bob_name, "end")
        for to in {event["conversation"] for event in self.alice.call("conversations")}:
            self.alice.call("close_conversation", account=self.alice.account, to=to)
        self.assertEqual(sorted(self.memory.living(self.alice)), [])
        self.alice.quit()
        freed = list(self.memory.freed())
        self.assertEqual({secret for secret, *_ in freed},
                         {TYPED, WAITING, HEARD, QUESTION, ANSWER, SECRET}, "it looks at nothing")
        self.assertEqual([found for found in freed if not found[1].startswith(MAY_FREE)], [])

    def verify(self, asker, asked_name, asked, asker_name, answer, command):
        since, asked_since = asker.mark(), asked.mark()
        asker.otr(asked_name, command)
        asked.wait_system("/otr answer", since=asked_since)
        asked.otr(asker_name, f"answer {answer}")
        asker.wait_system("is verified now", since=since)


if __name__ == "__main__":
    unittest.main()
