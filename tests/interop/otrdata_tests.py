# SPDX-FileCopyrightText: OTR Guard contributors
# SPDX-License-Identifier: GPL-2.0-or-later
"""Files between OTR Guard and ChatSecure's format, written independently on another OTR."""

import os
import pathlib
import tempfile
import unittest

from otrtest.conversations import PEER, XmppPeerCase
from otrtest.links import XmppLink
from otrtest.otrdata import CHUNK, OtrData
from otrtest.peers.potr_peer import PotrPeer
from otrtest.waiting import wait_until


class Files(XmppPeerCase):
    style = "android"

    def make_peer(self):
        return PotrPeer(XmppLink(self.server, PEER), self.guard_name)

    def setUp(self):
        super().setUp()
        folder = tempfile.TemporaryDirectory(prefix="otrtest-files-")
        self.addCleanup(folder.cleanup)
        self.home = pathlib.Path(folder.name)
        self.downloads = self.home / "downloads"
        self.downloads.mkdir()
        self.guard.client.call("set_pref", name="/plugins/core/otr-guard/files/folder",
                               value=str(self.downloads))
        self.files = OtrData(self.peer, self.style)
        self.peer.start_otr()
        self.wait_private()
        self.otr("trust")

    def otr(self, words):
        return self.guard.client.otr(self.guard.buddy, words)

    def wait_line(self, text, since=0):
        return self.guard.client.wait_system(text, since=since, timeout=40)

    def make(self, name, size):
        path = self.home / name
        path.write_bytes(os.urandom(size))
        return path

    def received(self, name):
        return (self.downloads / name).read_bytes()

    def wait_nothing_left(self):
        """A worker takes the temporary file away."""
        wait_until(lambda: not list(self.downloads.iterdir()), what="an empty folder")

    # --- from them ---

    def test_their_files_arrive(self):
        for number, size in enumerate((1, CHUNK, CHUNK + 1, 300_000), 1):
            content = os.urandom(size)
            since = self.guard.client.mark()
            request, _ = self.files.offer(f"file{number}.bin", content)
            self.assertIn("200", self.files.wait_answer(request)[0])
            self.wait_line(f"offers you file {number}", since)
            self.assertEqual(list(self.downloads.glob(f"file{number}*")), [])
            self.otr("accept")
            self.wait_line("has arrived whole", since)
            self.assertEqual(self.received(f"file{number}.bin"), content)
        # Parts are of ChatSecure's size and within the file.
        self.assertTrue(all(end - start < CHUNK for start, end in self.files.served))

    def test_a_wrong_hash_leaves_nothing(self):
        self.files.offer("a.bin", b"content", sha1="0" * 40)
        self.wait_line("offers you file 1")
        self.otr("accept")
        self.wait_line("did not arrive as it was offered")
        self.wait_nothing_left()

    def test_a_file_that_is_shorter_than_said_leaves_nothing(self):
        self.files.offer("a.bin", b"content", length=20)
        self.wait_line("offers you file 1")
        self.otr("accept")
        self.wait_line("sent something else than the parts")
        self.wait_nothing_left()

    def test_a_declined_file_is_never_asked_for(self):
        self.files.offer("a.bin", b"content")
        self.wait_line("offers you file 1")
        self.otr("decline")
        self.wait_line("was declined")
        self.talk("still talking")
        self.assertEqual(self.files.served, [])

    # --- to them ---

    def test_our_files_arrive(self):
        for number, size in enumerate((1, CHUNK, 300_000), 1):
            path = self.make(f"ours{number}.jpg", size)
            since = self.guard.client.mark()
            self.otr(f"send {path}")
            download = self.files.wait_offer(number)
            self.assertEqual(download.length, size)
            self.assertEqual(download.headers["mime-type"], "image/jpeg")
            self.assertTrue(download.url.startswith("otr-in-band:/storage/"))
            self.assertNotIn(str(self.home), str(download.headers))
            self.files.accept(download)
            self.files.wait(lambda d=download: d.is_complete, "the whole file")
            self.assertEqual(download.content, path.read_bytes())
            self.wait_line("was sent to", since)

    def test_only_parts_of_what_was_offered_are_sent(self):
        self.otr(f"send {self.make('ours.jpg', 100)}")
        url = self.files.wait_offer().url
        for asked, value, reason in (
                ("otr-in-band:/etc/passwd", "bytes=0-9", "No such offer made"),
                (url + "x", "bytes=0-9", "No such offer made"),
                ("chatsecure:/storage", "bytes=0-9", "Unknown scheme"),
                (url, None, "Must have Range header"),
                (url, "0-9", "Range must start with bytes="),
                (url, "bytes=0", "Range must be START-END"),
                (url, "bytes=9-0", "Invalid Range"),
                (url, "bytes=0-100", "Invalid Range")):
            line, _, body = self.files.wait_answer(self.files.get(asked, value))
            self.assertEqual((line, body), (f"HTTP/1.1 400 {reason}", b""))
        self.talk("and text passes as before")

    def test_a_program_without_files_is_named(self):
        self.peer.on_record = lambda kind, data: None
        self.otr(f"send {self.make('ours.jpg', 100)}")
        self.wait_line("does not react to file 1")


class FilesOfIos(Files):
    style = "ios"


if __name__ == "__main__":
    unittest.main()
