# SPDX-FileCopyrightText: OTR Guard contributors
# SPDX-License-Identifier: GPL-2.0-or-later
"""Every preset configures. check_presets.py ROOT CMAKE"""

import json
import pathlib
import subprocess
import sys
import tempfile

import sources

#: What STYLE promises; more may be added.
PROMISED = {"dev", "release", "asan", "tsan", "fuzz", "coverage"}


def check(root):
    presets = json.loads((root / "CMakePresets.json").read_text())["configurePresets"]
    names = [preset["name"] for preset in presets if not preset.get("hidden")]
    complaints = [f"there is no preset {name}" for name in sorted(PROMISED - set(names))]
    with tempfile.TemporaryDirectory(prefix="otr-guard-presets-") as folder:
        for name in names:
            result = subprocess.run(
                [sys.argv[2], "--preset", name, "-B", pathlib.Path(folder) / name], cwd=root,
                check=False, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            if result.returncode != 0:
                complaints.append(f"{name} does not configure:\n{result.stdout[-2000:]}")
    return complaints


if __name__ == "__main__":
    sources.main(check)
