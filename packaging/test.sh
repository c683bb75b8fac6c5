#!/usr/bin/env bash
# SPDX-FileCopyrightText: OTR Guard contributors
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Everything that must pass before a change lands: packages, build with warnings as errors, clang-tidy,
# a Debian package and an RPM of what was built (what is said of them is kept in build/test/release-logs),
# and all tests but the soak tests. Ends with ctest's summary; the exit code is 0 when all of it passed.
#   packaging/test.sh [ARGUMENT OF CTEST...]
# Works on a fresh Debian 12 as root or through sudo, with and without a screen.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

step() { printf '\n== %s (%d s)\n' "$1" "$SECONDS"; }

# The tests bring their own screen and session bus; the user's must not see their windows.
unset DISPLAY WAYLAND_DISPLAY DBUS_SESSION_BUS_ADDRESS
export LC_ALL=C.UTF-8
jobs=$(nproc)
folder=build/test

step "Packages"
# shellcheck source=packaging/dependencies.sh
source packaging/dependencies.sh
install_dependencies build test check quickstart package

step "Build"
cmake -S . -B "$folder" -G Ninja -DCMAKE_BUILD_TYPE=RelWithDebInfo -DCMAKE_INSTALL_PREFIX=/usr \
    -DOTR_GUARD_WERROR=ON -DBUILD_TESTING=ON
cmake --build "$folder" --parallel "$jobs"

step "clang-tidy"
tidy=0
/usr/bin/python3 -B tests/lint/run_tidy.py "$folder" || tidy=$?
[ "$tidy" -eq 0 ] || echo "This fails the run; the tests follow all the same."

step "Packages of it"
logs=$folder/release-logs
mkdir -p "$logs"
packaged=0
packaging/package.sh --built "$folder" >"$logs/package.log" 2>&1 || packaged=$?
if [ "$packaged" -eq 0 ]; then
    tail -n 20 "$logs/package.log"
else
    cat "$logs/package.log"
    echo "This fails the run; the tests follow all the same."
fi

step "Tests"
result=0
ctest --test-dir "$folder" --output-on-failure --parallel "$jobs" --no-tests=error \
    --label-exclude '^soak$' "$@" </dev/null || result=$?
[ "$tidy" -eq 0 ] && [ "$packaged" -eq 0 ] || result=1
exit "$result"
