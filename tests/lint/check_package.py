# SPDX-FileCopyrightText: OTR Guard contributors
# SPDX-License-Identifier: GPL-2.0-or-later
"""Do the package and its metadata say what CMakeLists.txt and packaging/dependencies.sh say?"""

import email.utils
import re
import subprocess

import sources

#: Every Debian system that builds packages has it.
_IMPLIED = {"build-essential"}


def complaints_about_version(root):
    version = re.search(r"project\(purple-otr-guard VERSION (\S+)",
                        (root / "CMakeLists.txt").read_text())[1]
    changelog = re.match(r"purple-otr-guard \((\S+)\)",
                         (root / "packaging/debian/changelog").read_text())[1]
    release = re.search(r'<release version="(\S+)"', (
        root / "data/im.otrguard.otrguard.metainfo.xml").read_text())[1]
    spec = (root / "packaging/rpm/purple-otr-guard.spec").read_text()
    packaged = re.search(r"^Version:\s+(\S+)", spec, re.M)[1]
    noted = re.search(r"^%changelog\n\* .* - (\S+)-\d+$", spec, re.M)[1]
    return [f"{name} says {found}, CMakeLists.txt {version}"
            for name, found in (("packaging/debian/changelog", changelog), ("AppStream", release),
                                ("the RPM spec", packaged), ("its changelog", noted))
            if found != version]


def complaints_about_date(root):
    changelog = (root / "packaging/debian/changelog").read_text()
    day = email.utils.parsedate_to_datetime(
        re.search(r"^ -- .*>  (.*)$", changelog, re.M)[1]).date()
    release = re.search(r'<release version="\S+" date="(\S+)"', (
        root / "data/im.otrguard.otrguard.metainfo.xml").read_text())[1]
    noted = re.search(r"^%changelog\n\* (\w+ \w+ \d+ \d+) ", (
        root / "packaging/rpm/purple-otr-guard.spec").read_text(), re.M)[1]
    return [f"{name} says {found}, packaging/debian/changelog {wanted}"
            for name, found, wanted in (("AppStream", release, f"{day:%Y-%m-%d}"),
                                        ("the RPM spec", noted, f"{day:%a %b %d %Y}"))
            if found != wanted]


def complaints_about_suggestions(root):
    """What is only useful beside it is called the same everywhere."""
    control = (root / "packaging/debian/control").read_text()
    debian = set(re.search(r"^Suggests: (.*)$", control, re.M)[1].split(", "))
    fedora = set(re.findall(r"^Suggests:\s+(\S+)$", (
        root / "packaging/rpm/purple-otr-guard.spec").read_text(), re.M))
    return [f"only one of the Debian and the RPM package suggests {name}"
            for name in sorted(debian ^ fedora)]


def complaints_about_dependencies(root):
    listed = set(subprocess.run(["bash", root / "packaging/dependencies.sh", "--list", "build"],
                                check=True, capture_output=True, text=True).stdout.split())
    field = re.search(r"^Build-Depends:\n((?: .*\n)+)",
                      (root / "packaging/debian/control").read_text(), re.M)[1]
    packaged = {line.split()[0].rstrip(",") for line in field.splitlines()} - {"debhelper-compat"}
    return [f"packaging/debian/control and packaging/dependencies.sh disagree about {package}"
            for package in sorted((listed - _IMPLIED) ^ packaged)]


def check(root):
    return (complaints_about_version(root) + complaints_about_date(root) +
            complaints_about_suggestions(root) + complaints_about_dependencies(root))


if __name__ == "__main__":
    sources.main(check)
