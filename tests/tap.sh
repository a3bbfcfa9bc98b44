# TAP for shell tests: `. tests/tap.sh`, then ok/skip, and `tap_done` last.
tap_n=0 tap_bad=0

ok() { # ok "NAME" COMMAND...: the promise holds when the command succeeds
	tap_name=$1; shift
	tap_n=$((tap_n + 1))
	if "$@" >/dev/null 2>&1; then
		echo "ok $tap_n - $tap_name"
	else
		echo "not ok $tap_n - $tap_name"
		echo "# failed: $*"
		tap_bad=1
	fi
}

skip() { # skip "NAME" "WHAT IS MISSING"
	tap_n=$((tap_n + 1))
	echo "ok $tap_n - $1 # SKIP $2"
}

tap_done() {
	echo "1..$tap_n"
	exit $tap_bad
}
