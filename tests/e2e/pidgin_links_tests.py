# SPDX-FileCopyrightText: OTR Guard contributors
# SPDX-License-Identifier: GPL-2.0-or-later
"""Links in real Pidgin: what a click on one asks, and what the answers do."""

import pathlib
import tempfile
import unittest

from otrtest.waiting import wait_until
from pidgin_user import ALICE, DIALOG, PidginCase

TOR_BROWSER = "/plugins/core/otr-guard/links/tor-browser"


class Links(PidginCase):

    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.opened = {name: self.folder / name for name in ("tor", "usual")}
        programs = {}
        for name, file in self.opened.items():
            programs[name] = self.folder / f"{name}-browser"
            programs[name].write_text(f'#!/bin/sh\nprintf "%s\\n" "$*" >> {file}\n')
            programs[name].chmod(0o755)
        self.preferences = {TOR_BROWSER: str(programs["tor"]),
                            "/pidgin/browsers/browser": "custom",
                            "/pidgin/browsers/manual_command": f"{programs['usual']} %s"}
        super().setUp()

    def was_opened(self, name):
        return self.opened[name].read_text() if self.opened[name].exists() else ""

    def wait_opened(self, name, address):
        wait_until(lambda: self.was_opened(name) == address + "\n", what=f"{name} browser")

    def receive(self, html, shown):
        self.bob.send(ALICE, html)
        self.alice.wait_shown(shown)

    def click(self, text):
        self.alice.desktop.press_text(text, "Bob")

    def test_a_click_in_private_asks_and_does_what_is_answered(self):
        self.make_private()
        address = "https://xn--80ak6aa92e.com/login?utm_source=chat"
        self.receive(f'<a href="{address}">https://www.apple.com/</a>', "apple.com")
        self.click("https://www.apple.com/")
        self.alice.wait_dialog("This link leads to xn--80ak6aa92e.com", "аррӏе.com", address,
                               "Its text says www.apple.com", "other alphabets", "utm_source")
        self.alice.picture("link")
        self.alice.press_button("Continue")
        self.wait_opened("tor", address)
        self.alice.wait_no_dialog()
        self.assertEqual(self.was_opened("usual"), "")

    def test_an_ordinary_link_can_be_opened_as_usual_from_then_on(self):
        self.make_private()
        self.receive("https://example.org/one", "example.org/one")
        self.click("https://example.org/one")
        self.alice.wait_dialog("This link leads to example.org", "the page learns your address")
        self.alice.picture("link_ordinary")
        self.alice.desktop.press("table cell", "Open it as usual", DIALOG)
        self.alice.desktop.press("check box", "Do the same", DIALOG)
        self.alice.press_button("Continue")
        self.wait_opened("usual", "https://example.org/one")
        self.receive("https://example.org/two", "example.org/two")
        self.click("https://example.org/two")
        wait_until(lambda: self.was_opened("usual").endswith("https://example.org/two\n"),
                   what="the browser")
        self.alice.wait_no_dialog()
        self.assertEqual(self.was_opened("tor"), "")

    def test_an_address_is_copied_and_pasted(self):
        self.make_private()
        self.receive("https://example.org/copy", "example.org/copy")
        self.click("https://example.org/copy")
        self.alice.wait_dialog("example.org")
        self.alice.desktop.press("table cell", "Copy the address", DIALOG)
        self.alice.press_button("Continue")
        self.alice.wait_no_dialog()
        since = self.bob.mark()
        self.alice.desktop.focus("Bob")
        self.alice.desktop.type("look: ")
        self.alice.desktop.keys("ctrl+v", "Return")
        self.bob.wait_message("https://example.org/copy", since=since)

    def test_in_clear_a_click_opens_the_browser_without_a_question(self):
        self.alice.open_conversation()
        self.alice.say("/otr policy never")
        self.bob.otr(ALICE, "policy never")
        self.receive("https://example.org/clear", "example.org/clear")
        self.click("https://example.org/clear")
        self.wait_opened("usual", "https://example.org/clear")
        self.alice.wait_no_dialog()


if __name__ == "__main__":
    unittest.main()
