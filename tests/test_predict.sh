#!/bin/sh
# A model is saved, and used again on new files: the same predictions, the same SHAP
# values; what is wrong with a model or a file is said, with the right exit code.
. tests/cli_lib.sh
cd "$dir" || exit 1
# predict takes -o for a file of its own
t() {
	"$triarch" "$@" >"$dir/out" 2>"$dir/err" </dev/null
	rc=$?
}

# rows SEED N: a class that follows from x, a category and a number with holes
rows() {
	awk -v seed="$1" -v n="$2" 'BEGIN { srand(seed); split("red,green,blue", c, ",")
		print "id,x,color,\"si,ze\",y"
		for (i = 0; i < n; i++) { x = rand(); k = int(rand() * 3) + 1
			s = rand() < .1 ? "" : rand() * 10
			printf "%d,%.6f,%s,%s,%s\n", i, x, c[k], s,
			       (x + k / 5 + s / 20 > 1.1 ? "high" : "low") } }'
}
rows 3 300 >train.csv
rows 4 80 >test.csv
fit() { # fit LEARNER TARGET [OPTION...]
	learner=$1 target=$2
	shift 2
	t try "$learner" --train train.csv --test test.csv --target "$target" --threads 1 "$@"
}
# columns FILE FIRST: from a column on, without the header
columns() { sed 1d "$1" | cut -d, -f"$2"-; }
same() { cmp -s "$1" "$2"; }

# ------------------------------------------------------------- save, predict
fit 'gbdt[rounds=20]' y --save m.tri --predictions p.csv --shap s.csv
ok "try --save writes a model" code 0
ok "which is a file" [ -s m.tri ]
t predict m.tri test.csv --shap s2.csv
ok "predict reads it" code 0
cp "$dir/out" q.csv
columns p.csv 3 >a; columns q.csv 3 >b
ok "the predictions of the fit, digit by digit" same a b
ok "the SHAP values of the fit, too" same s.csv s2.csv
ok "names of classes head the columns" out '^row,prediction,p_high,p_low$'
ok "SHAP values have the names of columns" grep -q '^row,id,x,color,"si,ze",base$' s.csv
t predict m.tri test.csv -o o.csv --threads 2
ok "-o writes them into a file" same q.csv o.csv
ok "and nothing to stdout" [ ! -s "$dir/out" ]
fit 'gbdt[rounds=5]' x --save r.tri --predictions p.csv
t predict r.tri test.csv
cp "$dir/out" q.csv
columns p.csv 3 >a; columns q.csv 2 >b
ok "a regression comes back as well" same a b
fit constant y --save c.tri
t predict c.tri test.csv
ok "so does a constant" code 0

# ------------------------------------------------------------- other rows
awk -F, 'NR == 1 { print "color,new,\"si,ze\",x,id"; next }
	{ print $3 ",9," $4 "," $2 "," $1 }' test.csv >moved.csv
t predict m.tri moved.csv
columns "$dir/out" 3 >a
t predict m.tri test.csv
columns "$dir/out" 3 >b
ok "columns are found by name, others passed over, the target is not needed" same a b
sed 's/red/crimson/' test.csv >unseen.csv
sed 's/,red,/,,/' test.csv >holes.csv
t predict m.tri unseen.csv
columns "$dir/out" 3 >a
t predict m.tri holes.csv
columns "$dir/out" 3 >b
ok "a level that training had not is missing" same a b
cut -d, -f1-3 test.csv >less.csv
t predict m.tri less.csv
ok "a column that is not there: 2" code 2
ok "is named" err "less.csv: no column 'si,ze', which the model was fitted on"
sed '5s/,0\.[0-9]*,/,much,/' test.csv >text.csv
t predict m.tri text.csv
ok "a text among numbers: 2" code 2
ok "with its line" err 'text.csv:5: '
t predict m.tri nix.csv
ok "a file that is not there: 1" code 1

# ------------------------------------------------------------- models
size=$(wc -c <m.tri)
head -c $((size / 2)) m.tri >cut.tri
t predict cut.tri test.csv
ok "a model that was cut: 2" code 2
ok "is said to be cut short" err 'cut.tri: damaged model: .* cut short'
{ head -c 2000 m.tri; printf 'X'; tail -c +2002 m.tri; } >bad.tri
t predict bad.tri test.csv
ok "a model with a wrong byte: 2" code 2
ok "is said to be damaged" err 'bad.tri: damaged model: its content does not match its checksum'
{ head -c 8 m.tri; printf '\011'; tail -c +10 m.tri | head -c -64; } >new.tri
printf '%s' "$(sha256sum <new.tri | cut -c1-64)" >>new.tri
t predict new.tri test.csv
ok "a newer model: 2" code 2
ok "is said to be newer" err 'new.tri: made by a newer triarch (layout 9, this one reads up to 1)'
t predict test.csv test.csv
ok "a file that is no model: 2" code 2
ok "with how to make one" err "not a model of triarch's .*--save"
t predict nix.tri test.csv
ok "a model that is not there: 1" code 1
t predict m.tri
ok "no rows: usage" code 2
fit 'krr' y --save k.tri
ok "a learner that cannot be saved" code 1
ok "names those that can" err "models of 'krr' cannot be saved; those of .*gbdt.* can"
ok "before it is fitted" [ ! -s "$dir/out" ]
fit 'linear' y --shap k.csv
ok "and one without contributions says so" err "'linear' gives no contributions"
fit 'linear' y --save l.tri
ok "a linear model is saved" code 0
t predict l.tri test.csv
ok "but its view cannot be made anew: 1" code 1
ok "with what can" err "l.tri: it was fitted on the view 'dense'.*view=table"

fit 'mlp[epochs=2]' y --save n.tri
ok "so is a net" code 0
t predict n.tri test.csv
ok "whose rows cannot be made anew either" err "n.tri: it was fitted on the view 'dense'"
{ head -c 3000 n.tri; printf 'X'; tail -c +3002 n.tri; } >bad.tri
t predict bad.tri test.csv
ok "a net with a wrong byte is damaged" err 'bad.tri: damaged model: its content'

# ------------------------------------------------------------- dump
t dump m.tri
ok "dump prints JSON" code 0
for key in learner params classes columns importance objective base_score trees split \
	split_condition yes no missing gain cover leaf categories; do
	ok "with '$key'" out "\"$key\""
done
cp "$dir/out" d.json
fit 'gbdt[rounds=20]' y --dump d2.json
ok "try --dump writes the same" same d.json d2.json
t dump m.tri --format text
ok "text is for eyes" out '^0:\[.*\] yes=[0-9]*,no=[0-9]*,missing=[0-9]*,gain='
t dump m.tri --importance
ok "importance is a table" out '^column *gain *share'
t dump m.tri --importance --format csv
ok "or CSV" out '^column,gain,share,splits$'
t dump m.tri --format yaml
ok "another format: usage" code 2
t dump c.tri
ok "a constant has nothing to dump" code 1
t dump
ok "no model: usage" code 2
fit 'gbdt[rounds=20]' y --importance
ok "try --importance prints them behind the row" out '^x  *[0-9]'
ok "with the row" out '^accuracy'
fit 'gbdt[rounds=20]' y --importance --format json
ok "or into it as JSON" out '"importance"'
TMPDIR=$dir/tmp; mkdir "$TMPDIR"; export TMPDIR
fit 'gbdt[rounds=20]' y --importance
ok "nothing is left behind" [ -z "$(ls "$TMPDIR")" ]

# ------------------------------------------------------------- own data
{ echo "price;size;k;y"; awk 'BEGIN { for (i = 0; i < 90; i++)
	printf "$%d,5;%d,25;%s;%d\n", i % 13, i % 7, i % 3 ? "a" : "b", (i % 13 > 5) }'
} >own.csv
t try 'gbdt[rounds=5]' -d own.csv --target y --save own.tri --cache "$dir/cache" --offline
ok "a model of own data is saved" code 0
printf 'k;size;price\nb;1,25;$9,5\na;0,25;$1,5\n' >new.csv
t predict own.tri new.csv
ok "new rows are read as the file was laid out" code 0
ok "amounts and decimal commas too" out '^0,1,'
ok "row by row" out '^1,0,'
finish
