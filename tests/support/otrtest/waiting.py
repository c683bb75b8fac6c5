# SPDX-FileCopyrightText: OTR Guard contributors
# SPDX-License-Identifier: GPL-2.0-or-later
"""Waiting for things with a deadline; a test must never sleep and hope."""

import os
import time


class Timeout(AssertionError):
    """What was waited for did not happen; the message says what, and what happened instead."""


def patience() -> float:
    """Factor for all deadlines: slow machines and valgrind set OTR_GUARD_PATIENCE."""
    return float(os.environ.get("OTR_GUARD_PATIENCE", "1"))


def wait_until(condition, timeout=15.0, what="condition", interval=0.05):
    """Polls until the condition is true and returns its value."""
    deadline = time.monotonic() + timeout * patience()
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() >= deadline:
            raise Timeout(f"waited {timeout * patience():.0f} s in vain for {what}")
        time.sleep(interval)
