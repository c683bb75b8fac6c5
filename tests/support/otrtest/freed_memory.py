# SPDX-FileCopyrightText: OTR Guard contributors
# SPDX-License-Identifier: GPL-2.0-or-later
"""A client whose memory is searched for secrets: when it is freed, and while it is in use."""

import os
import pathlib

MASK = 0x5a
#: Those that only pass on what others free.
HELPERS = ("libc.so", "libstdc++.so", "libglib-2.0.so", "libgobject-2.0.so")
LONGEST_READ = 64 << 20


class FreedMemory:
    """One run: give `environment` to a client. `secrets` are texts of at least 16 letters.

    What has been found when it is freed is overwritten afterwards, so that `living` finds only
    what somebody still holds.
    """

    def __init__(self, folder, secrets):
        self._library = pathlib.Path(os.environ["OTR_GUARD_FREED_MEMORY"])
        self._report = pathlib.Path(folder) / "freed-memory"
        self._secrets = list(secrets)
        self.environment = {
            "LD_PRELOAD": str(self._library), "G_SLICE": "always-malloc",
            "OTR_GUARD_SECRETS": ",".join(map(_masked, self._secrets)),
            "OTR_GUARD_SECRETS_REPORT": str(self._report)}

    def freed(self):
        """(secret, module that freed it, call stack) of each block that held a secret."""
        for line in self._report.read_text().splitlines():
            number, *stack = line.split(" ")
            modules = [frame.split(":")[0] for frame in stack]
            module = next(name for name in modules
                          if not name.startswith(HELPERS) and name != self._library.name)
            yield self._secrets[int(number)], module, stack

    def living(self, client):
        """(secret, kind of memory) of each place in the client's memory that holds a secret."""
        found = living(client, [secret.encode() for secret in self._secrets])
        return [(secret.decode(), kind) for secret, kind in found]


def living(client, secrets):
    """(secret, kind of memory) of each place where a running client holds one of some bytes."""
    folder = pathlib.Path(f"/proc/{client.process.pid}")
    found = []
    with open(folder / "mem", "rb", buffering=0) as memory:
        for line in (folder / "maps").read_text().splitlines():
            places, rights, _, _, _, *name = line.split(None, 5)
            start, end = (int(place, 16) for place in places.split("-"))
            if not rights.startswith("rw") or end - start > LONGEST_READ:
                continue
            memory.seek(start)
            content = memory.read(end - start)
            kind = name[0] if name else "anonymous"
            for secret in secrets:
                found += [(secret, kind)] * content.count(secret)
    return found


def _masked(secret):
    return bytes(byte ^ MASK for byte in secret.encode()).hex()
