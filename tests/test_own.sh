#!/bin/sh
# Data of one's own: info, try, plan, run and board on a path.
. "$(dirname "$0")/cli_lib.sh"
triarch_() { t --cache "$dir/cache" "$@"; }

awk 'BEGIN {
	print "id;when;price;colour;size;sold"
	for (i = 1; i <= 300; i++) {
		s = i * 7919 % 101
		printf "%d;%02d/%02d/2021;$%d;%s;%d,%d;%s\r\n", i, i % 28 + 1, i % 12 + 1,
			i * 31 % 97, i % 5 ? "red" : "?", s, i % 10,
			(s + i % 13 > 55 ? "yes" : "no")
	}
}' >"$dir/house.csv"
data=$dir/house.csv

triarch_ info "$data"
ok "info: of a path ends well" code 0
ok "info: a decimal comma" out "^size  *numeric  *feature"
ok "info: dates" out "^when  *date "
ok "info: amounts" out "^price  *amount "
ok "info: ids are left out, and why" out "^id  *numeric  *dropped.*an id"
ok "info: the target is guessed and said" out "the target is 'sold'"
ok "info: markers are said" out "'?' stands for a missing cell in 60 cells"
ok "info: the order of dates is said" out "day/month/year"
triarch_ info "$data[target=size,drop=id+when]" --format json
ok "info: brackets, as JSON" out '"task": "regression"'
ok "info: JSON has the columns" count 6 '"column":'
triarch_ info "$data[tagret=size]"
ok "info: a slip is a usage error" code 2
ok "info: with the cure" err "did you mean 'target'"
triarch_ info "$dir/nothing.csv"
ok "info: no such file" code 2
ok "info: is named" err "nothing.csv"

triarch_ try linear -d "$data"
ok "try: on a path" code 0
ok "try: an answer" out '^status  *ok'
ok "try: the row has the short name" out '^task  *house.csv$'
ok "try: notes come first" err "'id' is left out"
triarch_ try gbdt -d "$data" --target size --format json
ok "try: --target of a path" out '"task_kind": "regression"'
ok "try: no folder of mine is in the row" no out "$dir"
triarch_ try linear -d "$data[drop=sold,n=50]" --target price --task classification
ok "try: rows, brackets and --target together" out '^n_train  *50$'
triarch_ try linear -d letter --target x
ok "try: --target is not for the catalogue" code 2
ok "try: which is said" err "are for paths"

cp "$data" "$dir/holes.csv"
printf '301;01/01/2021;$5;red;3,5;\n' >>"$dir/holes.csv"
triarch_ try linear -d "$dir/holes.csv"
ok "try: a hole in the target" code 2
ok "try: its line and the cure" err 'line.* 302.*missing_target'
triarch_ info "$dir/holes.csv"
ok "info: shows the table of such a file all the same" out '^sold '
ok "info: and ends as it must" code 2
echo 'missing_target: drop' >"$dir/holes.csv.yaml"
triarch_ try linear -d "$dir/holes.csv"
ok "try: a file of settings beside it" code 0
echo 'misssing_target: drop' >"$dir/holes.csv.yaml"
triarch_ try linear -d "$dir/holes.csv"
ok "try: a slip in it has its place" err 'holes.csv.yaml:1:1'

awk 'BEGIN {
	print "a,leak,y"
	for (i = 0; i < 200; i++) print i * 7919 % 101 ".5," (i % 2 ? "p" : "q") "," i % 2
}' >"$dir/leak.csv"
triarch_ info "$dir/leak.csv"
ok "info: a column that gives the target away" out "column 'leak' alone predicts the target"
triarch_ try constant -d "$dir/leak.csv"
ok "try: it is warned of" err "column 'leak' alone predicts"

cat >"$dir/suites.yaml" <<'EOF'
suites:
  two:
    summary: two learners on anything
    repeats: 2
    tasks: [letter]
    learners: [constant, linear]
EOF
run() { t --cache "$dir/cache" --suites "$dir/suites.yaml" "$@"; }
run plan -s two -d "$data"
ok "plan: the suite's learners on a path" count 4 'to do$'
run run -s two -d "$data"
ok "run: on a path" code 0
ok "run: says what it is taken for" err "300 rows; columns:"
run run -s two -d "$data"
ok "run: what is there is not run again" err '4 reused, 0 ran'
(cd "$dir" && "$triarch" -o "$dir/results" --cache "$dir/cache" --suites suites.yaml \
	plan -s two -d house.csv >"$dir/out" 2>"$dir/err")
ok "plan: the same file by another path is the same task" count 4 ' ok$'
run board -s two -d "$data"
ok "board: of a path" out 'house.csv'
ok "board: ends well" code 0
ok "run: no folder of mine is in the rows" no grep -rq "$dir" "$dir/results/"
echo '302;01/01/2021;$5;red;3,5;no' >>"$data"
run plan -s two -d "$data"
ok "plan: a file that changed is another task" count 4 'to do$'
run run -s two -d "$data" -d "$dir/leak.csv[drop=leak]" -l constant
ok "run: two paths at once" code 0

mkdir -p "$dir/folder/a" "$dir/folder/b"
echo text >"$dir/folder/a/1.xyz"
triarch_ info "$dir/folder"
ok "info: a folder of nothing known" err 'one sub-folder for each class'
for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do
	echo "some words of number $i, all good" >"$dir/folder/a/$i.txt"
	echo "other things of number $i, all bad" >"$dir/folder/b/$i.txt"
done
triarch_ info "$dir/folder"
if [ "$rc" -eq 0 ]; then
	ok "info: a folder of texts" out '^folder: text, classification'
	ok "info: files of other kinds are told" out '1 files of other kinds'
	triarch_ try linear -d "$dir/folder"
	ok "try: on a folder of texts" out '^status  *ok'
else
	ok "info: a reader that is not built in is named" err "no reader 'text'"
fi
finish
