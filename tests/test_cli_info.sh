#!/bin/sh
# list, info, status, doctor and fetch: what they promise without any data.
. "$(dirname "$0")/cli_lib.sh"

t list learners
ok "list: learners" out '^constant '
ok "list: ends well" code 0
t list learners --format json
ok "list: learners as JSON" count 1 '"name": "gbdt"'
t list datasets --format json --cache "$dir/cache"
ok "list: data sets as JSON; only what is made without files is here" \
	count "$(grep -c 'reader: synthetic' datasets/catalog.yaml)" '"present": "yes"'
for key in name modality task origin rows columns classes licence; do
	ok "list: they have $key" out "\"$key\": "
done
t list datasets --format csv
ok "list: as CSV" out '^name,modality,task,rows,'
t list suites
ok "list: suites" out '^quick '
t list claims --format json
ok "list: claims are an empty list" count 1 '^\[\]$'
t list transforms
ok "list: transforms with modality and severities" \
	out '^rotate  *tabular  *classification, regression  *0  *1  *1  *share of '
ok "list: a transform for everything" out '^label_noise  *any '
t list transforms --format csv
ok "list: transforms as CSV" out '^name,modalities,tasks,min,max,usual,severity,summary'
t list lerners
ok "list: an unknown kind is a usage error" code 2
ok "list: with a suggestion" err "did you mean 'learners'"
t list
ok "list: needs a kind" code 2

t info gbdt
ok "info: a learner's parameters" out '^shrinkage  *real '
ok "info: their search space" out 'log  *learning rate'
t info gbdt --format json
ok "info: as JSON" out '"parameters": \['
t info mpls-stops
ok "info: a data set's dropped columns and why" out '^left out  *idNum: '
t info noise_columns
ok "info: a transform's range" out '^range  *0 .. 10'
ok "info: and how it is written" out "^written  *-d 'NAME.noise_columns=1.'"
t info rotat
ok "info: a transform is suggested" err "did you mean 'rotate'"
t info gbtd
ok "info: an unknown name is a usage error" code 2
ok "info: with a suggestion" err "did you mean 'gbdt'"
t info
ok "info: needs a name" code 2
t info gbdt --format yaml
ok "info: an unknown format is a usage error" code 2
t info --help
ok "info: --help ends well" code 0
ok "info: and goes to stdout" out '^usage: triarch info'

t status
ok "status: without a store all is missing" out 'triarch run -s quick'
t status -s quick --format json
ok "status: one suite as JSON" each '"done"' '"done": 0'
t status -s quikc
ok "status: an unknown suite is a usage error" code 2
ok "status: makes no results folder" no test -e "$dir/results"

t board -s quick
ok "board: without a store there is nothing to show" code 3
ok "board: and the cure is named" err 'triarch run'
t board
ok "board: needs a suite" code 2
ok "board: and says how to find one" err 'triarch list suites'
t board -s quick --format htlm
ok "board: an unknown format is a usage error" code 2

t fetch
ok "fetch: needs names" code 2
t fetch letter --offline --cache "$dir/cache"
ok "fetch: offline, what is missing is exit code 3" code 3
ok "fetch: and named" err 'letter'
t fetch lettre
ok "fetch: an unknown data set is a usage error" code 2
t fetch --all --offline --cache "$dir/cache" --quiet
ok "fetch: names everything that is missing" err 'letter, .*fashion-mnist'
ok "fetch: and starts nothing" no out fetched

t doctor --cache "$dir/cache"
ok "doctor: names the BLAS kernels" out '^BLAS '
ok "doctor: says what data is missing" out 'triarch fetch --all'
t doctor --format json --cache "$dir/cache"
ok "doctor: as JSON" count 1 '"what": "CPU"'
t doctor --cache /proc/nothing
ok "doctor: what must be mended is exit code 1" code 1
ok "doctor: and named" out '^cache  *mend '
mkdir -p "$dir/results/cells/ab"
echo '{' >"$dir/results/cells/ab/broken.json"
t doctor --cache "$dir/cache"
ok "doctor: a stored file that is no row is to be mended" out '^stored rows  *mend '
t list datasets --color always
ok "colour: where asked, on stdout too" out "$(printf '\033')"
NO_COLOR=1 t list datasets --color always
ok "colour: --color always wins over NO_COLOR" out "$(printf '\033')"
t list datasets
ok "colour: none in a pipe" no out "$(printf '\033')"
t list datasets --color never
ok "colour: none where it was refused" no out "$(printf '\033')"
t list datasets --color sometimes
ok "colour: another word is a usage error" code 2
t list learners --format md
ok "list: as Markdown" out '^| *constant *|'
t list learners --format json
for key in name family origin version views tasks summary; do
	ok "list: learners have $key" out "\"$key\": "
done
t list suites --suites "$dir/none.yaml"
ok "list: suites that are not there are named" err 'none.yaml'
t list datasets --catalog "$dir/none.yaml"
ok "list: so is a catalogue" err 'none.yaml'
t list learners --format jsn
ok "list: an unknown format is a usage error" code 2
t info gbdt --catalog "$dir/none.yaml"
ok "info: a learner's page needs no catalogue" code 0
t info letter --format json --cache "$dir/cache"
ok "info: a data set as JSON, with digests" out 'sha256 [0-9a-f]'
ok "info: and whether it is here" out 'no: triarch fetch'
t fetch -s quikc
ok "fetch: an unknown suite is a usage error" code 2
t fetch letter lettre --offline --cache "$dir/cache"
ok "fetch: one wrong name, and nothing is brought" no out .
ok "fetch: with a suggestion" err "did you mean 'letter'"
t doctor --format csv --cache "$dir/cache"
ok "doctor: as CSV" out '^what,state,found,cure$'
ok "doctor: names every library" out '^sqlite,ok,'
t doctor --format htlm
ok "doctor: an unknown format is a usage error" code 2
t doctor --catalog "$dir/none.yaml" --cache "$dir/cache"
ok "doctor: a catalogue that is not there is to be mended" \
	out '^data  *mend .*none.yaml'
t list learners --color always --format json
ok "colour: none in JSON" no out "$(printf '\033')"
# A terminal for stderr alone (script makes one): stdout is a file, so auto has
# no colours there and always has.
if script -qec true /dev/null >/dev/null 2>&1; then
	script -qec "$triarch list datasets --color always >$dir/out" /dev/null \
		>"$dir/tty" 2>&1
	ok "colour: always, with a terminal beside" out "$(printf '\033')"
	script -qec "$triarch list datasets >$dir/out" /dev/null >"$dir/tty" 2>&1
	ok "colour: auto looks at stdout, not at stderr" no out "$(printf '\033')"
	script -qec "$triarch list datasets" /dev/null >"$dir/out" 2>&1
	ok "colour: auto has them on a terminal" out "$(printf '\033')"
	NO_COLOR=1 script -qec "$triarch list datasets" /dev/null >"$dir/out" 2>&1
	ok "colour: none there with NO_COLOR" no out "$(printf '\033')"
	NO_COLOR='' script -qec "$triarch list datasets" /dev/null >"$dir/out" 2>&1
	ok "colour: an empty NO_COLOR asks for nothing" out "$(printf '\033')"
else
	skip "colours on a terminal" "script, or a pseudo-terminal (/dev/pts)"
fi
"$triarch" list datasets --format json >/dev/full 2>"$dir/err"
rc=$?
ok "list: a full disk is no success" code 1
NO_COLOR=1 t doctor
ok "colour: none with NO_COLOR" no out "$(printf '\033')"
finish
