# SPDX-FileCopyrightText: OTR Guard contributors
# SPDX-License-Identifier: GPL-2.0-or-later
"""Where everything stands in the network of lab.py."""

CLIENT, PROXY, XMPP, NAMES, ATTACKER, IRC = (f"10.77.0.{last}" for last in (2, 1, 4, 53, 66, 67))
CLIENT6, PROXY6, XMPP6, NAMES6, ATTACKER6 = (f"fd77::{last}" for last in (2, 1, 4, 53, 66))
#: Nobody has this address, and the client believes that somebody does: what it sends there is lost.
BLACK_HOLE = "10.77.0.9"
SOCKS_PORT, HTTP_PORT, TOR_PORT = 1080, 3128, 9050
#: The client's own name: without a dot, and in no file, so that whoever wants it must ask.
CLIENT_NAME = "lk-secret-host"
XMPP_DOMAIN = "xmpp.test"
HOSTS = {XMPP_DOMAIN: XMPP, "irc.test": IRC, "stun.test": ATTACKER, "proxy.test": PROXY,
         "attacker.test": ATTACKER}
#: In a network that has IPv6.
HOSTS6 = {XMPP_DOMAIN: XMPP6, "proxy.test": PROXY6, "attacker.test": ATTACKER6}
