# SPDX-FileCopyrightText: OTR Guard contributors
# SPDX-License-Identifier: GPL-2.0-or-later
"""What stands on the screen in another language, looked up by the English words."""

import gettext
import pathlib
import re

PLACE = re.compile(r"\{[a-z_]+\}")


class Catalog:
    """Without a language everything is English."""

    def __init__(self, language, plugin):
        self._sentences = {}
        if not language:
            return
        for domain, folder in (("pidgin", pathlib.Path("/usr/share/locale")),
                               ("otr-guard", pathlib.Path(plugin).parent / "locale")):
            with open(folder / language / "LC_MESSAGES" / f"{domain}.mo", "rb") as file:
                catalog = gettext.GNUTranslations(file)._catalog
            for key, text in catalog.items():
                english = key[0] if isinstance(key, tuple) else key
                if "_" in english or _bare(english) not in self._sentences:
                    self._sentences[_bare(english)] = _bare(text)

    def say(self, words):
        """A label, or some words of a sentence: then the longest piece of its translation between
        places that are filled in."""
        if not self._sentences:
            return words
        if words in self._sentences:
            return self._sentences[words]
        if words.startswith("/"):  # a menu of Pidgin's, which is not translated
            return words
        found = [text for english, text in self._sentences.items() if words in english]
        if not found:
            raise LookupError(f"{words!r} is in no catalog")
        return max(PLACE.split(found[-1]), key=len).strip()


def _bare(label):
    """Without the mark of its accelerator."""
    return re.sub(r"\(_.\)", "", label).replace("_", "")
