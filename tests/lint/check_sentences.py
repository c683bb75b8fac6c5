# SPDX-FileCopyrightText: OTR Guard contributors
# SPDX-License-Identifier: GPL-2.0-or-later
"""Does po/POTFILES.in name every source with sentences for users, and no other?"""

import re

import sources

_SENTENCE = re.compile(r"\b(?:tr|tr_n|mark)\(")
#: Where these functions get another name.
_MAKERS = {"plugin/i18n.h"}


def check(root):
    listed = {line for line in (root / "po/POTFILES.in").read_text().splitlines()
              if line and not line.startswith("#")}
    found = {path.as_posix() for path in sources.files(root, (".h", ".cpp", ".c"), ("src", "plugin"))
             if _SENTENCE.search(sources.without_comments((root / path).read_text()))} - _MAKERS
    return ([f"po/POTFILES.in: {name} is missing" for name in sorted(found - listed)]
            + [f"po/POTFILES.in: {name} has no sentences" for name in sorted(listed - found)])


if __name__ == "__main__":
    sources.main(check)
