# SPDX-FileCopyrightText: OTR Guard contributors
# SPDX-License-Identifier: GPL-2.0-or-later
"""Keys that were made before the test, for clients on which making one takes too long."""

import pathlib

_KEYS = pathlib.Path(__file__).resolve().parent.parent / "data" / "dsa_keys.txt"


def put_key(profile, *usernames, protocol="prpl-jabber", number=0):
    """Gives the profile a key file, as libotr writes it, with one key for all the accounts."""
    profile = pathlib.Path(profile)
    profile.mkdir(parents=True, exist_ok=True)
    key = _KEYS.read_text().splitlines()[number]
    path = profile / "otr.private_key"
    path.touch(mode=0o600)
    path.write_text("(privkeys " + "".join(
        f'(account (name "{name}") (protocol {protocol}) {key})' for name in usernames) + ")\n")
