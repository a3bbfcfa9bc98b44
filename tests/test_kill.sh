#!/bin/sh
# Nothing that is stored is ever lost, doubled or broken: not by kill -9, by a
# full disk, by Ctrl-C, or by two runs at once.
. tests/tap.sh
triarch=${BUILD_DIR:-build/release}/triarch
tmp=$(mktemp -d) || exit 1
trap 'umount "$tmp/small" 2>/dev/null; rm -rf "$tmp"' EXIT

cat >"$tmp/suites.yaml" <<'Y'
defaults: {threads: 1, limit_s: 60, memory_mb: 2000}
suites:
  kill:
    repeats: 6
    tasks: ["letter[n=200]", "satellite[n=200]"]
    learners: [constant, "gbdt[rounds=3]"]
  long:
    repeats: 2
    tasks: ["letter[n=8000]"]
    learners: ["gbdt[rounds=100000,leaves=255]"]
Y
cells=24

start() { # start STORE [OPTION...] &: then $! is the program itself
	into=$1; shift
	exec "$triarch" run -s kill --suites "$tmp/suites.yaml" -o "$into" \
		--offline -q "$@" 2>>"$tmp/log"
}
run() { (start "$@"); }
rows() { find "$1/cells" -name '*.json' 2>/dev/null | wc -l; }
good() { # rows of the suite that are there, readable and ok
	"$triarch" plan -s kill --suites "$tmp/suites.yaml" -o "$1" 2>"$tmp/plan.log" |
		grep -c ' ok$'
}
complete() { # every cell has its one row, and no file is broken
	[ "$(rows "$1")" -eq $cells ] && [ "$(good "$1")" -eq $cells ] &&
		! [ -s "$tmp/plan.log" ]
}

if ! "$triarch" try constant -d letter --offline -q >/dev/null 2>&1 ||
   ! "$triarch" try constant -d satellite --offline -q >/dev/null 2>&1; then
	skip "runs that are killed" "data of letter and satellite (triarch fetch)"
	tap_done
fi
run "$tmp/warm" || cat "$tmp/log" >&2 # encoded views into the cache
ok "a run without accidents is complete" complete "$tmp/warm"

# ------------------------------------------------- kill -9 at random moments
# Moments come from a fixed seed (an LCG), 20 to 319 ms after the start. What a
# killed run has stored must be there, unchanged, after all later ones.
seed=12345 kills=0 store=$tmp/kill0 unchanged=0
while [ $kills -lt 20 ]; do
	seed=$(((seed * 1103515245 + 12345) % 2147483648))
	start "$store" & pid=$!
	sleep "0.$(printf %03d $((20 + seed / 65536 % 300)))"
	kill -9 $pid 2>/dev/null && kills=$((kills + 1))
	wait $pid 2>/dev/null
	if [ -s "$store.sums" ] && ! sha256sum -c --status "$store.sums"; then
		unchanged=1
	fi
	find "$store/cells" -name '*.json' -exec sha256sum {} + \
		>"$store.sums" 2>/dev/null
	if [ "$(rows "$store")" -ge $cells ]; then # done: begin another
		ok "killed runs completed $(basename "$store")" complete "$store"
		store=$tmp/kill$kills
	fi
done
ok "kill -9 at 20 moments: no stored row is lost or changed" [ $unchanged -eq 0 ]
ok "and the next run completes the suite" run "$store"
ok "with no row lost, doubled or broken" complete "$store"
sleep 0.3
ok "and no orphan adds to it afterwards" complete "$store"

# ------------------------------------------------- two at once
both() { # both STORE [OPTION...]: two runs; what they say in $tmp/a and b
	rm -f "$tmp/a" "$tmp/b"
	for into in a b; do
		"$triarch" run -s kill --suites "$tmp/suites.yaml" --offline \
			-o "$@" 2>"$tmp/$into" &
		[ $into = a ] && first=$!
	done
	second=$!
	wait $first; rc_a=$?
	wait $second; rc_b=$?
}
ran() { sed -n 's/.* reused, \([0-9]*\) ran.*/\1/p' "$1"; }
shared() { # shared N: both did some of the N cells, and none twice
	[ "$rc_a$rc_b" = 00 ] && [ "$(ran "$tmp/a")" -gt 0 ] &&
		[ "$(ran "$tmp/b")" -gt 0 ] &&
		[ $(($(ran "$tmp/a") + $(ran "$tmp/b"))) -eq "$1" ]
}
both "$tmp/two"
ok "two runs at once on one store share its cells" shared $cells
ok "and leave every row once" complete "$tmp/two"
ok "what the other did is said" grep -q "by another run" "$tmp/a" "$tmp/b"
both "$tmp/two0" -j 2
ok "so do two runs of two cells at a time" shared $cells
both "$tmp/two" --force -d letter
ok "two runs with --force add a repetition each" [ "$(rows "$tmp/two")" -eq $((2 * cells)) ]
ok "and lose none of what they ran" [ "$(($(ran "$tmp/a") + $(ran "$tmp/b")))" -eq $cells ]
rm -rf "$tmp/two" && cp -r "$tmp/two0" "$tmp/two"
ok "a run of a complete store has nothing to do" run "$tmp/two"
ok "--force adds repetitions" run "$tmp/two" --force -d letter -l constant
ok "and takes nothing away" [ "$(rows "$tmp/two")" -eq $((cells + 6)) ]

# ------------------------------------------------- one of two is killed
long() { # long STORE: a run whose only cells take long
	exec "$triarch" run -s long --suites "$tmp/suites.yaml" -o "$1" --offline
}
for signal in KILL INT; do
	long "$tmp/dead$signal" 2>"$tmp/a" & first=$!
	sleep 0.5
	long "$tmp/dead$signal" 2>"$tmp/b" & second=$!
	sleep 0.7
	kill -$signal $first
	wait $first 2>/dev/null
	sleep 1
	# two cells, one each; with the first run gone only one is claimed
	long "$tmp/dead$signal" 2>"$tmp/c" & third=$!
	sleep 0.7
	cells_of() { tr ' ' '\n' </proc/$1/task/$1/children 2>/dev/null | grep -c .; }
	ok "a run ended by $signal leaves no claim: another takes its cell" \
		[ "$(cells_of $third)" -eq 1 ]
	kill -INT $second $third
	wait $second $third 2>/dev/null
done
long "$tmp/dead" 2>"$tmp/a" & first=$!
sleep 0.5
"$triarch" run -s long --suites "$tmp/suites.yaml" -o "$tmp/dead" --offline -j 2 \
	2>"$tmp/b" & second=$!
sleep 0.7
child=$(cat /proc/$second/task/$second/children)
ok "in top a cell is called triarch" [ "$(cat /proc/${child%% *}/comm)" = triarch ]
kill -INT $first $second
wait $first $second 2>/dev/null

# ------------------------------------------------- Ctrl-C
"$triarch" run -s long --suites "$tmp/suites.yaml" -o "$tmp/int" --offline \
	2>"$tmp/int.log" & pid=$!
sleep 1
kill -INT $pid
wait $pid; rc=$?
ok "Ctrl-C ends a run with 130" [ $rc -eq 130 ]
ok "and says how to go on" grep -q "go on with 'triarch run -s long" "$tmp/int.log"
ok "the abandoned cell has no row" [ "$(rows "$tmp/int")" -eq 0 ]

# ------------------------------------------------- bad places
: >"$tmp/file"
run "$tmp/file/results"; rc=$?
ok "a results folder that cannot be made ends a run with 1" [ $rc -eq 1 ]
ok "and is named" grep -q "$tmp/file/results" "$tmp/log"
if mkdir "$tmp/small" && mount -t tmpfs -o size=160k none "$tmp/small" 2>/dev/null; then
	run "$tmp/small/r"; rc=$?
	ok "a full disk ends a run with 1" [ $rc -eq 1 ]
	ok "and is said" grep -qi "no space" "$tmp/log"
	kept=$(rows "$tmp/small/r")
	mount -o remount,size=16m "$tmp/small"
	ok "what was stored before is readable" [ "$(good "$tmp/small/r")" -eq "$kept" ]
	ok "with room again the next run completes" run "$tmp/small/r"
	ok "nothing lost, doubled or broken" complete "$tmp/small/r"
else
	skip "a full disk" "the right to mount a small tmpfs"
fi
tap_done
