#!/usr/bin/env bash
# SPDX-FileCopyrightText: OTR Guard contributors
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Builds the Debian package from what is committed, and has lintian look at it:
#   packaging/package.sh
# The package is in build/packages afterwards; nothing else in the work tree changes.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# shellcheck source=packaging/dependencies.sh
source packaging/dependencies.sh
install_dependencies build package

version=$(sed -n 's/^project(purple-otr-guard VERSION \([0-9.]*\) .*/\1/p' CMakeLists.txt)
packages="$PWD/build/packages"
mkdir -p "$packages"
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
source="purple-otr-guard-$version"
git archive --prefix="$source/" HEAD | tar -x -C "$folder"
cp -r "$folder/$source/packaging/debian" "$folder/$source/debian"
(cd "$folder/$source" && dpkg-buildpackage --build=binary --no-sign)
lintian --fail-on error,warning "$folder"/*.changes
appstreamcli validate --no-net data/*.metainfo.xml
mv "$folder"/*.deb "$packages/"
echo "In build/packages:"
ls "$packages"
