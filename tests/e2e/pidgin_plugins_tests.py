# SPDX-FileCopyrightText: OTR Guard contributors
# SPDX-License-Identifier: GPL-2.0-or-later
"""OTR Guard in Pidgin's list of plugins: its settings, and pidgin-otr beside it."""

import unittest

from otrtest.headless import plugin_path
from otrtest.peers.pidgin_peer import PIDGIN_OTR
from otrtest.waiting import wait_until
from pidgin_user import ALICE, BUDDIES, DIALOG, PLUGINS, PidginCase


class Settings(PidginCase):

    def test_preferences(self):
        self.alice.open_plugins()
        self.assertTrue(self.alice.is_plugin_on("OTR Guard"))
        self.alice.press_button("Configure Plugin", PLUGINS)
        self.alice.wait_dialog("When a conversation is private", "History of private")
        self.alice.picture("preferences")
        self.choose_in_combo("Private as soon as both sides can", "Only private")
        self.alice.press_button("Close")
        self.alice.wait_no_dialog()
        self.alice.close_plugins()
        self.alice.open_conversation()
        self.assertEqual(self.status()["policy"], "always")
        # Nothing goes out before it is private.
        self.alice.say(self.secret("the very first line"))
        self.bob.wait_message("the very first line")
        self.assertEqual(self.status()["state"], "private")

    def choose_in_combo(self, now, wanted):
        """With the keyboard."""
        desktop, screen = self.alice.desktop, self.alice.screen
        desktop.focus(DIALOG)
        self.alice.tab_to("combo box", now)
        for _ in range(10):
            if screen.find("combo box", window=DIALOG)["name"] == wanted:
                return
            desktop.keys("space", "Down", "Return")
        self.fail(f"{wanted!r} cannot be chosen")

    def test_account_settings_and_buddy_settings(self):
        self.alice.desktop.choose(BUDDIES, "Tools", "OTR Guard", "Account settings...")
        self.alice.wait_dialog("Private conversations of alice@localhost")
        self.alice.picture("account-settings")
        # The lists stand in the order of the window: policy first.
        self.alice.desktop.keys("Down")
        self.alice.press_button("Save")
        self.alice.wait_no_dialog()
        self.alice.open_conversation()
        self.assertEqual(self.status()["policy"], "never")
        self.alice.choose("Settings...")
        self.alice.wait_dialog("Private conversations with Bob", "now: Never private")
        self.alice.picture("buddy-settings")
        self.alice.desktop.keys("Down", "Down")
        self.alice.press_button("Save")
        self.alice.wait_no_dialog()
        self.assertEqual(self.status()["policy"], "manual")
        self.alice.choose("When it is private", "Only private")
        self.assertEqual(self.status()["policy"], "always")

    def test_known_codes_and_own_codes(self):
        self.make_private()
        code = self.bob.otr_status(ALICE)
        self.alice.desktop.choose(BUDDIES, "Tools", "OTR Guard", "My codes...")
        self.alice.wait_dialog("My codes (fingerprints)", code["their fingerprint"],
                               "used with 1 person")
        self.alice.picture("my-codes")
        self.alice.desktop.keys("Escape")
        self.alice.wait_no_dialog()
        self.alice.desktop.choose(BUDDIES, "Tools", "OTR Guard", "Known codes...")
        self.alice.wait_dialog("Known codes (fingerprints)", code["my fingerprint"], "not verified")
        self.alice.picture("known-codes")
        self.alice.desktop.focus(DIALOG)
        self.alice.desktop.keys("space")
        self.alice.press_button("Do it")
        self.alice.wait_dialog("Compare codes (fingerprints) with Bob")
        self.alice.press_button("They are the same")
        self.alice.wait_no_dialog()
        self.alice.wait_padlock("Private")
        self.assertEqual(self.status()["verified"], "yes")


class BesidePidginOtr(PidginCase):
    """Both would decode the same messages, so they never run at once."""

    ours, other = "OTR Guard", "Off-the-Record Messaging"
    offer = f'"{other}" is switched on.'

    def start_alice(self, **options):
        return None

    def start_with(self, **options):
        self.alice = super().start_alice(**options)

    def assert_switched(self, ours):
        wait_until(lambda: self.alice.is_plugin_on(self.ours) == ours
                   and self.alice.is_plugin_on(self.other) != ours, what="one of the two")

    def test_otr_guard_offers_to_take_over(self):
        self.start_with(plugin=PIDGIN_OTR, available=[plugin_path()])
        self.alice.open_plugins()
        self.alice.toggle_plugin(self.ours)
        self.alice.wait_dialog(self.offer)
        self.alice.picture("offer")
        self.alice.press_button("Switch it off and use OTR Guard")
        self.alice.wait_no_dialog()
        self.assert_switched(ours=True)
        self.alice.close_plugins()
        self.make_private()
        self.talk("after the change")
        self.alice.restart()
        self.assert_switched(ours=True)

    def test_the_offer_can_be_refused(self):
        self.start_with(plugin=PIDGIN_OTR, available=[plugin_path()])
        self.alice.open_plugins()
        self.alice.toggle_plugin(self.ours)
        self.alice.wait_dialog(self.offer)
        self.alice.press_button("Leave it")
        self.alice.wait_no_dialog()
        self.assert_switched(ours=False)
        # One after the other works without an offer.
        self.alice.toggle_plugin(self.other)
        self.alice.toggle_plugin(self.ours)
        self.assert_switched(ours=True)

    def test_both_on_from_the_start(self):
        for order in ((PIDGIN_OTR, plugin_path()), (plugin_path(), PIDGIN_OTR)):
            with self.subTest(order):
                self.start_with(plugin=PIDGIN_OTR, available=[plugin_path()],
                                preferences={"/pidgin/plugins/loaded": order})
                if order[0] == PIDGIN_OTR:
                    self.alice.wait_dialog(self.offer)
                    self.alice.press_button("Switch it off and use OTR Guard")
                else:
                    self.alice.wait_dialog(f'"{self.other}" was switched off again.')
                    self.alice.press_button("Close")
                self.alice.wait_no_dialog()
                self.assert_switched(ours=True)
                self.alice.quit()

    def test_pidgin_otr_is_switched_off_again(self):
        self.start_with()
        self.make_private()
        self.alice.open_plugins()
        self.alice.toggle_plugin(self.other)
        self.alice.wait_dialog(f'"{self.other}" was switched off again.')
        self.alice.picture("switched-off-again")
        self.alice.press_button("Close")
        self.assert_switched(ours=True)
        self.talk("as if nothing had been")
        self.alice.restart()
        self.assert_switched(ours=True)
        self.assertNotIn(DIALOG, self.alice.desktop.windows().values())

    def test_back_to_pidgin_otr(self):
        self.start_with()
        self.make_private()
        self.alice.open_plugins()
        self.alice.toggle_plugin(self.ours)
        self.bob.wait_otr_status(ALICE, state="finished")
        self.alice.toggle_plugin(self.other)
        self.assert_switched(ours=False)


if __name__ == "__main__":
    unittest.main()
