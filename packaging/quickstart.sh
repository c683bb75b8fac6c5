#!/usr/bin/env bash
# SPDX-FileCopyrightText: OTR Guard contributors
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A first private conversation with one command, on this machine alone.
#   packaging/quickstart.sh               Pidgin opens: you are Alice, Bob answers
#   packaging/quickstart.sh --transcript  both are played, and printed beside what the server sees
# Installs what is needed (Debian, through apt), builds into build/quickstart, starts an XMPP server
# on loopback with a throw-away profile, and removes everything but the build when it ends.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

case "${1-}" in
    "" | --transcript) ;;
    *)
        sed -n '5,9s/^# \{0,1\}//p' packaging/quickstart.sh
        [ "$1" = --help ] && exit 0 || exit 2
        ;;
esac

# shellcheck source=packaging/dependencies.sh
source packaging/dependencies.sh
install_dependencies build quickstart

folder="$PWD/build/quickstart"
mkdir -p "$folder"
build() {
    cmake -S . -B "$folder" -G Ninja -DCMAKE_BUILD_TYPE=RelWithDebInfo -DBUILD_TESTING=ON \
        -DOTR_GUARD_BUILD_UNIT_TESTS=OFF &&
        cmake --build "$folder" --target otr-guard pidgin-ui otr-guard-headless
}
echo "Building OTR Guard (a few minutes the first time) ..."
if ! build >"$folder/quickstart.log" 2>&1; then
    tail -n 40 "$folder/quickstart.log"
    echo "The build failed; all of it is in build/quickstart/quickstart.log." >&2
    exit 1
fi

export OTR_GUARD_PLUGIN="$folder/plugin/otr-guard.so"
export OTR_GUARD_HEADLESS="$folder/tests/support/otr-guard-headless"
export PYTHONPATH="$PWD/tests/support"
exec /usr/bin/python3 -B packaging/quickstart.py "$@"
