#!/usr/bin/env bash
# SPDX-FileCopyrightText: OTR Guard contributors
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What a release consists of, in build/distribution: sources, Debian and RPM packages, checksums. What
# was printed while each was made, with lintian's and rpmlint's findings, is in build/distribution-logs.
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

release=$PWD/build/distribution
logs=$release-logs
# All of it is made from one commit, also when another one lands meanwhile.
OTR_GUARD_COMMIT=$(git rev-parse HEAD)
export OTR_GUARD_COMMIT
rm -rf "$release" "$logs"
mkdir -p "$logs"

# make_all FOLDER NAME: a log is named after what it is of, and NAME.
make_all() {
    local kind
    for kind in tarball deb rpm; do
        OTR_GUARD_PACKAGES=$1 packaging/package.sh "$kind" 2>&1 | tee "$logs/$kind$2.log"
    done
}

make_all "$release" ""
(cd "$release" && sha256sum -- * >SHA256SUMS)

if [ "${1:-}" = --twice ]; then
    again=$(mktemp -d)
    trap 'rm -rf "$again"' EXIT
    (umask 022 && mkdir "$again/tmp" && export TMPDIR=$again/tmp TZ=Pacific/Kiritimati \
        LC_ALL=C.UTF-8 LANGUAGE=de && make_all "$again/release" -again)
    (cd "$again/release" && sha256sum --check --quiet "$release/SHA256SUMS")
    echo "Made twice, the same bytes."
fi
cat "$release/SHA256SUMS"
