#!/usr/bin/env bash
# SPDX-FileCopyrightText: OTR Guard contributors
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Installs a package into a fresh Debian 12 and runs the package's tests there (packaging/debian/tests):
#   packaging/clean_root.sh PACKAGE.deb [FOLDER]
# FOLDER keeps the fresh system for the next time. OTR_GUARD_HARNESS may name a folder with the built
# test clients; without it they are built there. Needs root.
set -euo pipefail
[ $# -ge 1 ] || {
    sed -n '5,8s/^# \{0,1\}//p' "$0"
    exit 2
}
package=$(realpath "$1")
kept=${2:-}
harness=${OTR_GUARD_HARNESS:+$(realpath "$OTR_GUARD_HARNESS")}
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# shellcheck source=packaging/dependencies.sh
source packaging/dependencies.sh
install_dependencies root

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fresh=${kept:-$work}/fresh
if [ ! -e "$fresh/etc/debian_version" ]; then
    mkdir -p "$(dirname "$fresh")"
    debootstrap --variant=minbase bookworm "$fresh.part"
    mv "$fresh.part" "$fresh"
fi
root=$work/root
cp -a "$fresh" "$root"
cp "$package" "$root/root/package.deb"
mkdir "$root/root/source"
git archive HEAD tests packaging CMakeLists.txt CMakePresets.json src plugin po data README.md LICENSE |
    tar -x -C "$root/root/source"
cp -r packaging/debian "$root/root/source/debian"
[ -z "$harness" ] || cp -r "$harness" "$root/root/harness"
cp --remove-destination /etc/resolv.conf "$root/etc/resolv.conf"
# It is thrown away: nothing needs to be safe on the disk at once.
echo force-unsafe-io >"$root/etc/dpkg/dpkg.cfg.d/unsafe"
# Servers that are installed must not start.
printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
chmod 755 "$root/usr/sbin/policy-rc.d"

cat >"$root/root/run" <<'END'
set -eu
export DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin
apt-get -qq update
echo "== Only the package and what it needs"
apt-get -qq install --yes --no-install-recommends /root/package.deb >/dev/null
dpkg --audit
if ldd /usr/lib/*/purple-2/otr-guard.so | grep 'not found'; then exit 1; fi
echo "== With Pidgin and Finch"
apt-get -qq install --yes pidgin finch --no-install-recommends >/dev/null
needs=$(sed -n '/^Depends:/,/^Restrictions:/p' /root/source/debian/tests/control |
    sed 's/^Depends://; /^Restrictions/d' | tr ',' '\n' | grep -v @ | sort -u)
# shellcheck disable=SC2086
apt-get -qq install --yes --no-install-recommends $needs >/dev/null
cd /root/source
if [ -d /root/harness ]; then
    export OTR_GUARD_HARNESS=/root/harness
else
    # shellcheck disable=SC2046
    apt-get -qq install --yes --no-install-recommends debhelper ninja-build g++ \
        $(bash packaging/dependencies.sh --list build) >/dev/null
fi
# What is recommended comes with Pidgin's window.
# shellcheck disable=SC2046
apt-get -qq install --yes --no-install-recommends \
    $(dpkg-query --show --showformat '${Recommends}' purple-otr-guard | tr ',' '\n' |
        sed 's/[|(].*//' | grep -v -e pidgin -e finch) >/dev/null
for name in chat pidgin finch; do
    echo "== $name"
    sh "debian/tests/$name"
done
END
# shellcheck disable=SC2016  # for the shell inside
unshare --mount --pid --fork --propagation private sh -c '
    mount -t proc proc "$1/proc"
    mount --rbind /dev "$1/dev"
    exec chroot "$1" sh /root/run' sh "$root"
echo "The package works in a fresh Debian $(cat "$fresh/etc/debian_version")."
