#!/bin/sh
# package.sh - makes the Debian package of Assay, from a copy of the tree.
#
#     contrib/package.sh FOLDER        leaves assay_VERSION_ARCH.deb (and debug symbols, .changes, .buildinfo) in FOLDER
#
# The tree stays as it is. DEB_BUILD_OPTIONS=nocheck leaves the tests out, and what only they need. What is missing:
# contrib/install-dependencies.sh package. The settings of the package are in contrib/debian.
set -eu

[ $# = 1 ] || {
	sed -n '2,7s/^# \{0,1\}//p' "$0"
	exit 64
}
mkdir -p "$1"
output=$(cd "$1" && pwd)
cd "$(dirname "$0")/.."

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM HUP
source=$work/assay
mkdir "$source"
# What is tracked, or about to be; outside of git (a tarball), everything.
if [ -e .git ]; then
	git -c safe.directory="$PWD" ls-files -z --cached --others --exclude-standard >"$work/names"
else
	find . -type f -print0 >"$work/names"
fi
tar --create --null --files-from="$work/names" --ignore-failed-read | tar --extract --directory "$source"
cp -R "$source/contrib/debian" "$source/debian"

case " ${DEB_BUILD_OPTIONS:-} " in
*nocheck*) DEB_BUILD_PROFILES="${DEB_BUILD_PROFILES:-} nocheck" && export DEB_BUILD_PROFILES ;;
esac
cd "$source"
dpkg-buildpackage --build=binary --no-sign
cp "$work"/*.deb "$work"/*.changes "$work"/*.buildinfo "$output"
