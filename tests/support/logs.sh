#!/bin/sh
# Shows the logs that `make check` left in a build folder, for tests/run.py to count: a program that names no cases
# gets a line of its own.
#
#     tests/support/logs.sh BUILD
cd "$1" || exit 1
find tests -name '*.trs' | sort | while read -r result; do
	log=${result%.trs}.log
	name=${result%.trs}
	echo "=== $name"
	cat "$log"
	grep -q -e '^ok - ' -e '^not ok - ' -e '^\[ ' "$log" && continue
	case $(sed -n 's/^:global-test-result: //p' "$result") in
	PASS) echo "ok - $name" ;;
	SKIP) echo "ok - $name # SKIP $(grep -m1 -i skip "$log")" ;;
	*) echo "not ok - $name"; tail -n 20 "$log" | sed 's/^/# /' ;;
	esac
done
