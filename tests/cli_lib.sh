# For TAP shell tests of the program; source it. Needs BUILD_DIR.
triarch=$(cd "$(dirname "${BUILD_DIR:-build/release}")" && pwd)/$(basename "${BUILD_DIR:-build/release}")/triarch
run=0
failed=0
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
unset NO_COLOR

# ok NAME COMMAND...: a promise that holds when the command does.
ok() {
	name=$1
	shift
	run=$((run + 1))
	if "$@" >"$dir/ok.log" 2>&1; then
		echo "ok $run - $name"
	else
		failed=$((failed + 1))
		echo "not ok $run - $name"
		sed 's/^/# /' "$dir/ok.log"
		[ -f "$dir/out" ] && head -c 600 "$dir/out" | sed 's/^/# out: /'
		[ -f "$dir/err" ] && head -c 600 "$dir/err" | sed 's/^/# err: /'
	fi
}

# t ARGS...: run the program; stdout in $dir/out, stderr in $dir/err, code in rc.
t() {
	"$triarch" -o "$dir/results" "$@" >"$dir/out" 2>"$dir/err" </dev/null
	rc=$?
}

out() { grep -qe "$1" "$dir/out"; }
err() { grep -qe "$1" "$dir/err"; }
no() { ! "$@"; }
code() { [ "$rc" -eq "$1" ] || { echo "exit code $rc"; false; }; }
# count N PATTERN: so many lines of the output match.
count() { [ "$(grep -ce "$2" "$dir/out")" -eq "$1" ]; }
# each PATTERN MORE: every line with PATTERN also has MORE, and there are some.
each() { out "$1" && ! grep -e "$1" "$dir/out" | grep -qve "$2"; }

finish() {
	echo "1..$run"
	[ "$failed" -eq 0 ]
	exit
}
