#!/bin/sh
# Builds the fuzz targets with clang, libFuzzer and sanitizers. What is compiled and linked is what the Makefile says.
#
#     tests/fuzz/build.sh [--tsan] FOLDER        ASan and UBSan, or TSan; the targets are in FOLDER/tests/fuzz
#
# A folder that was built before is brought up to date. Then, for instance:
#
#     FOLDER/tests/fuzz/spf_fuzz -max_total_time=600 -dict=tests/fuzz/spf.dict NEW_CORPUS tests/fuzz/seeds/spf
set -eu
sanitizers=address,undefined
if [ "${1-}" = --tsan ]; then
	sanitizers=thread
	shift
fi
mkdir -p "${1:?the folder that the fuzzers go to}"
folder=$(cd "$1" && pwd)
cd "$(dirname "$0")/../.."

# The tree may be configured itself, and no other build of it can be made then: the sources go there as a copy.
/usr/bin/python3 -B tests/support/tree.py . "$folder/source"
if [ ! -x "$folder/source/configure" ]; then
	(cd "$folder/source" && ./autogen.sh)
fi
cd "$folder"
if [ ! -e Makefile ]; then
	source/configure --quiet CC=clang --enable-sanitizers="$sanitizers,fuzzer-no-link"
fi
exec make --no-print-directory -j"$(nproc)" LDFLAGS=-fsanitize=fuzzer fuzz
