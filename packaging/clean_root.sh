#!/usr/bin/env bash
# SPDX-FileCopyrightText: OTR Guard contributors
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Installs a package into a fresh Debian 12 and runs the package's tests there (packaging/debian/tests):
#   packaging/clean_root.sh PACKAGE.deb [FOLDER]
# FOLDER keeps the fresh system for the next time. In the environment, where wanted:
#   OTR_GUARD_HARNESS      a folder with the built test clients (build/dev/tests/support), which are built there else
#   OTR_GUARD_APT          a folder with the sources.list.d and apt.conf.d that reach Debian from here (/etc/apt)
#   OTR_GUARD_SCREENSHOTS  a folder for pictures of what was seen
# Needs root.
set -euo pipefail
[ $# -ge 1 ] || {
    sed -n '5,12s/^# \{0,1\}//p' "$0"
    exit 2
}
package=$(realpath "$1")
kept=${2:-}
harness=${OTR_GUARD_HARNESS:+$(realpath "$OTR_GUARD_HARNESS")}
apt=${OTR_GUARD_APT:+$(realpath "$OTR_GUARD_APT")}
pictures=${OTR_GUARD_SCREENSHOTS:+$(realpath --canonicalize-missing "$OTR_GUARD_SCREENSHOTS")}
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
cp -r "$root/root/source/packaging/debian" "$root/root/source/debian"
[ -z "$harness" ] || cp -r "$harness" "$root/root/harness"
cp --remove-destination /etc/resolv.conf "$root/etc/resolv.conf"
if [ -n "$apt" ]; then
    rm -f "$root/etc/apt/sources.list"
    for part in sources.list sources.list.d apt.conf.d; do
        [ ! -e "$apt/$part" ] || cp -RT "$apt/$part" "$root/etc/apt/$part"
    done
fi
# It is thrown away: nothing needs to be safe on the disk at once.
echo force-unsafe-io >"$root/etc/dpkg/dpkg.cfg.d/unsafe"
# Servers that are installed must not start.
printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
chmod 755 "$root/usr/sbin/policy-rc.d"

cat >"$root/root/run" <<'END'
set -eu
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
# Of the environment outside only what leads into the network, and how patient tests are.
inside=(DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin
    ${pictures:+OTR_GUARD_SCREENSHOTS=/root/screenshots})
for name in http_proxy https_proxy no_proxy OTR_GUARD_PATIENCE; do
    [ -z "${!name:-}" ] || inside+=("$name=${!name}")
done
result=0
# shellcheck disable=SC2016  # for the shell inside
unshare --mount --pid --fork --propagation private sh -c '
    root=$1
    shift
    mount -t proc proc "$root/proc"
    mount --rbind /dev "$root/dev"
    exec chroot "$root" env -i "$@" sh /root/run' sh "$root" "${inside[@]}" || result=$?
if [ -n "$pictures" ] && [ -d "$root/root/screenshots" ]; then
    mkdir -p "$pictures"
    cp -RT "$root/root/screenshots" "$pictures"
fi
[ "$result" -eq 0 ] || exit "$result"
echo "The package works in a fresh Debian $(cat "$fresh/etc/debian_version")."
