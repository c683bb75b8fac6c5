# SPDX-FileCopyrightText: OTR Guard contributors
# SPDX-License-Identifier: GPL-2.0-or-later
"""Real servers, clients and peers on loopback, for tests that use OTR Guard as people do.

Everything a test starts is stopped by its process id; nothing outside a temporary folder is
written, nothing but 127.0.0.1 is contacted.
"""
