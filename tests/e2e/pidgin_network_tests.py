# SPDX-FileCopyrightText: OTR Guard contributors
# SPDX-License-Identifier: GPL-2.0-or-later
"""The window of accounts' ways into the network, beside a real Pidgin."""

import unittest

from otrtest.processes import free_port
from pidgin_user import ALICE, BUDDIES, PidginCase

WINDOW = "Network of accounts"
WAY = "This account uses the network"


class Network(PidginCase):

    windows = True

    def open_window(self):
        self.alice.desktop.choose(BUDDIES, "Tools", "OTR Guard", "Network of accounts...")
        self.wait_window("Your account", "What gives this account away")

    def wait_window(self, *texts):
        return self.alice.wait_dialog(*texts, window=WINDOW)

    def click(self, button):
        self.alice.screen.click("push button", button, WINDOW)

    def choose_way(self, number, host="", port=""):
        self.alice.screen.select(number, "combo box", WAY, WINDOW)
        if number:
            self.alice.screen.set_text(host, "text", "Address of the proxy, in numbers", WINDOW)
            self.alice.screen.set_text(str(port), "text", "Port", WINDOW)
        self.click("Save")

    def test_an_account_without_a_proxy_is_looked_at_and_mended(self):
        self.open_window()
        self.wait_window("can see your address", "attention", "same picture as your others")
        self.alice.picture("network")
        self.click("Do not show it")
        self.wait_window("no longer shows the picture of your other accounts",
                         "does not share its picture")
        self.alice.desktop.focus(WINDOW)
        self.alice.desktop.keys("Escape")
        self.alice.wait_no_dialog(WINDOW)

    def test_a_proxy_that_is_not_there_keeps_the_account_offline(self):
        self.open_window()
        self.choose_way(1, "proxy.example.org", "9050")
        self.wait_window("has to be given in numbers")
        self.wait_window("not bound to a proxy")
        since = self.bob.mark()
        self.choose_way(1, "127.0.0.1", free_port())
        self.wait_window("only through tor 127.0.0.1", "or not at all")
        self.bob.wait_for({"event": "buddy", "who": ALICE, "online": False}, since=since)
        self.wait_window("did not answer the last time", "problem")
        self.alice.picture("network-tor")
        self.choose_way(0)
        self.wait_window("connects as its settings say", "not bound to a proxy")


if __name__ == "__main__":
    unittest.main(verbosity=2)
