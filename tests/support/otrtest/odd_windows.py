# SPDX-FileCopyrightText: OTR Guard contributors
# SPDX-License-Identifier: GPL-2.0-or-later
"""In place of otr-guard-windows: one that says hello as it should, and then does what it must not.

    odd_windows.py MODE REPORT

MODE is `hang` (answers nothing after the hello), `lie` (calls whatever there is with what nobody
chose, as soon as a window is asked for) or `flood` (never stops calling). What came of the lies is
written into the file REPORT, as JSON: {what: error name, or the answer}.
"""

import json
import os
import pathlib
import signal
import sys

import gi

gi.require_version("Gio", "2.0")
from gi.repository import Gio, GLib

SOURCE = pathlib.Path(os.environ["OTR_GUARD_SOURCE_DIR"])
WINDOWS, CLIENT = "/im/otrguard/Windows", "/im/otrguard/Client"
OTHER_KEY = "0123456789abcdef0123456789abcdef01234567"
LONG = "x" * 20_000
FOREIGN = SOURCE / "tests/support/data/foreign"


class OddWindows:

    def __init__(self, mode, report):
        self.mode = mode
        self.report = pathlib.Path(report)
        socket = Gio.Socket.new_from_fd(3)
        self.connection = Gio.DBusConnection.new_sync(
            socket.connection_factory_create_connection(), None,
            Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT
            | Gio.DBusConnectionFlags.DELAY_MESSAGE_PROCESSING, None, None)
        described = (SOURCE / "data/im.otrguard.xml").read_text()
        for interface in Gio.DBusNodeInfo.new_for_xml(described).interfaces:
            if interface.name.endswith("Window") or interface.name == "im.otrguard.Windows":
                self.connection.register_object(WINDOWS, interface, self.called, None, None)
        self.connection.start_message_processing()

    def called(self, connection, sender, path, interface, method, arguments, invocation):
        if method == "Hello":
            invocation.return_value(arguments)
            if self.mode == "hang":
                connection.flush_sync(None)
                os.kill(os.getpid(), signal.SIGSTOP)
            return
        invocation.return_value(None)
        if self.mode == "lie" and method == "Show" and interface.endswith("VerificationWindow"):
            self.lie(*arguments.unpack()[:2])
        elif self.mode == "flood" and method == "Show":
            self.flood(arguments.unpack()[0])

    def call(self, interface, method, signature, *values):
        """The answer, or the name of the error."""
        try:
            return self.connection.call_sync(
                None, CLIENT, f"im.otrguard.{interface}", method,
                GLib.Variant(signature, values), None, Gio.DBusCallFlags.NONE, 20_000,
                None).unpack()
        except GLib.Error as error:
            return Gio.DBusError.get_remote_error(error) or error.message

    def lie(self, peer, state):
        key = state[4]
        stranger = (peer[0], peer[1], "stranger@localhost")
        nobody = ("nobody@nowhere/", peer[1], peer[2])
        verify = "Verification"
        told = {
            "another key is theirs": self.call(verify, "Judge", "((sss)sb)", peer, OTHER_KEY, True),
            "no key is theirs": self.call(verify, "Judge", "((sss)sb)", peer, "", True),
            "nonsense is theirs": self.call(verify, "Judge", "((sss)sb)", peer, LONG, True),
            "a stranger's key": self.call(verify, "Judge", "((sss)sb)", stranger, key, True),
            "of no account": self.call(verify, "Judge", "((sss)sb)", nobody, key, True),
            "a long question": self.call(verify, "Ask", "((sss)sss)", peer, key, LONG, "secret"),
            "a long secret": self.call(verify, "Ask", "((sss)sss)", peer, key, "question", LONG),
            "asked with another key": self.call(verify, "Ask", "((sss)sss)", peer, OTHER_KEY,
                                                "question", "secret"),
            "what nobody asked": self.call(verify, "Answer", "((sss)ss)", peer, "question", "yes"),
            "a code of another": self.call(verify, "CompareCode", "((sss)ss)", peer, OTHER_KEY, key),
            "a long code": self.call(verify, "CompareCode", "((sss)ss)", peer, key, LONG),
            "taken back from another": self.call(verify, "Revoke", "((sss)s)", peer, OTHER_KEY),
            "an unknown key": self.call("KnownKeys", "SetVerified", "(a((sss)s)b)",
                                        [(peer, OTHER_KEY), (stranger, key)], True),
            "forgotten": self.call("KnownKeys", "Forget", "(a((sss)s))", [(peer, key)]),
            "undone": self.call("KnownKeys", "Undo", "(u)", 12345),
            "exported as": self.call("KnownKeys", "Export", "(a((sss)s)s)", [], "exe"),
            "a list of nothing": self.call("KnownKeys", "Import", "(ayau)", b"nothing\0", [0]),
            "places beyond": self.call("KnownKeys", "Import", "(ayau)", b"[]\0",
                                       [0xffffffff] * 1000),
            "another key deleted": self.call("OwnKeys", "Delete", "((ss)s)", peer[:2], OTHER_KEY),
            "another key replaced": self.call("OwnKeys", "Make", "((ss)s)", peer[:2], OTHER_KEY),
            "a key sealed by nothing": self.call("OwnKeys", "Seal", "((ss)ss)", peer[:2], OTHER_KEY,
                                                 ""),
            "imported nonsense": self.call("OwnKeys", "Import", "((ss)says)", peer[:2], "",
                                           b"nonsense\0", "passphrase"),
            "no such way": self.call("Network", "Require", "((ss)s)", peer[:2], "nowhere"),
            "no such remedy": self.call("Network", "Mend", "((ss)s)", peer[:2], LONG),
            "a file that nobody offered": self.call("Files", "Accept", "((sss)u)", peer, 12345),
            "a file of a stranger": self.call("Files", "Cancel", "((sss)u)", stranger, 1),
            "what nobody shares": self.call("Files", "StopSharing", "((sss)u)", peer, 1),
            "a file of no account": self.call("Files", "Accept", "((sss)u)", ("",) * 3, 1),
            "a file of long names": self.call("Files", "Cancel", "((sss)u)", (LONG,) * 3, 1),
            "what was not read": self.call("Import", "Take", "(uauau)", 0, [], []),
            "accounts of what was not read": self.call("Import", "Match", "(uau)", 0, [1]),
            "choices of what was not read": self.call("Import", "Choices", "(u)", 0),
            "a long path": self.call("Import", "Read", "(uays)", 1, LONG.encode() + b"\0", ""),
            "a long passphrase": self.call("Import", "Read", "(uays)", 1, b"/dev/null\0", LONG),
            **self.lie_about_imports(),
            "of other types": self.call(verify, "Judge", "(su)", "peer", 1),
            "no such method": self.call(verify, "Trust", "((sss)s)", peer, key),
            "no such interface": self.call("Sessions", "Send", "(s)", "text"),
        }
        self.report.with_suffix(".part").write_text(json.dumps(told, default=list))
        self.report.with_suffix(".part").rename(self.report)

    def lie_about_imports(self):
        """Of a profile that is really there, with nothing chosen in the end."""
        step = self.call("Import", "Read", "(uays)", 7, str(FOREIGN / "adium").encode() + b"\0", "")
        told = {
            "step of an import": step[0],
            "choices of another import": self.call("Import", "Choices", "(u)", 8),
            "taken of another import": self.call("Import", "Take", "(uauau)", 8, [0], []),
            "accounts that are not asked for": self.call("Import", "Accounts", "(u)", 7),
            "matched without a question": self.call("Import", "Match", "(uau)", 7, [0]),
            "taken beyond the choices": self.call("Import", "Take", "(uauau)", 7, [0xffffffff], []),
            "own beyond the choices": self.call("Import", "Take", "(uauau)", 7, [], [5] * 1000),
        }
        told["choices of an import"] = [len(rows) for rows in
                                        self.call("Import", "Choices", "(u)", 7)]
        told["choices twice"] = self.call("Import", "Choices", "(u)", 7)
        self.call("Import", "Forget", "()")
        told["taken of what is forgotten"] = self.call("Import", "Take", "(uauau)", 7, [0], [])
        return told

    def flood(self, peer):
        peer = GLib.Variant("((sss))", (peer,))
        while not self.connection.is_closed():
            message = Gio.DBusMessage.new_method_call(None, CLIENT, "im.otrguard.Verification",
                                                      "Closed")
            message.set_flags(Gio.DBusMessageFlags.NO_REPLY_EXPECTED)
            message.set_body(peer)
            try:
                self.connection.send_message(message, Gio.DBusSendMessageFlags.NONE)
                self.connection.flush_sync(None)
            except GLib.Error:
                break
        self.report.write_text(json.dumps({"closed": True}))
        sys.exit(0)


if __name__ == "__main__":
    windows = OddWindows(*sys.argv[1:])
    loop = GLib.MainLoop()
    windows.connection.connect("closed", lambda *_: loop.quit())
    loop.run()
