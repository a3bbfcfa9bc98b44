#!/bin/sh
# Install the Debian packages that are missing, saying which and why.
# usage: deps.sh [--optional] PACKAGE...   (optional: one line when it fails)
if [ "$1" = --optional ]; then
	shift
	sh "$0" "$@" >/dev/null 2>&1 || echo "going on without optional packages: $*"
	exit 0
fi
missing=
for p; do
	dpkg-query -W -f '${Status}' "$p" 2>/dev/null | grep -q 'ok installed' ||
		missing="$missing $p"
done
[ -n "$missing" ] || exit 0
if ! command -v apt-get >/dev/null 2>&1; then
	echo "triarch needs these packages, by their Debian names; please install them:"
	printf '  %s\n' $missing
	echo "then run 'make' (not 'make run' or 'make test')"
	exit 1
fi
sudo=
if [ "$(id -u)" -ne 0 ]; then
	sudo=sudo
	command -v sudo >/dev/null 2>&1 || {
		echo "no sudo here; as root: apt-get install$missing"
		exit 1
	}
	echo "sudo is needed to install what the build misses:"
fi
echo "apt-get install --no-install-recommends$missing"
export DEBIAN_FRONTEND=noninteractive
# The lists may be stale or absent; the first try tells.
quiet() { $sudo apt-get install -y -q --no-install-recommends $missing </dev/null; }
log=$(mktemp) || exit 1
trap 'rm -f "$log"' EXIT
if ! quiet >"$log" 2>&1; then
	$sudo apt-get update -q >"$log" 2>&1 && quiet >>"$log" 2>&1 || {
		tail -n 15 "$log"
		echo "apt-get could not install:$missing"
		exit 1
	}
fi
