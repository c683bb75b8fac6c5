# SPDX-FileCopyrightText: OTR Guard contributors
# SPDX-License-Identifier: GPL-2.0-or-later
"""Plays otr-guard-windows of another version: greets as the real one does, with another number."""

import gi
gi.require_version("Gio", "2.0")
from gi.repository import Gio, GLib  # noqa: E402

INTERFACE = """<node><interface name="im.otrguard.Windows"><method name="Hello">
<arg name="version" type="u" direction="in"/><arg name="version" type="u" direction="out"/>
</method></interface></node>"""
CHANNEL, PATH = 3, "/im/otrguard/Windows"


def answer(_connection, _sender, _path, _interface, _method, parameters, invocation):
    invocation.return_value(GLib.Variant("(u)", (parameters.unpack()[0] + 1,)))


def main():
    stream = Gio.Socket.new_from_fd(CHANNEL).connection_factory_create_connection()
    connection = Gio.DBusConnection.new_sync(
        stream, None, Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT
        | Gio.DBusConnectionFlags.DELAY_MESSAGE_PROCESSING, None, None)
    loop = GLib.MainLoop()
    connection.connect("closed", lambda *_: loop.quit())
    connection.register_object(PATH, Gio.DBusNodeInfo.new_for_xml(INTERFACE).interfaces[0], answer,
                               None, None)
    connection.start_message_processing()
    loop.run()


if __name__ == "__main__":
    main()
