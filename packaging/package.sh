#!/usr/bin/env bash
# SPDX-FileCopyrightText: OTR Guard contributors
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Builds packages from what is committed, and has lintian or rpmlint look at them:
#   packaging/package.sh [tarball|deb|rpm]...     deb when nothing is said
#   packaging/package.sh --built FOLDER           deb and rpm of what is built there for /usr, into
#                                                 FOLDER/packages: to be tried, not to be released
# They are in build/packages afterwards (OTR_GUARD_PACKAGES names another folder); nothing else in
# the work tree changes. The same commit makes the same bytes (OTR_GUARD_COMMIT names another one
# than the newest).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# shellcheck source=packaging/dependencies.sh
source packaging/dependencies.sh
install_dependencies build package

check_metadata() {
    appstreamcli validate --no-net --pedantic data/*.metainfo.xml
    rpmlint --strict --config packaging/rpm/rpmlint.toml packaging/rpm/purple-otr-guard.spec
}

# build_debian FOLDER: has debian/; the packages are beside it then.
build_debian() {
    (cd "$1" && dpkg-buildpackage --build=binary --no-sign)
    lintian --info --display-info --pedantic --fail-on error,warning,info,pedantic \
        "$(dirname "$1")"/*.changes
}

version=$(sed -n 's/^project(purple-otr-guard VERSION \([0-9.]*\) .*/\1/p' CMakeLists.txt)
source="purple-otr-guard-$version"
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# Where rpm is not the system's own package manager it knows of no library that is installed, takes no
# symbols out, and its script that compresses manual pages needs another shell than Debian's.
# build_rpm [OPTION OF RPMBUILD...]
build_rpm() {
    local spec=packaging/rpm/purple-otr-guard.spec
    local here=()
    [ -e /etc/debian_version ] && here=(--nodeps --define "otr_guard_install_options --strip"
        --define "__os_install_post bash %{_rpmconfigdir}/brp-compress")
    rpmbuild -bb "${here[@]}" --define "_topdir $folder/rpm" --define "_sourcedir $folder" \
        --define "_buildhost localhost" --define "use_source_date_epoch_as_buildtime 1" \
        --define "clamp_mtime_to_source_date_epoch 1" "$@" "$spec"
    rpmlint --strict --config packaging/rpm/rpmlint.toml "$folder"/rpm/RPMS/*/*.rpm
    mv "$folder"/rpm/RPMS/*/*.rpm "$output/"
}

if [ "${1:-}" = --built ]; then
    OTR_GUARD_BUILT=$(realpath "${2:?names the folder}")
    export OTR_GUARD_BUILT DEB_BUILD_OPTIONS="noautodbgsym${DEB_BUILD_OPTIONS:+ $DEB_BUILD_OPTIONS}"
    output=$OTR_GUARD_BUILT/packages
    mkdir -p "$output" "$folder/deb/source" "$folder/$source"
    check_metadata
    cp -r packaging/debian "$folder/deb/source/debian"
    build_debian "$folder/deb/source"
    dpkg-deb --info "$folder"/deb/*.deb
    mv "$folder"/deb/*.deb "$output/"
    cp LICENSE README.md "$folder/$source/" # all that the RPM takes from the sources then
    tar -czf "$folder/$source.tar.gz" -C "$folder" "$source"
    build_rpm --define "otr_guard_built $OTR_GUARD_BUILT" \
        --define "_libdir /usr/lib/$(dpkg-architecture --query DEB_HOST_MULTIARCH)"
    exit 0
fi

commit=$(git rev-parse --verify "${OTR_GUARD_COMMIT:-HEAD}^{commit}")
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct "$commit")
export SOURCE_DATE_EPOCH
output=${OTR_GUARD_PACKAGES:-$PWD/build/packages}
mkdir -p "$output"
git -c tar.umask=0022 archive --prefix="$source/" "$commit" | gzip -n >"$folder/$source.tar.gz"

build_tarball() {
    cp "$folder/$source.tar.gz" "$output/"
}

build_deb() {
    tar -xzf "$folder/$source.tar.gz" -C "$folder"
    cp -r "$folder/$source/packaging/debian" "$folder/$source/debian"
    build_debian "$folder/$source"
    mv "$folder"/*.deb "$output/"
}

check_metadata
[ $# -gt 0 ] || set -- deb
for kind in "$@"; do
    case $kind in
        tarball | deb | rpm) "build_$kind" ;;
        *)
            echo "packaging/package.sh makes tarball, deb and rpm, not $kind." >&2
            exit 2
            ;;
    esac
done
echo "In $output:"
ls "$output"
