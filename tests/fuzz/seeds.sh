#!/bin/sh
# Runs every fuzz target over its seeds, once each: tests/fuzz/NAME_fuzz over tests/fuzz/seeds/NAME/. To look for more,
# build a target with clang -fsanitize=fuzzer,address,undefined in place of replay.c.
source=${srcdir:-.}
failed=0
for seeds in "$source"/tests/fuzz/seeds/*/; do
	name=$(basename "$seeds")
	target=tests/fuzz/${name}_fuzz
	[ -x "$target" ] || { echo "$target is not built"; failed=1; continue; }
	find "$seeds" -type f -exec "$target" {} + || { echo "$target fails over its seeds"; failed=1; }
done
for target in "$source"/tests/fuzz/*_fuzz.c; do
	name=$(basename "$target" _fuzz.c)
	[ -d "$source/tests/fuzz/seeds/$name" ] || { echo "$name has no seeds"; failed=1; }
done
exit $failed
