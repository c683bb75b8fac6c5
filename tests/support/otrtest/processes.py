# SPDX-FileCopyrightText: OTR Guard contributors
# SPDX-License-Identifier: GPL-2.0-or-later
"""Starting and stopping programs so that none outlives its test."""

import os
import signal
import socket
import subprocess


def start(arguments, **options) -> subprocess.Popen:
    """A process in a session of its own that is told to end when the test process dies.

    Linux counts the *thread* that starts it as the parent: call this from the main thread.
    """
    command = ["setpriv", "--pdeathsig", "TERM", "--", *[str(one) for one in arguments]]
    return subprocess.Popen(command, start_new_session=True, **options)


def stop(process: subprocess.Popen, timeout=10.0) -> int:
    """Ends the process: asked first, forced after the time-out; its group goes with it."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(timeout)
        except subprocess.TimeoutExpired:
            pass
    _signal_group(process.pid, signal.SIGKILL)
    return process.wait()


def _signal_group(pid: int, number: int):
    try:
        os.killpg(pid, number)
    except (ProcessLookupError, PermissionError):
        pass


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def accepts_connections(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1):
            return True
    except OSError:
        return False
