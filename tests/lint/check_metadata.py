# SPDX-FileCopyrightText: OTR Guard contributors
# SPDX-License-Identifier: GPL-2.0-or-later
"""Do the tools that read them take the manual pages, the AppStream metadata and the catalogs without
a word? And do the metadata's screenshots exist?"""

import os
import re
import subprocess

import sources

_HOST = "https://otr-guard.example/screenshots/"


def complaints_of(command, **environment):
    """What the program says; nothing is right."""
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True,
                          check=False, stdin=subprocess.DEVNULL,
                          env={**os.environ, "LC_ALL": "C.UTF-8", **environment})
    if done.returncode == 0 and not done.stderr.strip():
        return []
    return [f"{command[-1]}: {done.stderr.strip() or done.stdout.strip()}"]


def complaints_about_manuals(root):
    pages = sorted((root / "data/man").glob("*.1"))
    found = []
    for page in pages:
        for width in ("60", "80", "120"):
            found += complaints_of(["man", "--warnings", "--local-file", page], MANWIDTH=width,
                                   PAGER="cat", MANPAGER="cat")
    installed = (root / "CMakeLists.txt").read_text()
    return found + [f"{page.name} is not installed" for page in pages
                    if f"data/man/{page.name}" not in installed]


def complaints_of_appstream(metadata):
    """Its smallest remark counts, though its exit code is 0 then."""
    done = subprocess.run(["appstreamcli", "validate", "--no-net", "--pedantic", str(metadata)],
                          capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL,
                          env={**os.environ, "LC_ALL": "C.UTF-8"})
    remarks = re.findall(r"^[EWIP]: .*$", done.stdout, re.M)
    if done.returncode and not remarks:
        remarks = [done.stdout.strip() + done.stderr.strip()]
    return [f"{metadata}: {remark}" for remark in remarks]


def complaints_about_metadata(root):
    metadata = root / "data/im.otrguard.otrguard.metainfo.xml"
    found = complaints_of_appstream(metadata)
    pictures = re.findall(r"<image[^>]*>([^<]+)</image>", metadata.read_text())
    found += [f"{metadata.name}: {picture} is not in data/screenshots" for picture in pictures
              if not picture.startswith(_HOST)
              or not (root / "data/screenshots" / picture.removeprefix(_HOST)).is_file()]
    return found if pictures else found + [f"{metadata.name}: no screenshots"]


def check(root):
    found = complaints_about_manuals(root) + complaints_about_metadata(root)
    for catalog in sorted((root / "po").glob("*.po")):
        found += complaints_of(["msgfmt", "--check", "--output-file=/dev/null", catalog])
    return found


if __name__ == "__main__":
    sources.main(check)
