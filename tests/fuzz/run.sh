#!/usr/bin/env bash
# SPDX-FileCopyrightText: OTR Guard contributors
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A long run of the fuzz targets: tests/fuzz/run.sh [SECONDS_EACH [TARGET...]]
# The seconds are a processor's: on a busy machine it takes longer. Builds preset fuzz (clang),
# starts from the corpus, says for each target what it took, and keeps what breaks one in
# build/fuzz/found/TARGET: it goes into tests/fuzz/corpus/TARGET together with the mend.
# Needs packaging/dependencies.sh build test fuzz.
set -euo pipefail
export LC_ALL=C # whose numbers have a point
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
TIMEFORMAT='%U'
broken=0
for target in "$@"; do
    found=build/fuzz/found/$target
    mkdir -p "$found" "build/fuzz/corpus/$target"
    # These keep libotr's state from input to input, which passes for a leak; valgrind looks
    # (tests/headless/memory_tests.py).
    leaks=1
    case $target in message | private_message | profile) leaks=0 ;; esac
    said=$(mktemp)
    spent=0
    executed=0
    result=clean
    while [ "$result" = clean ] && [ "$spent" -lt "$seconds" ]; do
        # Deep recursion and large messages are found, slow machines are not.
        took=$({ time ASAN_OPTIONS=detect_leaks=$leaks \
            "build/fuzz/tests/fuzz/${target}_fuzz" -max_total_time=$((seconds - spent)) -max_len=65536 -timeout=60 \
            -rss_limit_mb=2048 -print_final_stats=1 -print_funcs=0 -artifact_prefix="$found/" \
            "build/fuzz/corpus/$target" "tests/fuzz/corpus/$target" >"$said" 2>&1; } 2>&1) || result=broken
        spent=$((spent + ${took%.*} + 1))
        units=$(sed -n 's/^stat::number_of_executed_units: *//p' "$said")
        executed=$((executed + ${units:-0}))
    done
    echo "$target: $result after $spent s of a processor, $executed inputs," \
        "coverage $(grep -o 'cov: [0-9]*' "$said" | tail -n 1 | tr -dc 0-9 || true)"
    if [ "$result" = broken ]; then
        tail -n 40 "$said"
        broken=1
    fi
    rm -f "$said"
done
exit $broken
