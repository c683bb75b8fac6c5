# SPDX-FileCopyrightText: OTR Guard contributors
# SPDX-License-Identifier: GPL-2.0-or-later
"""Files and folders that go to one person through OnionShare, and metadata in them."""

import html.parser
import io
import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import unittest
import urllib.parse
import urllib.request
import zipfile

from otrtest.headless import plugin_path
from otrtest.pairs import XmppPair
from otrtest.waiting import wait_until

PLUGIN = "core-otr-guard"
TOP = "OTR Guard"
# The public key is 0 to 31.
ONION = "http://aaaqeayeaudaocajbifqydiob4ibceqtcqkrmfyydenbwha5dyp3kead.onion"
KEY = "E2GOT5LTUTP3OAMRCRXO4GSH6VKJEUOXZQUC336SRKAHTTT5OVSA"


def running(word):
    """Programs that have a word in what they were started with."""
    found = []
    for folder in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except (FileNotFoundError, ProcessLookupError, PermissionError):
            continue
        if word in command and int(folder.name) != os.getpid():
            found.append(command)
    return found


class _Links(html.parser.HTMLParser):

    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attributes):
        self.found += [value for name, value in attributes if name == "href" and value]


def download(address):
    """What a browser gets: the page, and what its button leads to."""
    links = _Links()
    links.feed(urllib.request.urlopen(address, timeout=20).read().decode())
    where = next(link for link in links.found if "download" in link)
    return urllib.request.urlopen(urllib.parse.urljoin(address + "/", where), timeout=60).read()


class Sharing(XmppPair):

    def prepare(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.programs = self.folder / "bin"
        self.programs.mkdir()
        self.use_onionshare(f'exec {shutil.which("onionshare-cli")} --local-only "$@"')
        self.program("torbrowser-launcher", f"echo >> {self.folder}/launched")
        # Not hidden from what is confined, as our folder is.
        self.outside = pathlib.Path(self.enterContext(
            tempfile.TemporaryDirectory(dir=pathlib.Path(plugin_path()).parent)))
        self.environment = {"PATH": f"{self.programs}:{self.outside}:{os.environ['PATH']}"}
        super().prepare()
        self.make_private()

    def make_client(self, user, **options):
        return super().make_client(user, environment=self.environment, **options)

    def program(self, name, text):
        path = self.programs / name
        path.write_text(f"#!/bin/sh\n{text}\n")
        path.chmod(0o755)

    def use_onionshare(self, text):
        self.program("onionshare-cli", text)

    def file(self, name, content):
        path = self.folder / name
        path.write_bytes(content)
        return path

    def share(self, path):
        """alice shares; returns what arrives at bob's."""
        since = self.bob.mark()
        self.alice.otr(self.bob_name, f'onionshare "{path}"')
        self.alice.wait_system("is getting ready to share")
        return self.wait_address(since)

    def wait_address(self, since):
        text = self.bob.wait_message("OnionShare: http://", since=since, timeout=60)["text"]
        match = re.fullmatch(r"OnionShare: (http://127\.0\.0\.1:\d+)\nPrivate key: ([A-Z2-7]{52})",
                             text)
        self.assertTrue(match, text)
        return match[1]

    def refusal(self, words, client=None, to=None):
        status, error, _ = (client or self.alice).command(to or self.bob_name,
                                                          f"/otr onionshare {words}")
        self.assertEqual(status, "failed")
        return error

    def assert_nothing_runs(self, word=None):
        wait_until(lambda: not running(word or str(self.folder)), timeout=30,
                   what="the end of all programs")

    # --- one share from beginning to end ---

    def test_a_file_goes_by_the_address_that_arrived_in_the_chat(self):
        content = os.urandom(300_000)
        path = self.file("for bob.bin", content)
        address = self.share(path)
        self.assert_never_in_clear(address, address[7:], "Private key", "for bob")
        lines = self.alice.otr(self.bob_name, "onionshare")
        self.assertTrue(any("was not downloaded yet" in line for line in lines), lines)
        self.assertTrue(running(str(path)))
        self.assertEqual(download(address), content)
        self.alice.wait_system("for bob.bin was downloaded completely", timeout=30)
        self.assert_nothing_runs()
        self.assertTrue(any("Nothing is being shared" in line
                            for line in self.alice.otr(self.bob_name, "onionshare")))
        self.assertNotIn(address, self.alice.debug_file.read_text(errors="replace"))

    def test_a_folder_is_shared_and_another_share_waits_for_it(self):
        inner = self.folder / "papers"
        inner.mkdir()
        (inner / "one.txt").write_text("first")
        (inner / "two.txt").write_text("second")
        address = self.share(inner)
        self.assertIn("Stop that first", self.refusal(str(inner)))
        with zipfile.ZipFile(io.BytesIO(download(address))) as archive:
            self.assertEqual(sorted(name.split("/")[-1] for name in archive.namelist()
                                    if not name.endswith("/")), ["one.txt", "two.txt"])
        self.alice.wait_system("papers was downloaded completely", timeout=30)
        self.assert_nothing_runs()

    def test_it_is_stopped_on_request(self):
        address = self.share(self.file("a.bin", b"x" * 1000))
        since = self.alice.mark()
        self.alice.otr(self.bob_name, "onionshare stop")
        self.alice.wait_system("a.bin is not shared any more", since=since, timeout=30)
        self.assert_nothing_runs()
        with self.assertRaises(OSError):
            urllib.request.urlopen(address, timeout=5)
        self.assertIn("Nothing is being shared", self.refusal("stop"))

    def test_it_goes_on_when_the_private_conversation_ends(self):
        content = os.urandom(1000)
        address = self.share(self.file("b.bin", content))
        self.bob.otr(self.alice_name, "end")
        self.alice.wait_otr_status(self.bob_name, state="finished")
        self.assertEqual(download(address), content)
        self.alice.wait_system("b.bin was downloaded completely", timeout=30)

    # --- what must not happen ---

    def test_without_privacy_nothing_is_started(self):
        self.bob.otr(self.alice_name, "end")
        self.alice.wait_otr_status(self.bob_name, state="finished")
        self.assertIn("not private", self.refusal(str(self.file("c.bin", b"x"))))
        self.assertEqual(running(str(self.folder)), [])

    def test_an_address_that_comes_too_late_is_not_sent(self):
        gate = self.folder / "gate"
        os.mkfifo(gate)
        self.use_onionshare(f'read line < {gate}\n'
                            f'exec {shutil.which("onionshare-cli")} --local-only "$@"')
        self.alice.otr(self.bob_name, f"onionshare {self.file('d.bin', b'x')}")
        self.alice.wait_system("is getting ready to share")
        self.bob.otr(self.alice_name, "end")
        self.alice.wait_otr_status(self.bob_name, state="finished")
        self.alice.otr(self.bob_name, "end")
        gate.write_text("go on\n")
        self.alice.wait_system("the address was not sent and nothing is shared", timeout=60)
        self.assert_nothing_runs()
        self.assertFalse([text for text in self.bob.received() if "127.0.0.1" in text])
        self.assert_never_in_clear("127.0.0.1:176", "Private key")
        self.assertEqual(self.alice.otr_status(self.bob_name)["queued"], "0")

    def test_nothing_is_left_running_when_the_client_goes(self):
        self.alice.allowed_exit_codes = (0, -signal.SIGKILL)
        for number, leave in enumerate((lambda client: client.call("unload_plugin", plugin=PLUGIN),
                                        lambda client: client.quit(),
                                        lambda client: client.kill())):
            with self.subTest(number):
                path = self.file(f"e{number}.bin", b"x" * 1000)
                since = self.bob.mark()
                if number == 1:
                    self.alice.call("load_plugin", file=self.alice.plugins[0])
                if number == 2:
                    self.alice.start()
                    self.alice.connect()
                if number:
                    self.alice.wait_buddy_online(self.bob_name)
                    self.bob.otr(self.alice_name, "end")
                    self.make_private()
                    since = self.bob.mark()
                self.alice.otr(self.bob_name, f"onionshare {path}")
                self.wait_address(since)
                self.assertTrue(running(str(path)))
                leave(self.alice)
                self.assert_nothing_runs(str(path))

    # --- what is wrong is said in plain words ---

    def test_troubles_are_said_in_plain_words(self):
        path = self.file("f.bin", b"x")
        for output, text in (
                ("You must install tor to use OnionShare from the command line", "needs Tor"),
                ("Could not connect to the Tor controller. Is Tor", "found no Tor"),
                ("Taking too long to connect to Tor. Maybe", "Are you online"),
                ("Traceback (most recent call last):", "start onionshare-cli in a terminal")):
            with self.subTest(output):
                self.use_onionshare(f"echo '{output}'")
                since = self.alice.mark()
                self.alice.otr(self.bob_name, f"onionshare {path}")
                self.alice.wait_system(text, since=since)
        for words, text in ((str(self.folder / "nothing"), "no such file"),
                            ("f.bin", "Write the whole path"), ('"/tmp', "quotation"),
                            ("open", "no onion address")):
            self.assertIn(text, self.refusal(words))

    def test_accounts_that_are_bound_to_other_proxies_do_not_go_past_them(self):
        status, error, _ = self.alice.command(
            self.bob_name, "/guard require proxy socks5 127.0.0.1 1")
        self.assertEqual(status, "ok", error)
        # It connects anew as soon as the main loop is back, and that ends what was private.
        self.alice.wait_otr_status(self.bob_name, state="finished")
        path = self.file("g.bin", b"x")
        self.assertIn("bound to a proxy", self.refusal(str(path)))
        for host, refusal in (("192.0.2.1", "bound to a proxy"), ("127.0.0.1", "not private")):
            status, error, _ = self.alice.command(self.bob_name, f"/guard require tor {host} 1")
            self.assertEqual(status, "ok", error)
            self.assertIn(refusal, self.refusal(str(path)))

    # --- theirs ---

    def test_a_received_address_is_offered_to_tor_browser(self):
        since = self.alice.mark()
        self.bob.send(self.alice_name, f"OnionShare: {ONION}<br>Private key: {KEY}")
        self.alice.wait_system("sent an OnionShare address", since=since)
        # Its launcher alone would go and get one.
        self.assertIn("Tor Browser was not found", self.refusal("open"))
        opened = self.folder / "opened"
        script = (self.alice.profile / ".local/share/torbrowser/tbb/x86_64/tor-browser-en"
                  / "Browser/start-tor-browser")
        script.parent.mkdir(parents=True)
        script.write_text(f'#!/bin/sh\nshift\nprintf "%s\\n" "$@" >> {opened}\n')
        script.chmod(0o755)
        self.alice.otr(self.bob_name, "onionshare open")
        wait_until(lambda: opened.exists() and opened.read_text() == ONION + "\n",
                   what="Tor Browser")
        self.assertFalse((self.folder / "launched").exists())
        self.alice.menu_activate(self.bob_name, TOP, "OnionShare",
                                 "Open their address in Tor Browser")
        wait_until(lambda: opened.read_text() == 2 * (ONION + "\n"), what="Tor Browser again")
        since = self.alice.mark()
        self.bob.send(self.alice_name, "http://127.0.0.1:17600/ and " + ONION[:-7] + "x.onion")
        self.alice.wait_message("17600", since=since)
        self.alice.otr(self.bob_name, "onionshare")
        self.assertFalse([event for event in self.alice.messages("system", since)
                          if "onion service" in event["text"] or "sent an" in event["text"]])

    # --- metadata ---

    def picture(self, name="holiday.jpg"):
        path = self.folder / name
        subprocess.run(["convert", "-size", "40x30", "gradient:blue-red", path], check=True)
        subprocess.run(["exiftool", "-q", "-overwrite_original", "-Artist=Jane Doe",
                        "-GPSLatitude=52.5", "-GPSLatitudeRef=N", "-GPSLongitude=13.4",
                        "-GPSLongitudeRef=E", "-Model=Phone", path], check=True)
        return path

    def ask_about(self, path):
        since = self.alice.mark()
        self.alice.otr(self.bob_name, f"onionshare {path}")
        request = self.alice.wait_request(type="action", since=since, timeout=60)
        self.assertIn("holiday.jpg tells more than it shows", request["primary"])
        return request

    def test_a_picture_goes_out_without_its_metadata(self):
        path = self.picture()
        before = path.read_bytes()
        request = self.ask_about(path)
        for word in ("the place where it was made", "who made it", "GPSPosition", "Artist"):
            self.assertIn(word, request["secondary"])
        self.assertNotIn("Jane", str(request))
        since = self.bob.mark()
        self.alice.answer(request, action=2)
        address = self.wait_address(since)
        received = download(address)
        self.assertNotIn(b"Jane", received)
        self.assertNotIn(b"GPS", received)
        self.assertTrue(received.startswith(b"\xff\xd8\xff"))
        self.assertEqual(path.read_bytes(), before)
        self.alice.wait_system("downloaded completely", timeout=30)
        copies = self.alice.profile / "otr-guard-clean"
        wait_until(lambda: not list(copies.iterdir()), what="the end of the copy")
        self.assertEqual(copies.stat().st_mode & 0o777, 0o700)

    def test_a_picture_can_go_as_it_is_or_not_at_all(self):
        path = self.picture()
        for action in (0, "close"):
            request = self.ask_about(path)
            since = self.alice.mark()
            self.alice.answer(request, action=action)
            self.alice.wait_system("Nothing is shared.", since=since)
        request = self.ask_about(path)
        since = self.bob.mark()
        self.alice.answer(request, action=1)
        self.assertEqual(download(self.wait_address(since)), path.read_bytes())

    def test_two_questions_at_once_are_not_taken_for_each_other(self):
        for client, name in ((self.alice, self.bob_name), (self.bob, self.alice_name)):
            client.otr(name, "trust")
        since, heard = self.alice.mark(), self.bob.mark()
        self.alice.otr(self.bob_name, f"send {self.picture('beach.jpg')}")
        about_file = self.alice.wait_request(type="action", since=since, timeout=60)
        self.assertIn("beach.jpg tells more than it shows", about_file["primary"])
        about_share = self.ask_about(self.picture())
        self.assertFalse(self.bob.messages("system", heard))
        self.alice.answer(about_file, action=1)
        self.bob.wait_system("offers you file 1: beach.jpg", since=heard)
        self.alice.answer(about_share, action=0)
        self.alice.wait_system("Nothing is shared.", since=since)
        self.assertFalse([event for event in self.alice.messages("system", since)
                          if "The file is not sent" in event["text"]])

    def test_folders_that_hold_unread_files_are_not_called_clean(self):
        inner = self.folder / "papers"
        inner.mkdir()
        (inner / "one.txt").write_text("first")
        self.share(inner)
        self.assertFalse([event for event in self.alice.messages("system", 0)
                          if "may hold more" in event["text"]])
        self.alice.otr(self.bob_name, "onionshare stop")
        self.alice.wait_system("papers is not shared any more", timeout=30)
        (inner / "two.bin").write_bytes(b"\0" * 100)
        since = self.alice.mark()
        self.alice.otr(self.bob_name, f"onionshare {inner}")
        self.alice.wait_system("metadata could not be read", since=since, timeout=60)

    def test_enter_does_not_send_a_folder_with_metadata(self):
        inner = self.folder / "holiday.jpg"  # which ask_about() expects
        inner.mkdir()
        self.picture("holiday.jpg/one.jpg")
        request = self.ask_about(inner)
        self.assertEqual([label.replace("_", "") for label in request["actions"]],
                         ["Send as it is", "Cancel"])

    def test_a_client_that_cannot_ask_shares_and_sends_nothing(self):
        self.alice.otr(self.bob_name, "trust")
        self.alice.call("take_actions_away")
        path = self.picture()
        for words, answer in ((f"onionshare {path}", "Nothing is shared."),
                              (f"send {path}", "The file is not sent.")):
            since = self.alice.mark()
            self.alice.otr(self.bob_name, words)
            self.alice.wait_system(answer, since=since, timeout=60)
        lines = self.alice.otr(self.bob_name, "onionshare")
        self.assertTrue(any("Nothing is being shared" in line for line in lines), lines)

    def use_own_mat2(self):
        """Says what it can reach, as if it were metadata."""
        path = self.outside / "mat2"
        path.write_text(f"""#!/bin/sh
[ "$1" = --version ] && exec echo mat2
for place in "$2" {self.alice.profile}/accounts.xml {self.folder}/secret; do
    [ -e "$place" ] && echo "    sees ${{place##*/}}: x"
done
(echo x > "$2") 2> /dev/null && echo "    writes: x"
[ $(wc -l < /proc/net/dev) -gt 3 ] && echo "    network: x"
echo "    end: x"
""")
        path.chmod(0o755)
        self.file("secret", b"x")
        (self.alice.profile / "accounts.xml").touch()

    def names_told(self, path):
        request = self.ask_about(path)
        self.alice.answer(request, action=0)
        return re.search(r"shows: .*", request["secondary"])[0]

    def test_mat2_reaches_nothing_but_the_file(self):
        if subprocess.run(["bwrap", "--unshare-all", "--ro-bind", "/", "/", "--proc", "/proc",
                           "true"], stderr=subprocess.DEVNULL).returncode != 0:
            self.skipTest("bubblewrap may not work here")
        self.use_own_mat2()
        told = self.names_told(self.picture())
        self.assertIn("sees holiday.jpg", told)
        for word in ("accounts.xml", "secret", "writes", "network"):
            self.assertNotIn(word, told)

    def test_where_bubblewrap_may_not_work_mat2_is_run_without(self):
        self.program("bwrap", "echo no >&2; exit 1")
        self.use_own_mat2()
        told = self.names_told(self.picture())
        self.assertIn("sees holiday.jpg", told)
        self.assertIn("sees secret", told)

    def take_programs_away(self):
        """What alice's client finds by name from now on is in our folder."""
        self.alice.quit()
        for name in ("cp", "setpriv", "tor"):
            (self.programs / name).symlink_to(shutil.which(name))
        self.alice.environment = {"PATH": str(self.programs)}
        self.alice.start()
        self.alice.connect()
        self.alice.wait_buddy_online(self.bob_name)
        self.make_private()

    def test_without_mat2_it_is_said_and_nothing_is_held_up(self):
        self.take_programs_away()
        self.share(self.picture())
        self.alice.wait_system("install the package mat2")

    def test_without_onionshare_it_says_how_to_get_it(self):
        (self.programs / "onionshare-cli").unlink()
        self.take_programs_away()
        self.assertIn("Install the package onionshare-cli",
                      self.refusal(str(self.file("i.bin", b"x"))))

    def test_copies_that_a_killed_process_left_are_removed(self):
        copies = self.alice.profile / "otr-guard-clean"
        dead = subprocess.Popen(["true"])
        dead.wait()
        for name in (f"{dead.pid}-abcdef", f"{os.getpid()}-abcdef", "other"):
            (copies / name).mkdir(parents=True)
        (copies / f"{dead.pid}-abcdef" / "picture.jpg").write_text("x")
        self.alice.call("unload_plugin", plugin=PLUGIN)
        self.alice.call("load_plugin", file=self.alice.plugins[0])
        self.assertEqual(sorted(path.name for path in copies.iterdir()),
                         sorted([f"{os.getpid()}-abcdef", "other"]))

    # --- dialogs ---

    def test_menus_lead_to_the_same(self):
        path = self.file("h.bin", b"y" * 500)
        since = self.alice.mark()
        self.alice.menu_activate(self.bob_name, TOP, "OnionShare", "Share a file...")
        request = self.alice.wait_request(type="file", since=since)
        heard = self.bob.mark()
        self.alice.answer(request, value=str(path))
        address = self.wait_address(heard)
        self.assertEqual(download(address), b"y" * 500)
        self.alice.wait_system("downloaded completely", timeout=30)
        since = self.alice.mark()
        self.alice.menu_activate(self.bob_name, TOP, "OnionShare", "Share a folder...")
        request = self.alice.wait_request(type="folder", since=since)
        heard = self.bob.mark()
        inner = self.folder / "inner"
        inner.mkdir()
        (inner / "k.txt").write_text("z")
        self.alice.answer(request, value=str(inner))
        self.wait_address(heard)
        self.alice.menu_activate(self.bob_name, TOP, "OnionShare", "Stop sharing")
        self.alice.wait_system("inner is not shared any more", timeout=30)
        self.assert_nothing_runs()


if __name__ == "__main__":
    unittest.main()
