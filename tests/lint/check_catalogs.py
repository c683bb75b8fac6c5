# SPDX-FileCopyrightText: OTR Guard contributors
# SPDX-License-Identifier: GPL-2.0-or-later
"""Is the template what the sources say, and every catalog complete and right in form?"""

import pathlib
import re
import subprocess
import tempfile

import sources

_UNFINISHED = re.compile(r"\d+ (?:untranslated|fuzzy)")


def complaints_about_template(root):
    with tempfile.TemporaryDirectory(prefix="otrtest-catalogs-") as folder:
        fresh = pathlib.Path(folder) / "fresh.pot"
        subprocess.run(["sh", root / "po/update-pot", fresh], check=True, capture_output=True)
        is_same = fresh.read_text() == (root / "po/otr-guard.pot").read_text()
    return [] if is_same else ["po/otr-guard.pot is not what po/update-pot makes"]


def complaints_about(root, language):
    catalog = root / "po" / f"{language}.po"
    # Marks accelerators too: exactly as many as the sentence has.
    run = subprocess.run(["msgfmt", "--check", "--check-accelerators=_", "--statistics",
                          "--output-file=/dev/null", catalog], capture_output=True, text=True,
                         env={"LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin"})
    if run.returncode != 0 or _UNFINISHED.search(run.stderr):
        return [f"po/{language}.po: {line}" for line in run.stderr.splitlines()]
    # A sentence of the template that the catalog does not know at all.
    compared = subprocess.run(["msgcmp", catalog, root / "po/otr-guard.pot"], text=True,
                              capture_output=True)
    return [f"po/{language}.po: {line}" for line in compared.stderr.splitlines()]


def check(root):
    languages = [line for line in (root / "po/LINGUAS").read_text().splitlines()
                 if line and not line.startswith("#")]
    catalogs = sorted(path.stem for path in (root / "po").glob("*.po"))
    found = [] if languages == catalogs else [f"po/LINGUAS: {languages}, and there are {catalogs}"]
    found += complaints_about_template(root)
    for language in languages:
        found += complaints_about(root, language)
    return found


if __name__ == "__main__":
    sources.main(check)
