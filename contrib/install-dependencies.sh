#!/bin/sh
# Installs what Assay needs on Debian: the one place that names the packages.
#
#     contrib/install-dependencies.sh [--print] [build|demo|test|lint|bench|package]...
#
#   build  compiler, build tools, libraries, the keys of DNSSEC (the default)
#   demo   a mail server, a name server and a sender for contrib/demo.sh; build too
#   test   everything that tests/run.sh uses, and the user assay; build, demo and lint too
#   lint   the tools of make lint and make coverage; build too
#   package what contrib/package.sh makes the Debian package with; build too
#   bench  the filters that tests/bench/run compares; build and demo too
#
# Installs only what is not there yet, removes nothing, asks nothing, starts no daemon, and needs root only if
# something is missing. --print lists the packages, one a line.
set -eu

build_packages="gcc libc6-dev make autoconf automake pkg-config
	libmilter-dev libspf2-dev libopendkim-dev libopendmarc-dev libconfig-dev libunbound-dev libssl-dev
	libsqlite3-dev libidn2-dev libpsl-dev publicsuffix libxml2-dev zlib1g-dev libjansson-dev libsystemd-dev
	libgmime-3.0-dev libarchive-dev libseccomp-dev libmicrohttpd-dev libcurl4-openssl-dev libmaxminddb-dev dns-root-data"
demo_packages="postfix nsd swaks python3 python3-dkim python3-nacl openssl procps"
lint_packages="clang-tidy cppcheck codespell shellcheck mandoc pyflakes3 gcovr"
test_packages="clang llvm libclang-rt-14-dev clang-format libcmocka-dev miltertest universal-ctags binutils git mandoc bash-completion
	strace python3-yaml python3-cryptography python3-dnspython python3-spf python3-authres python3-authheaders libmail-dmarc-perl
	sqlite3 libxml2-utils dmarc-cat prometheus
	chromium chromium-driver python3-selenium tidy libjs-chart.js
	lintian debootstrap systemd python3-seccomp
	libmail-dkim-perl opendkim-tools sasl2-bin libsasl2-modules libsasl2-modules-db iproute2 m4 libwrap0 libldap-2.5-0 libnsl2
	opendkim opendmarc postfix-policyd-spf-python libunwind8"
package_packages="build-essential dpkg-dev debhelper
	libcmocka-dev openssl sqlite3 python3 python3-cryptography python3-dkim python3-dnspython python3-nacl python3-yaml"
bench_packages="gnuplot-nox strace opendkim opendmarc rspamd unbound iproute2 python3-dnspython"

usage()
{
	sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//;p}' "$0"
	exit 64
}

wanted=""
print=no
for word in "${@:-build}"; do
	case "$word" in
	--print) print=yes ;;
	build) wanted="$wanted $build_packages" ;;
	demo) wanted="$wanted $build_packages $demo_packages" ;;
	package) wanted="$wanted $build_packages $package_packages" ;;
	test) wanted="$wanted $build_packages $demo_packages $package_packages $test_packages $lint_packages" ;;
	lint) wanted="$wanted $build_packages $lint_packages" ;;
	bench) wanted="$wanted $build_packages $demo_packages $bench_packages" ;;
	*) usage ;;
	esac
done
# shellcheck disable=SC2086  # one word a package
wanted=$(printf '%s\n' ${wanted:-$build_packages} | sort -u)
if [ "$print" = yes ]; then
	printf '%s\n' "$wanted"
	exit 0
fi

# The settings as they come name the user assay, and whoever checks them wants to find it.
case " $* " in
*" test "*)
	if ! getent passwd assay >/dev/null && [ "$(id -u)" = 0 ]; then
		useradd --system --user-group --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin assay
	fi
	;;
esac

missing=""
for package in $wanted; do
	status=$(dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null || true)
	[ "$status" = installed ] || missing="$missing $package"
done
[ -n "$missing" ] || exit 0
if [ "$(id -u)" != 0 ]; then
	echo "packages are missing; run as root: apt-get install --no-install-recommends$missing" >&2
	exit 1
fi

# A package that brings a daemon starts it on installation; policy-rc.d is how Debian lets one say no.
policy=/usr/sbin/policy-rc.d
policy_is_ours=no
restore()
{
	[ "$policy_is_ours" = no ] || rm -f "$policy"
}
trap restore EXIT
trap 'exit 130' INT TERM HUP
if [ ! -e "$policy" ]; then
	policy_is_ours=yes
	printf '#!/bin/sh\nexit 101\n' >"$policy"
	chmod 755 "$policy"
fi

DEBIAN_FRONTEND=noninteractive
export DEBIAN_FRONTEND
# Debian has one mail server at a time: without --no-remove, Postfix for the demo would put out the one that is there.
apt_install()
{
	# shellcheck disable=SC2086  # one word a package
	LC_ALL=C apt-get install "$@" --yes --quiet --no-install-recommends --no-remove -o DPkg::Lock::Timeout=600 \
		-o Dpkg::Options::=--force-confold $missing </dev/null
}
choose()
{
	case "$missing " in
	*" postfix "*) echo 'postfix postfix/main_mailer_type select No configuration' | debconf-set-selections ;;
	esac
}
install_missing()
{
	apt_install --simulate && choose && apt_install
}
give_up()
{
	cat "$log" >&2
	if grep -q 'remove is disabled' "$log"; then
		echo "Nothing was installed, because apt would have to remove packages of this host (see above)." >&2
		echo "If its mail server is among them, run this on another machine or in a container." >&2
	fi
	rm -f "$log"
	exit 1
}
log=$(mktemp)
echo "installing:$missing"
if ! install_missing >"$log" 2>&1; then
	! grep -q 'remove is disabled' "$log" || give_up
	# No package lists yet, or stale ones.
	{ apt-get update --quiet -o DPkg::Lock::Timeout=600 && install_missing; } >"$log" 2>&1 || give_up
fi
rm -f "$log"

# Nor shall a daemon that came along start with the next boot.
if [ -d /run/systemd/system ]; then
	for daemon in postfix nsd prometheus opendkim opendmarc rspamd unbound; do
		case "$missing " in
		*" $daemon "*) systemctl --quiet disable "$daemon" || true ;;
		esac
	done
fi
