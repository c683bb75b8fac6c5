#!/usr/bin/python3
# SPDX-FileCopyrightText: OTR Guard contributors
# SPDX-License-Identifier: GPL-2.0-or-later
"""Writes tests/support/data/bip39_vectors.txt: 20 bytes in hexadecimal, a tab, their 15 words as
python3-mnemonic, another implementation, spells them. Run by hand; the result is committed."""

import hashlib
import pathlib

from mnemonic import Mnemonic

SIZE = 20
RANDOM_VECTORS = 40


def entropies():
    yield bytes(SIZE)
    yield bytes([0xFF] * SIZE)
    yield bytes([0x7F] * SIZE)
    yield bytes([0x80] * SIZE)
    for number in range(RANDOM_VECTORS):
        yield hashlib.sha1(b"otr guard word vector %d" % number).digest()


def main():
    mnemonic = Mnemonic("english")
    target = pathlib.Path(__file__).parent / "data" / "bip39_vectors.txt"
    lines = [f"{entropy.hex()}\t{mnemonic.to_mnemonic(entropy)}\n" for entropy in entropies()]
    target.write_text("".join(lines), encoding="ascii")


if __name__ == "__main__":
    main()
