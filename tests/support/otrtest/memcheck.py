# SPDX-FileCopyrightText: OTR Guard contributors
# SPDX-License-Identifier: GPL-2.0-or-later
"""A client under valgrind, and what valgrind found that is ours to answer for."""

import pathlib
import re
import shutil
import xml.etree.ElementTree as xml

MODULE = "otr-guard.so"


def is_available() -> bool:
    return shutil.which("valgrind") is not None


class Memcheck:
    """One run: give `wrapper` and `environment` to a client, ask for `findings()` when it ended."""

    #: Every allocation is malloc's, and libpurple keeps plugins open so that stacks have names.
    environment = {"G_SLICE": "always-malloc", "G_DEBUG": "gc-friendly",
                   "PURPLE_LEAKCHECK_HELP": "1"}

    def __init__(self, folder):
        self.report = pathlib.Path(folder) / "valgrind.xml"
        suppressions = pathlib.Path(__file__).resolve().parent.parent / "valgrind.supp"
        self.wrapper = ["valgrind", "--quiet", "--xml=yes", f"--xml-file={self.report}",
                        "--child-silent-after-fork=yes", "--num-callers=80",
                        "--leak-check=full", "--show-leak-kinds=definite",
                        "--errors-for-leak-kinds=definite", f"--suppressions={suppressions}"]

    def findings(self):
        """Every invalid access in the process, and every definite leak that the module is part of.

        libpurple and its protocols leak by themselves; they are not what is tested.
        """
        return findings_in(self.report.read_text(errors="replace"))


def findings_in(report: str):
    """The same of a report's text; ValueError when the program did not reach its end."""
    if "</valgrindoutput>" not in report:
        raise ValueError(f"the report is not whole: {report[-400:]}")
    errors = xml.fromstring(report).iter("error")
    return [_describe(error) for error in errors if not _is_leak(error) or _is_ours(error)]


def _is_leak(error) -> bool:
    return error.findtext("kind").startswith("Leak_")


def _is_ours(error) -> bool:
    return any(MODULE in (frame.findtext("obj") or "") for frame in error.iter("frame"))


def _describe(error) -> str:
    what = error.findtext("what") or error.findtext("xwhat/text")
    lines = [f"{error.findtext('kind')}: {what}"]
    for part in error:
        if part.tag == "auxwhat":
            lines.append(f"  {part.text}")
        if part.tag == "stack":
            lines += [f"    {_place(frame)}" for frame in part.iter("frame")]
    return "\n".join(lines)


def _place(frame) -> str:
    function = re.sub(r"\(.*", "", frame.findtext("fn") or "?")
    if frame.findtext("file"):
        return f"{function} ({frame.findtext('file')}:{frame.findtext('line')})"
    return f"{function} ({pathlib.Path(frame.findtext('obj') or '?').name})"
