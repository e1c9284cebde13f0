#!/bin/sh
# Runs every fuzz target over its seeds, once each: tests/fuzz/NAME_fuzz over tests/fuzz/seeds/NAME/. To look for more,
# build a target with clang -fsanitize=fuzzer,address,undefined in place of replay.c.
source=${srcdir:-.}
failed=0
for target in tests/fuzz/*_fuzz; do
	[ -x "$target" ] || continue
	name=${target##*/}
	seeds=$source/tests/fuzz/seeds/${name%_fuzz}
	[ -d "$seeds" ] || { echo "$name has no seeds"; failed=1; continue; }
	find "$seeds" -type f -exec "$target" {} + || { echo "$name fails over its seeds"; failed=1; }
done
exit $failed
