#!/usr/bin/env bash
# SPDX-FileCopyrightText: OTR Guard contributors
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A long run of the fuzz targets: tests/fuzz/run.sh [SECONDS_EACH [TARGET...]]
# Builds preset fuzz (clang), starts from the corpus, and keeps what breaks a target in
# build/fuzz/found/TARGET: it goes into tests/fuzz/corpus/TARGET together with the mend.
# Needs packaging/dependencies.sh build test fuzz.
set -euo pipefail
cd "$(dirname "$0")/../.."
seconds=${1:-600}
shift || true
if [ $# -eq 0 ]; then
    for source in tests/fuzz/*_fuzz.cpp; do
        target=$(basename "$source" _fuzz.cpp)
        set -- "$@" "$target"
    done
fi

cmake --preset fuzz -DBUILD_TESTING=ON
cmake --build build/fuzz --target "${@/%/_fuzz}" --parallel
broken=0
for target in "$@"; do
    found=build/fuzz/found/$target
    mkdir -p "$found" "build/fuzz/corpus/$target"
    # These keep libotr's state from input to input, which passes for a leak; valgrind looks
    # (tests/headless/memory_tests.py).
    leaks=1
    case $target in message | private_message | profile) leaks=0 ;; esac
    # Deep recursion and large messages are found, slow machines are not.
    ASAN_OPTIONS=detect_leaks=$leaks build/fuzz/tests/fuzz/"${target}_fuzz" -max_total_time="$seconds" -max_len=65536 -timeout=20 \
        -rss_limit_mb=2048 -print_final_stats=1 -print_funcs=0 -artifact_prefix="$found/" \
        "build/fuzz/corpus/$target" "tests/fuzz/corpus/$target" 2>&1 |
        { grep -E "cov:.*(DONE|REDUCE)|^stat::|ERROR|SUMMARY|broken:|Test unit" || true; } | tail -n 12 ||
        broken=1
    echo "$target: done"
done
exit $broken
