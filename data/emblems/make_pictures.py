# SPDX-FileCopyrightText: OTR Guard contributors
# SPDX-License-Identifier: GPL-2.0-or-later
"""Makes the PNG files from the SVG files beside them: Pidgin reads emblems as PNG alone."""

import pathlib

import gi
gi.require_version("GdkPixbuf", "2.0")
from gi.repository import GdkPixbuf  # noqa: E402

SIDE = 16  # pixels

for drawing in pathlib.Path(__file__).parent.glob("*.svg"):
    picture = GdkPixbuf.Pixbuf.new_from_file_at_size(str(drawing), SIDE, SIDE)
    picture.savev(str(drawing.with_suffix(".png")), "png", [], [])
