#!/bin/sh
# Builds the fuzz targets with clang, libFuzzer, ASan and UBSan.
#
#     tests/fuzz/build.sh FOLDER [NAME...]     FOLDER gets NAME_fuzz; without names: every tests/fuzz/*_fuzz.c
#
# Then, for instance:  FOLDER/spf_fuzz -max_total_time=600 -dict=tests/fuzz/spf.dict NEW_CORPUS tests/fuzz/seeds/spf
set -eu
cd "$(dirname "$0")/../.."
folder=${1:?the folder that the fuzzers go to}
shift
[ $# -gt 0 ] || set -- $(ls tests/fuzz/*_fuzz.c | sed 's|.*/||; s|_fuzz\.c$||')
modules="opendkim libcrypto libidn2 libpsl jansson libconfig sqlite3 libxml-2.0 zlib"
flags="-std=c11 -g -O1 -D_GNU_SOURCE -Ipolicies -Ifilter -Itests/support -fsanitize=address,undefined -fno-sanitize-recover=undefined"
flags="$flags -DVERSION=\"fuzz\" -DASSAY_SETTINGS=\"/etc/assay/assay.conf\""
flags="$flags -fno-omit-frame-pointer $(pkg-config --cflags $modules)"
objects=$(mktemp -d)
trap 'rm -rf "$objects"' EXIT
mkdir -p "$folder"
for source in $(find policies filter/dns filter/settings filter/review filter/report -name '*.c') filter/metrics/metrics.c filter/metrics/histogram.c filter/listen.c filter/privileges.c filter/keys*.c filter/log.c \
	filter/version.c tests/support/fake_dns.c $(ls filter/tool/import/*.c | grep -v "/import[.]c") \
	filter/tool/key/key_file.c; do
	clang $flags -fsanitize=fuzzer-no-link -c "$source" -o "$objects/$(basename "$source" .c).o"
done
ar cr "$objects/libassay.a" "$objects"/*.o
for name in "$@"; do
	clang $flags -fsanitize=fuzzer "tests/fuzz/${name}_fuzz.c" "$objects/libassay.a" $(pkg-config --libs $modules) \
		-lopendmarc -lspf2 -lunbound -lpthread -o "$folder/${name}_fuzz"
done
