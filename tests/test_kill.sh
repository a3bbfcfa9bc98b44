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
	if [ -f "$store.sums" ] && ! sha256sum -c --status "$store.sums"; then
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
start "$tmp/two" & first=$!
start "$tmp/two" & second=$!
wait $first; a=$?
wait $second; b=$?
ok "two runs at once on one store both succeed" [ "$a$b" = 00 ]
ok "and leave every row once" complete "$tmp/two"
ok "a run of a complete store has nothing to do" run "$tmp/two"
ok "--force adds repetitions" run "$tmp/two" --force -d letter -l constant
ok "and takes nothing away" [ "$(rows "$tmp/two")" -eq $((cells + 6)) ]

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
