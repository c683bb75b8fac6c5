# SPDX-FileCopyrightText: OTR Guard contributors
# SPDX-License-Identifier: GPL-2.0-or-later
"""Alice in front of Pidgin, in a verified private conversation in which files go to and fro."""

import os
import pathlib
import tempfile

from pidgin_user import ALICE, PidginCase

FOLDER = "/plugins/core/otr-guard/files/folder"


class PidginFilesCase(PidginCase):

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="otrtest-files-")
        self.addCleanup(folder.cleanup)
        self.home = pathlib.Path(folder.name)
        self.downloads = self.home / "downloads"
        self.downloads.mkdir()
        super().setUp()
        self.bob.call("set_pref", name=FOLDER, value=str(self.downloads))
        self.make_private()
        self.alice.say("/otr trust")
        self.alice.wait_padlock("Private")
        self.bob.otr(ALICE, "trust")

    def make(self, name, size):
        path = self.home / name
        path.write_bytes(os.urandom(size))
        return path
