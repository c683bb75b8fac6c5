# SPDX-FileCopyrightText: OTR Guard contributors
# SPDX-License-Identifier: GPL-2.0-or-later
"""A system that lets a client down: its disk, its clock, and whoever kills it."""

import os
import pathlib


class OddSystem:
    """Give `environment` to a client; what is wrong can change while it runs."""

    def __init__(self, folder):
        self._folder = pathlib.Path(folder)
        self._folder.mkdir(parents=True, exist_ok=True)
        self.environment = {"LD_PRELOAD": os.environ["OTR_GUARD_ODD_SYSTEM_MODULE"],
                            "OTR_GUARD_ODD_SYSTEM": str(self._folder)}

    def kill_at(self, call):
        """The process is killed in that system call, counted from 1, that writes our files."""
        (self._folder / "struck").unlink(missing_ok=True)
        self._say("fault", f"kill {call}")

    def has_struck(self):
        return (self._folder / "struck").exists()

    def disk_fails(self, error):
        """`error` is ENOSPC or EIO."""
        self._say("fault", error)

    def disk_works(self):
        (self._folder / "fault").unlink(missing_ok=True)

    def clock_is_off(self, seconds):
        self._say("clock", str(seconds))

    def _say(self, name, text):
        new = self._folder / f"{name}.new"
        new.write_text(text)
        new.rename(self._folder / name)
