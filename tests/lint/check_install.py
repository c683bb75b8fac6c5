# SPDX-FileCopyrightText: OTR Guard contributors
# SPDX-License-Identifier: GPL-2.0-or-later
"""Installs into an empty folder and looks whether libpurple would find everything there.

check_install.py BUILD_FOLDER PLUGIN_FOLDER, the latter as libpurple's pkg-config file names it.
"""

import os
import pathlib
import subprocess
import sys
import tempfile

from check_metadata import complaints_of_appstream


def main():
    build, plugins = sys.argv[1:]
    metadata = "/usr/share/metainfo/im.otrguard.otrguard.metainfo.xml"
    with tempfile.TemporaryDirectory(prefix="otr-guard-install-") as folder:
        subprocess.run(["cmake", "--install", build], check=True, stdout=subprocess.DEVNULL,
                       env={**os.environ, "DESTDIR": folder})
        top = pathlib.Path(folder)
        files = {"/" + path.relative_to(top).as_posix() for path in top.rglob("*")
                 if not path.is_dir()}
        said = top / metadata[1:]
        remarks = complaints_of_appstream(said) if said.is_file() else []
        if said.is_file() and ".example" in said.read_text():
            remarks.append(f"{metadata} names an address that does not exist")
    print("\n".join(sorted(files)))
    parts = pathlib.Path(plugins).parent / "otr-guard"
    programs = "/usr/libexec/otr-guard"
    launcher = "/usr/bin/otr-guard-run"
    manual = "/usr/share/man/man1"
    found = remarks + [f"{name} is missing" for name in (f"{plugins}/otr-guard.so", f"{parts}/pidgin-ui.so",
                                               f"{programs}/otr-guard-windows",
                                               f"{programs}/otr-guard-keep", launcher,
                                               "/usr/share/otr-guard/help/en/index.html",
                                               "/usr/share/otr-guard/emblems/private.png",
                                               metadata, f"{manual}/otr-guard-run.1",
                                               f"{manual}/otr-guard-windows.1")
             if name not in files]
    found += [f"{name} is missing from the documentation" for name in ("README.md", "LICENSE")
              if not any(path.endswith("/doc/purple-otr-guard/" + name) for path in files)]
    found += [f"{path} does not belong to an installation" for path in files
              if path.endswith((".a", ".h", ".o")) or "/tests/" in path]
    print("\n".join(found))
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
