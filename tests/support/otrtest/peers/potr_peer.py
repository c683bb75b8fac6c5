# SPDX-FileCopyrightText: OTR Guard contributors
# SPDX-License-Identifier: GPL-2.0-or-later
"""python3-potr as a peer: OTRv2 written by other people in another language."""

import logging
import threading

import potr
import potr.compatcrypto
import potr.compatcrypto.pycrypto as potr_crypto
import potr.context
import potr.crypt
import potr.proto
from Cryptodome.Cipher import AES
from Cryptodome.PublicKey import DSA
from Cryptodome.Util import Counter as BlockCounter

from .base import Peer

logging.getLogger("potr").setLevel(logging.CRITICAL + 1)

_STATES = {potr.context.STATE_PLAINTEXT: "plaintext", potr.context.STATE_ENCRYPTED: "private",
           potr.context.STATE_FINISHED: "finished"}


# potr 1.0.2 was written for PyCrypto; PyCryptodome lacks callable counters and the plain DSA
# operations, so these are supplied here.

def _aes_ctr(key, counter=0):
    prefix = (counter.byteprefix() if isinstance(counter, potr_crypto.Counter)
              else counter.to_bytes(8, "big"))
    blocks = BlockCounter.new(64, prefix=prefix, initial_value=0)
    return AES.new(key, AES.MODE_CTR, counter=blocks)


def _sign(key, data):
    p, q, g, x = (int(number) for number in (key.priv.p, key.priv.q, key.priv.g, key.priv.x))
    message = int.from_bytes(data, "big") % q
    while True:
        k = potr_crypto.randrange(2, q)
        r = pow(g, k, p) % q
        s = pow(k, -1, q) * (message + x * r) % q
        if r and s:
            return r.to_bytes(20, "big") + s.to_bytes(20, "big")


def _verify(key, data, signature):
    p, q, g, y = (int(number) for number in (key.pub.p, key.pub.q, key.pub.g, key.pub.y))
    r, s = int.from_bytes(signature[:20], "big"), int.from_bytes(signature[20:], "big")
    if not (0 < r < q and 0 < s < q):
        return False
    inverse = pow(s, -1, q)
    message = int.from_bytes(data, "big") % q
    return pow(g, message * inverse % q, p) * pow(y, r * inverse % q, p) % p % q == r


def _construct(self, key=None, private=False):
    numbers = tuple(int(number) for number in key)
    self.priv = DSA.construct(numbers) if private else None
    self.pub = self.priv.public_key() if private else DSA.construct(numbers)


def _numbers(key, names):
    return tuple(int(getattr(key, name)) for name in names)


def _generate(cls):
    key = DSA.generate(1024)
    return cls(_numbers(key, "ygpqx"), private=True)


def _install_shim():
    for module in (potr_crypto, potr.compatcrypto, potr.crypt):
        module.AESCTR = _aes_ctr
    key_class = potr_crypto.DSAKey
    key_class.__init__ = _construct
    key_class.sign = _sign
    key_class.verify = _verify
    key_class.generate = classmethod(_generate)
    key_class.getPublicPayload = lambda self: _numbers(self.pub, "pqgy")
    key_class.getPrivatePayload = lambda self: _numbers(self.priv, "pqgyx")


_install_shim()


class _Record(potr.proto.TLV):
    """A record that potr does not know: its bytes as they are."""
    __slots__ = ["data"]

    def __init__(self, data):
        super().__init__()
        self.data = data

    def getPayload(self):
        return self.data

    @classmethod
    def parsePayload(cls, data):
        return cls(data)


@potr.proto.registertlv
class OtrDataRequest(_Record):
    typ = 0x0100


@potr.proto.registertlv
class OtrDataResponse(_Record):
    typ = 0x0101

_shared_key = None
_shared_key_lock = threading.Lock()


def _test_key():
    """One key for all peers of a test process: making one takes seconds."""
    global _shared_key
    with _shared_key_lock:
        if _shared_key is None:
            _shared_key = potr_crypto.DSAKey.generate()
        return _shared_key


class _Account(potr.context.Account):
    def __init__(self, name, key, longest):
        super().__init__(name, "xmpp", longest, privkey=key)

    def loadPrivkey(self):
        return self.privkey

    def savePrivkey(self):
        pass

    def saveTrusts(self):
        pass


class _Context(potr.context.Context):
    policies = {"ALLOW_V1": False, "ALLOW_V2": True}

    def getPolicy(self, key):
        return self.policies.get(key, False)

    def inject(self, msg, appdata=None):
        self.user.owner._put_on_wire(self.peer, bytes(msg))

    def setState(self, newstate):
        super().setState(newstate)
        self.user.owner._on_state(self, newstate)


class PotrPeer(Peer):
    """`require_encryption` and `send_tag` are potr's policies of those names; `fresh_key` makes a
    key of its own instead of sharing one within the test process."""

    def __init__(self, link, buddy, require_encryption=False, send_tag=False, fresh_key=False):
        super().__init__(buddy)
        self.name = f"potr ({link.address})"
        self.link = link
        self.wire_in = []
        self.wire_out = []
        self._key = potr_crypto.DSAKey.generate() if fresh_key else _test_key()
        self._policies = {"ALLOW_V1": False, "ALLOW_V2": True,
                          "REQUIRE_ENCRYPTION": require_encryption, "SEND_TAG": send_tag,
                          "WHITESPACE_START_AKE": True, "ERROR_START_AKE": False}
        self.on_record = lambda kind, data: None
        self._lock = threading.RLock()
        self._account = None
        self.lose_session()

    def start(self):
        self.link.on_text = self._on_text
        self.link.start()
        return self

    def stop(self):
        self.link.stop()

    def lose_session(self):
        """Forgets all sessions, as a restarted program has."""
        with self._lock:
            self._account = _Account(self.link.address, self._key, self.link.longest_message)
            self._account.owner = self

    def _context(self, to):
        return self._account.getContext(to or self.buddy, self._prepare)

    def _prepare(self, context):
        context.__class__ = _Context
        context.policies = self._policies

    def _put_on_wire(self, to, message):
        text = message.decode()
        self.wire_out.append(text)
        self.link.send(to, text)

    def _on_state(self, context, state):
        key = context.getCurrentKey()
        self._emit(event="state", state=_STATES[state], who=context.peer,
                   fingerprint=key.cfingerprint().upper() if key else "", version=2)

    def _on_text(self, sender, text):
        self.wire_in.append(text)
        with self._lock:
            context = self._context(sender)
            try:
                plain, tlvs = context.receiveMessage(text.encode())
            except potr.context.NotOTRMessage as error:
                self._emit(event="message", who=sender, text=_text(error.args[0]), private=False)
            except potr.context.UnencryptedMessage as error:
                self._emit(event="notice", who=sender, kind="unencrypted", text="")
                self._emit(event="message", who=sender, text=_text(error.args[0]), private=False)
            except potr.context.ErrorReceived as error:
                self._emit(event="notice", who=sender, kind="general_error",
                           text=_text(error.args[0].error))
            except potr.context.NotEncryptedError:
                self._emit(event="notice", who=sender, kind="not_in_private", text="")
            except potr.crypt.InvalidParameterError as error:
                self._emit(event="notice", who=sender, kind="unreadable", text=str(error))
            else:
                if plain:
                    self._emit(event="message", who=sender, text=_text(plain), private=True)
                for tlv in tlvs:
                    self._on_tlv(context, tlv)

    def _on_tlv(self, context, tlv):
        if isinstance(tlv, _Record):
            self.on_record(tlv.typ, bytes(tlv.data))
            return
        kind, question = None, None
        if isinstance(tlv, potr.proto.SMP1QTLV):
            kind, question = "ask_for_answer", _text(tlv.msg)
        elif isinstance(tlv, potr.proto.SMP1TLV):
            kind = "ask_for_secret"
        elif isinstance(tlv, potr.proto.SMPABORTTLV):
            kind = "abort"
        elif isinstance(tlv, (potr.proto.SMP3TLV, potr.proto.SMP4TLV)):
            kind = "success" if context.smpIsSuccess() else "failure"
        elif isinstance(tlv, potr.proto.SMP2TLV):
            kind = "in_progress"
        if kind:
            self._emit(event="smp", who=context.peer, kind=kind, question=question,
                       trust=context.getCurrentTrust() or "")

    # --- what a user does ---

    def start_otr(self, to=None):
        with self._lock:
            context = self._context(to)
            self._put_on_wire(context.peer,
                              self._account.getDefaultQueryMessage(context.getPolicy))

    def send(self, text, to=None):
        with self._lock:
            context = self._context(to)
            rest = context.sendMessage(potr.context.FRAGMENT_SEND_ALL, text.encode())
            if rest is not None:
                self._put_on_wire(context.peer, bytes(rest))

    def end(self, to=None):
        with self._lock:
            self._context(to).disconnect()

    def send_record(self, kind, data, to=None):
        """In a message without text; nobody complains when it is lost."""
        with self._lock:
            self._context(to).sendInternal(b"", tlvs=[kind(data)])

    def smp_question(self, question, answer, to=None):
        with self._lock:
            self._context(to).smpInit(answer.encode(), question=question.encode())

    def smp_secret(self, secret, to=None):
        with self._lock:
            self._context(to).smpInit(secret.encode())

    def smp_answer(self, answer, to=None):
        with self._lock:
            self._context(to).smpGotSecret(answer.encode())

    def smp_abort(self, to=None):
        with self._lock:
            self._context(to).smpAbort()

    # --- what it knows ---

    @property
    def lock(self):
        """Held while messages are worked on."""
        return self._lock

    def fingerprint(self):
        return self._key.cfingerprint().upper()

    def state(self, to=None):
        with self._lock:
            return _STATES[self._context(to).state]


def _text(data):
    if isinstance(data, (bytes, bytearray)):
        return bytes(data).decode("utf-8", "replace")
    return str(data)
