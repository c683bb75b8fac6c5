# SPDX-FileCopyrightText: OTR Guard contributors
# SPDX-License-Identifier: GPL-2.0-or-later
"""What becomes of a click on a link, in private and on bound accounts."""

import os
import pathlib
import tempfile
import unittest

from otrtest.pairs import XmppPair
from otrtest.waiting import wait_until

PLUGIN = "core-otr-guard"
PREFS = "/plugins/core/otr-guard/links"
TOR_BROWSER = "Open it in Tor Browser"
COPY = "Copy the address"
AS_USUAL = "Open it as usual"
ONION = "http://aaaqeayeaudaocajbifqydiob4ibceqtcqkrmfyydenbwha5dyp3kead.onion/"
LINK = "https://example.org/page?id=1"


class Links(XmppPair):

    def prepare(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.opened = self.folder / "opened"
        self.browser = self.folder / "tor-browser" / "Browser" / "start-tor-browser"
        self.browser.parent.mkdir(parents=True)
        self.browser.write_text(f'#!/bin/sh\nprintf "%s\\n" "$*" >> {self.opened}\n')
        self.browser.chmod(0o755)
        super().prepare()
        self.alice.call("set_pref", name=f"{PREFS}/tor-browser", value=str(self.folder / "tor-browser"))

    def click(self, address):
        since = self.alice.mark()
        self.alice.call("open_uri", uri=address)
        return since

    def ask(self, address):
        request = self.alice.wait_request(type="fields", since=self.click(address))
        self.assertEqual(self.as_usual_since(0), [])
        return request

    def answer(self, request, way, remember=False):
        fields = {"way": [way]}
        if remember:
            fields["remember"] = True
        self.alice.answer(request, fields=fields)

    def ways(self, request):
        fields = {field["id"]: field for group in request["groups"] for field in group["fields"]}
        return fields["way"]["items"]

    def as_usual_since(self, since):
        return [event["uri"] for event in self.alice.events[since:]
                if event["event"] == "notify" and event["type"] == "uri"]

    def wait_opened(self, text):
        wait_until(lambda: self.opened.exists() and self.opened.read_text() == text,
                   what="Tor Browser")

    # --- when it asks ---

    def test_in_clear_nothing_is_asked(self):
        since = self.click(LINK)
        self.assertEqual(self.as_usual_since(since), [LINK])
        self.assertEqual(self.alice.call("requests"), [])

    def test_in_private_it_is_asked_and_done_as_answered(self):
        self.make_private()
        request = self.ask(LINK)
        self.assertIn("leads to example.org", request["primary"])
        self.assertIn(LINK, request["secondary"])
        self.assertEqual(self.ways(request), [TOR_BROWSER, COPY, AS_USUAL])
        self.answer(request, TOR_BROWSER)
        self.wait_opened(f"--detach {LINK}\n")
        request = self.ask(LINK)
        since = self.alice.mark()
        self.answer(request, COPY)
        shown = self.alice.wait_for(lambda e: e["event"] == "notify", since=since)
        self.assertEqual((shown["type"], shown["secondary"]), ("message", LINK))
        self.answer(self.ask(LINK), AS_USUAL)
        self.assertEqual(self.as_usual_since(0), [LINK])
        self.assertEqual(self.opened.read_text().count("\n"), 1)

    def test_bound_accounts_are_asked_in_clear_as_well(self):
        status, error, _ = self.alice.command(self.bob_name,
                                              "/guard require proxy socks5 127.0.0.1 1")
        self.assertEqual(status, "ok", error)
        self.ask(LINK)

    def test_a_cancelled_question_opens_nothing(self):
        self.make_private()
        self.alice.answer(self.ask(LINK), action="cancel")
        self.assertEqual(self.as_usual_since(0), [])
        self.assertFalse(self.opened.exists())

    def test_a_second_click_replaces_the_first_question(self):
        self.make_private()
        first = self.ask(LINK)
        self.ask("https://other.example.org/")
        self.alice.wait_for({"event": "request_closed", "request": first["request"]})

    def test_it_can_be_switched_off_and_ends_with_the_plugin(self):
        self.make_private()
        self.alice.call("set_pref", name=f"{PREFS}/ask", value=False)
        self.assertEqual(self.as_usual_since(self.click(LINK)), [LINK])
        self.alice.call("set_pref", name=f"{PREFS}/ask", value=True)
        self.ask_then_close(LINK)
        self.alice.call("unload_plugin", plugin=PLUGIN)
        self.assertEqual(self.alice.call("requests"), [])
        self.assertEqual(self.as_usual_since(self.click(LINK)), [LINK])

    def ask_then_close(self, address):
        self.alice.wait_request(type="fields", since=self.click(address))

    # --- what is remembered ---

    def test_a_choice_is_remembered_for_the_host_that_was_ticked(self):
        self.make_private()
        self.answer(self.ask(LINK), TOR_BROWSER, remember=True)
        self.wait_opened(f"--detach {LINK}\n")
        self.click("https://EXAMPLE.org/other")
        self.wait_opened(f"--detach {LINK}\n--detach https://EXAMPLE.org/other\n")
        self.assertEqual(self.alice.call("requests"), [])
        self.answer(self.ask("https://sub.example.org/"), COPY)
        self.answer(self.ask("http://example.org/"), COPY)
        # What is meant to be overlooked is asked about all the same.
        for address in ("https://bank.example@example.org/", "https://example.org:8443/",
                        "https://example.org/?to=https://evil.example/", "mailto:bob@example.org"):
            request = self.ask(address)
            self.assertNotIn("remember", str(request["groups"]))
            self.alice.answer(request, action="cancel")

    def test_past_a_proxy_it_is_asked_every_time(self):
        # Here nobody knows where a click comes from: it may be from a bound account.
        self.make_private()
        self.answer(self.ask(LINK), AS_USUAL, remember=True)
        self.assertEqual(self.as_usual_since(0), [LINK])
        since = self.alice.mark()
        self.alice.wait_request(type="fields", since=self.click(LINK))
        self.assertEqual(self.as_usual_since(since), [])

    # --- what is offered ---

    def test_onion_services_open_in_tor_browser_alone(self):
        self.make_private()
        request = self.ask(ONION)
        self.assertEqual(self.ways(request), [TOR_BROWSER, COPY])
        self.assertIn("onion service", request["secondary"])

    def test_without_tor_browser_it_says_how_to_get_one(self):
        self.make_private()
        self.alice.call("set_pref", name=f"{PREFS}/tor-browser", value=str(self.folder / "none"))
        request = self.ask(LINK)
        self.assertEqual(self.ways(request), [COPY, AS_USUAL])
        self.assertIn("torbrowser-launcher", request["secondary"])

    def test_what_is_odd_is_told(self):
        self.make_private()
        for address, texts in (
                ("https://xn--80ak6aa92e.com/", ["xn--80ak6aa92e.com", "аррӏе.com",
                                                 "other alphabets"]),
                ("http://bit.ly/x", ["shortened", "not encrypted"]),
                ("https://example.org/?utm_source=a&fbclid=b", ["utm_source, fbclid"]),
                ("https://bank.example@evil.example/", ["evil.example", "in front of the real"]),
                ("http://3232235777/", ["192.168.1.1", "your own network"]),
                ("https://example.org:8443/", ["8443"])):
            request = self.ask(address)
            for text in texts:
                self.assertIn(text, request["primary"] + request["secondary"])

    def test_links_that_nobody_can_be_sure_of_are_only_copied(self):
        self.make_private()
        for address in ("https://example.org\\@evil.example/", "javascript:alert(1)",
                        "file:///etc/passwd", "smb://server/share", "https://exa mple.org"):
            request = self.ask(address)
            self.assertEqual(self.ways(request), [COPY])
            self.assertNotIn("remember", str(request["groups"]))
        request = self.ask("mailto:bob@example.org")
        self.assertEqual(self.ways(request), [COPY, AS_USUAL])

    def test_a_message_with_another_text_shows_where_the_link_leads(self):
        self.make_private()
        since = self.alice.mark()
        self.bob.send(self.alice_name, '<a href="https://evil.example/">https://bank.example/</a>')
        shown = self.alice.wait_message("bank.example", since=since)
        self.assertIn("https://bank.example/ (https://evil.example/)", shown["text"])


if __name__ == "__main__":
    unittest.main()
