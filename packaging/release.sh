#!/usr/bin/env bash
# SPDX-FileCopyrightText: OTR Guard contributors
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What a release consists of, in build/release: sources, Debian and RPM packages, checksums.
#   packaging/release.sh [--twice]
# --twice makes everything a second time, in another time zone, language and folder, and fails when
# a byte differs. Needs a clean work tree: only what is committed is released.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

if [ -n "$(git status --porcelain)" ]; then
    echo "There are changes that are not committed; a release would not have them." >&2
    exit 1
fi
/usr/bin/python3 -B tests/lint/check_package.py .

release=$PWD/build/release
rm -rf "$release"
OTR_GUARD_PACKAGES=$release packaging/package.sh tarball deb rpm
(cd "$release" && sha256sum -- * >SHA256SUMS)

if [ "${1:-}" = --twice ]; then
    again=$(mktemp -d)
    trap 'rm -rf "$again"' EXIT
    (umask 022 && mkdir "$again/tmp" &&
        TMPDIR=$again/tmp TZ=Pacific/Kiritimati LC_ALL=C.UTF-8 LANGUAGE=de \
            OTR_GUARD_PACKAGES=$again/release packaging/package.sh tarball deb rpm)
    (cd "$again/release" && sha256sum --check --quiet "$release/SHA256SUMS")
    echo "Made twice, the same bytes."
fi
cat "$release/SHA256SUMS"
