#!/bin/sh
# Shows Assay at work, on any Debian 12, as root: installs what is missing, builds, starts a name server, a private
# Postfix and assayd in a temporary folder on loopback, sends six messages, prints what became of them and the report
# rows, and stops everything it started. Nothing of the host's mail is touched.
#
#     contrib/demo.sh [--keep]      --keep leaves the temporary folder with all logs
#
# The build is kept in build-demo/ beside the sources, apart from any build of yours.
set -eu
cd "$(dirname "$0")/.."

contrib/install-dependencies.sh demo

# A copy of the sources, so that a configured tree stays as it is; only what changed is copied and built again.
copy()
{
	mkdir -p build-demo/source
	tar --create --exclude='./build*' --exclude='./.git' --exclude='*.o' --exclude='*.a' --exclude=./config.status \
		--exclude=./config.h --exclude=./Makefile --exclude=./Makefile.in --exclude=./configure \
		--exclude=./aclocal.m4 --exclude=./m4 --exclude=./autom4te.cache --exclude=.deps --exclude=./assay \
		--exclude=./assayd --file=- . |
		tar --extract --keep-newer-files --warning=none --directory=build-demo/source --file=-
}
build()
{
	copy && cd build-demo/source &&
		{ [ -e configure ] || ./autogen.sh; } &&
		{ [ -e config.status ] || ./configure CFLAGS="-O2 -g"; } &&
		make -j"$(nproc)" assay assayd
}
mkdir -p build-demo
log=$PWD/build-demo/build.log
echo "building (the log is build-demo/build.log)"
# What a killed run left half made is made anew.
if ! (build) >"$log" 2>&1; then
	rm -rf build-demo/source
	if ! (build) >"$log" 2>&1; then
		tail -n 30 "$log" >&2
		exit 1
	fi
fi

exec /usr/bin/python3 contrib/demo.py --build build-demo/source "$@"
