# SPDX-FileCopyrightText: OTR Guard contributors
# SPDX-License-Identifier: GPL-2.0-or-later
"""Are the help pages whole? Every page of English is well-formed, uses what src/util/help.h knows,
leads to pages that exist and is led to, explains the state words as the program says them, and is
a page of its own for every window's Help button. Pages in other languages have the same links."""

import pathlib
import re
import xml.etree.ElementTree as xml

import sources

_KNOWN = {"html", "head", "meta", "title", "body", "h1", "h2", "p", "ul", "li", "b", "a"}
#: Words of plugin/state_text.cpp.
_STATES = ("Not private", "Unverified", "Private", "Finished")


def complaints_about_page(path, pages):
    try:
        tree = xml.parse(path).getroot()
    except xml.ParseError as error:
        return [f"{path}: {error}"]
    found = [f"{path}: the program does not show <{one.tag}>"
             for one in tree.iter() if one.tag not in _KNOWN]
    found += [f"{path}: leads to {one.get('href')}, which does not exist"
              for one in tree.iter("a") if one.get("href") not in pages]
    if tree.findtext("head/title") != tree.findtext("body/h1"):
        found.append(f"{path}: the title is not the heading")
    if tree.get("lang") != path.parent.name:
        found.append(f"{path}: the language is not the folder's")
    return found


def links_of(path):
    return set(re.findall(r'href="([^"]+)"', path.read_text()))


def check(root):
    folder = root / "data/help"
    english = {path.name: path for path in (folder / "en").glob("*.html")}
    found = []
    for path in sorted(folder.glob("*/*.html")):
        found += complaints_about_page(path, english)
        if path.name not in english:
            found.append(f"{path}: there is no such page in English")
        elif links_of(path) != links_of(english[path.name]):
            found.append(f"{path}: other links than in English")
    found += [f"{name}: the index does not lead there" for name in sorted(english)
              if name != "index.html" and name not in links_of(english["index.html"])]
    wanted = set()
    for name in sources.files(root, (".cpp",), ("src/windows", "plugin")):
        wanted |= set(re.findall(r'(?:add_help_button|show_help)\([^;]*"([a-z-]+)"\)',
                                 (root / name).read_text()))
    found += [f"{name}.html is shown and does not exist" for name in sorted(wanted)
              if f"{name}.html" not in english]
    states = (root / "plugin/state_text.cpp").read_text()
    explained = english["conversation.html"].read_text()
    for word in _STATES:
        if f'tr("{word}")' not in states:
            found.append(f"plugin/state_text.cpp has no state {word!r} any more")
        if f"<li><b>{word}</b>: " not in explained:
            found.append(f"conversation.html does not explain {word!r}")
    return found


if __name__ == "__main__":
    sources.main(check)
