# SPDX-FileCopyrightText: OTR Guard contributors
# SPDX-License-Identifier: GPL-2.0-or-later
"""Writes the profiles in data/foreign that no program of Debian writes: make_foreign_profiles.py

The formats are those that data/foreign/README.md names. Keys are the tests' own; python3-potr writes
its own form of them, openssl encrypts.
"""

import base64
import json
import pathlib
import re
import subprocess

from potr.compatcrypto.pycrypto import DSAKey  # noqa: F401  (with what otrtest mends)
from otrtest.peers import potr_peer  # noqa: F401  mends potr

_DATA = pathlib.Path(__file__).resolve().parent / "data"
_OUT = _DATA / "foreign"
_KEYS = (_DATA / "dsa_keys.txt").read_text().splitlines()
#: Of somebody else, in every profile.
BOB, EVE, ZOE = "b0" * 20, "e7" * 20, "20" * 20

def numbers(key):
    """p, q, g, y and x of a line of dsa_keys.txt, in hexadecimal."""
    return [re.search(rf"\({name} #([0-9A-F]+)#", key)[1] for name in "pqgyx"]


def write(name, content):
    path = _OUT / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())


def libotr_keys(*accounts):
    """libotr's list of (account, protocol, number of a key)."""
    return "(privkeys\n" + "".join(
        f' (account\n(name "{name}")\n(protocol {protocol})\n{_KEYS[number]}\n )\n'
        for name, protocol, number in accounts) + ")\n"


def lines(account, protocol, *keys):
    """libotr's lines of (user, fingerprint, trust); without the last column when trust is None."""
    return "".join("\t".join([user, account, protocol, code] + ([] if trust is None else [trust]))
                   + "\n" for user, code, trust in keys)


def potr_key(number):
    """As potr serialises a key."""
    p, q, g, y, x = (int(value, 16) for value in numbers(_KEYS[number]))
    return DSAKey((y, g, p, q, x), private=True).serializePrivateKey()


def libotr_profiles():
    """Programs on libotr, with their names and words."""
    write("adium/otr.private_key", libotr_keys(("1", "libpurple-Jabber", 1)))
    write("adium/otr.fingerprints", lines("1", "libpurple-Jabber", ("bob@localhost", BOB, "verified"),
                                          ("eve@localhost", EVE, "")))
    write("adium/Accounts.plist", """<?xml version="1.0" encoding="UTF-8"?>
<plist version="1.0">
<dict>
\t<key>Accounts</key>
\t<array>
\t\t<dict>
\t\t\t<key>ObjectID</key>
\t\t\t<string>1</string>
\t\t\t<key>Service</key>
\t\t\t<string>Jabber</string>
\t\t\t<key>UID</key>
\t\t\t<string>alice@localhost</string>
\t\t</dict>
\t</array>
\t<key>TopAccountID</key>
\t<integer>2</integer>
</dict>
</plist>
""")
    psi = "{4f2ab9c0-5b0e-4a3c-9d53-0f9d5b6b0b11}"
    write("psi/otr.keys", libotr_keys((psi, "prpl-jabber", 1)))
    write("psi/otr.fingerprints", lines(psi, "prpl-jabber", ("bob@localhost", BOB, "verified"),
                                        ("eve@localhost", EVE, "verifiziert")))
    write("psi/accounts.xml", f"""<!DOCTYPE accounts>
<accounts xmlns="http://psi-im.org/options" version="1.5">
 <accounts>
  <a0>
   <id type="QString">{psi}</id>
   <jid type="QString">alice@localhost</jid>
   <roster-cache><a0><jid type="QString">bob@localhost</jid></a0></roster-cache>
  </a0>
 </accounts>
</accounts>
""")
    write("tor-messenger/otr.private_key", libotr_keys(("alice@localhost", "jabber", 1)))
    write("tor-messenger/otr.fingerprints",
          lines("alice@localhost", "jabber", ("bob@localhost", BOB, "verified"),
                ("eve@localhost", EVE, None)))
    write("chatsecure-ios/otr.private_key", libotr_keys(("alice@localhost", "xmpp", 1)))
    write("chatsecure-ios/otr.fingerprints",
          lines("alice@localhost", "xmpp", ("bob@localhost", BOB, "TrustedUser"),
                ("eve@localhost", EVE, "TrustedTofu"), ("zoe@localhost", ZOE, "UntrustedUser")))


def potr_profiles():
    """Gajim and WeeChat."""
    write("gajim/localhost.key3", potr_key(1))
    write("gajim/localhost.fpr", lines("alice@localhost", "xmpp", ("bob@localhost", BOB, "smp"),
                                       ("eve@localhost", EVE, "")))
    write("gajim/old.key2", b"(dp0\nS'privkey'\np1\ncpotr.compatcrypto.pycrypto\nDSAKey\np2\n.")
    write("weechat/alice@127.0.0.1.key3", potr_key(1))
    write("weechat/alice@127.0.0.1.fpr", lines("alice@127.0.0.1", "irc", ("bob", BOB, "verified"),
                                               ("eve", EVE, "")))


def coyim_profile():
    """CoyIM's settings, without a password."""
    key = base64.b64encode(potr_key(1)).decode()
    write("coyim/accounts.json", json.dumps({"Accounts": [{
        "Account": "alice@localhost", "Proxies": ["tor-auto://"], "PrivateKeys": [key],
        "Peers": [
            {"UserID": "bob@localhost", "EncryptionSettings": "always", "Fingerprints": [
                {"FingerprintHex": BOB, "Trusted": True, "Tag": "in person"}]},
            {"UserID": "eve@localhost", "Fingerprints": [
                {"FingerprintHex": EVE, "Trusted": True, "Tag": "SMP"},
                {"FingerprintHex": ZOE, "Trusted": False}]}],
        "InstanceTag": 2345678901}]}, indent=1))


def keysync_profile():
    """What KeySync made for ChatSecure: the keys of Java, under a passphrase."""
    keystore = _OUT / "chatsecure-android" / "otr_keystore"
    (_OUT / "keysync").mkdir(parents=True, exist_ok=True)
    # KeySync writes "true" whatever the mark was, and an empty comment first.
    plain = "#\n" + keystore.read_text().replace("=false", "=true")
    subprocess.run(["openssl", "enc", "-aes-256-cbc", "-md", "md5", "-pass", "pass:correct horse",
                    "-out", _OUT / "keysync" / "otr_keystore.ofcaes"], check=True,
                   input=plain.encode(), stderr=subprocess.DEVNULL)


if __name__ == "__main__":
    libotr_profiles()
    potr_profiles()
    coyim_profile()
    keysync_profile()
