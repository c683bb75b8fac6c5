#!/usr/bin/env bash
# SPDX-FileCopyrightText: OTR Guard contributors
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The one place that says which Debian packages building, testing and trying OTR Guard need.
#   packaging/dependencies.sh GROUP...       installs what is missing (build test check quickstart fuzz package root)
#   packaging/dependencies.sh --list GROUP...  prints the packages, one a line
# Other scripts source this file and call install_dependencies.
# shellcheck disable=SC2034  # the lists are read by their names, see list_dependencies

# What compiles and links the plugin.
dependencies_build=(
    build-essential
    cmake
    gettext
    libexpected-dev
    libgcrypt20-dev
    libglib2.0-dev
    libotr5-dev
    libgtk2.0-dev
    libgtkmm-3.0-dev
    libpurple-dev
    libqrencode-dev
    ninja-build
    nlohmann-json3-dev
    pidgin-dev
    pkg-config
)

# What the tests use: libraries, the servers and clients they talk to, and a desktop without a screen.
dependencies_test=(
    at-spi2-core
    binutils
    bubblewrap
    dbus-daemon
    finch
    gir1.2-atspi-2.0
    gir1.2-glib-2.0
    gir1.2-gtk-3.0
    imagemagick
    iproute2
    irssi
    irssi-plugin-otr
    libatk-adaptor
    libbenchmark-dev
    libboost-test-dev
    libc-bin
    libgail-common
    libimage-exiftool-perl
    librsvg2-common
    libx11-dev
    librapidcheck-dev
    libsasl2-modules-gssapi-mit
    mat2
    microsocks
    ngircd
    onionshare-cli
    openbox
    openssl
    pidgin
    pidgin-otr
    procps
    prosody
    python3
    python3-gi
    python3-mnemonic
    python3-potr
    python3-pycryptodome
    python3-slixmpp
    tmux
    tor
    valgrind
    x11-utils
    xdotool
    xvfb
)

# What reads the sources.
dependencies_check=(
    appstream
    clang
    clang-format
    clang-tidy
    cppcheck
    gettext
    git
    groff-base
    man-db
    python3
    shellcheck
)

# What tests/fuzz/run.sh needs besides the build and the tests.
dependencies_fuzz=(
    clang
    libclang-rt-14-dev
)

# What packaging/package.sh needs besides the build.
dependencies_package=(
    appstream
    debhelper
    git
    lintian
    rpm
    rpmlint
)

# What packaging/clean_root.sh needs: a fresh system to install into.
dependencies_root=(
    debootstrap
    git
)

# What a first run in a window needs besides the build.
dependencies_quickstart=(
    gir1.2-glib-2.0
    librsvg2-common
    pidgin
    prosody
    python3
    python3-gi
    x11-utils
)

# Servers that Debian starts when they are installed; ours run on loopback with settings of their own.
dependencies_services=(prosody ngircd tor microsocks)

list_dependencies() {
    local group
    for group in "$@"; do
        local -n packages="dependencies_$group"
        printf '%s\n' "${packages[@]}"
    done | sort -u
}

_is_installed() {
    dpkg-query --show --showformat='${db:Status-Status}\n' "$1" 2>/dev/null | grep -qx installed
}

_as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        env DEBIAN_FRONTEND=noninteractive "$@"
    elif command -v sudo >/dev/null; then
        sudo env DEBIAN_FRONTEND=noninteractive "$@"
    else
        echo "Packages are missing, and installing them needs root: run this as root or install sudo." >&2
        return 1
    fi
}

_apt_install() {
    _as_root apt-get -qq update </dev/null &&
        _as_root apt-get -qq install --yes --no-install-recommends "$@" </dev/null
}

# install_dependencies GROUP...
install_dependencies() {
    local package missing=() services=()
    for package in $(list_dependencies "$@"); do
        _is_installed "$package" || missing+=("$package")
    done
    [ "${#missing[@]}" -gt 0 ] || return 0
    for package in "${dependencies_services[@]}"; do
        case " ${missing[*]} " in *" $package "*) services+=("$package") ;; esac
    done
    echo "Installing: ${missing[*]}"
    if ! _apt_install "${missing[@]}"; then
        echo "The installation failed; trying once more." >&2
        sleep 5
        _apt_install "${missing[@]}" || return 1
    fi
    _switch_off "${services[@]}"
}

# A server that only we wanted must not go on running, now or after the next start of the machine.
_switch_off() {
    local service
    for service in "$@"; do
        if [ -d /run/systemd/system ]; then
            _as_root systemctl --quiet disable --now "$service" || true
        else
            _as_root invoke-rc.d --quiet "$service" stop >/dev/null 2>&1 || true
            _as_root update-rc.d "$service" disable >/dev/null 2>&1 || true
        fi
    done
}

if [ "${BASH_SOURCE[0]}" = "$0" ]; then
    set -euo pipefail
    if [ "${1-}" = --list ]; then
        list_dependencies "${@:2}"
    elif [ "$#" -gt 0 ]; then
        install_dependencies "$@"
    else
        sed -n '5,8s/^# \{0,1\}//p' "$0"
        exit 2
    fi
fi
