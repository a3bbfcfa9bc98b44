#!/bin/sh
# export_task: a task's rows as NumPy files, for peers that are run from Python.
. tests/tap.sh
tool=${BUILD_DIR:-build/release}/export_task
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT

code() { want=$1; shift; "$@" >/dev/null 2>"$dir/err"; [ $? -eq "$want" ]; }
shape() { head -c 128 "$1" | tr -d '\000' | grep -aq "'shape': ($2)"; }
size() { [ "$(wc -c <"$1")" -eq "$2" ]; }

ok "export: without a folder it says how it is used" code 2 "$tool" letter
ok "export: an unknown name is an error" code 3 "$tool" lettter "$dir"
ok "export: with a suggestion" grep -q "did you mean 'letter'" "$dir/err"
ok "export: so is an unknown view" code 3 "$tool" letter "$dir" 0 0 tabel
mkdir "$dir/none"
ok "export: without its data it names the cure" \
	env TRIARCH_CACHE="$dir/none" sh -c "! '$tool' letter '$dir' 2>'$dir/err'"
ok "export: which is a fetch" grep -q 'triarch fetch' "$dir/err"

# 20,000 rows: a fifth to test, a fifth of 1,250 asked for to validate
if "$tool" letter "$dir" 1 1000 2>"$dir/err"; then
	ok "export: as many rows as asked for" shape "$dir/train_x.npy" "1000, 16"
	ok "export: behind the header there are the cells" \
		size "$dir/train_x.npy" $((128 + 4 * 16 * 1000))
	ok "export: labels are one column" shape "$dir/train_y.npy" "1000,"
	ok "export: the test part is whole" shape "$dir/test_y.npy" "4000,"
	ok "export: classes stand beside the rows" grep -q '"classes": 26' "$dir/task.json"
	mkdir "$dir/again"
	"$tool" letter "$dir/again" 1 1000
	ok "export: the same rows twice" cmp -s "$dir/train_x.npy" "$dir/again/train_x.npy"
	ok "export: a folder that is not there is an error" \
		code 1 "$tool" letter "$dir/none/none" 1 1000
else
	skip "export: rows of letter" "letter (triarch fetch letter)"
fi
tap_done
