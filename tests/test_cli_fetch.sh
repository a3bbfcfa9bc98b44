#!/bin/sh
# fetch with a catalogue of its own: mirrors, stamps, and what cannot be had.
. "$(dirname "$0")/cli_lib.sh"

entry() { # entry NAME LINE...: a data set with one file, its keys a line each
	printf '%s:\n  title: toy\n  modality: text\n  task: classification\n' "$1"
	shift
	printf '  files:\n    - '
	printf '%s\n      ' "$@"
	printf '\n  reader: wordnet\n  split: { kind: random }\n'
	printf '  metric: accuracy\n  licence: none\n  citation: none\n'
}
sha() { printf "$1" | sha256sum | cut -d' ' -f1; }
{
	entry one 'file: d/one.csv' 'url: http://127.0.0.1:1/one.csv' \
		"sha256: $(sha one)"
	entry two 'file: d/two.csv' 'url: http://127.0.0.1:1/two.csv' \
		"sha256: $(sha two)"
	entry hand 'file: d/hand.csv' 'page: https://example.org/hand' \
		"sha256: $(sha hand)"
} >"$dir/catalog.yaml"
f() { t fetch --catalog "$dir/catalog.yaml" --cache "$dir/cache" "$@"; }
mkdir -p "$dir/mirror/d"
printf one | gzip >"$dir/mirror/d/one.csv.gz"

f --all --offline
ok "fetch: offline and without a mirror, all is missing: 3" code 3
ok "fetch: the last line names them" err 'triarch: 3 of 3 .*: one, two, hand$'
ok "fetch: each with its cure" err "hand: .*https://example.org/hand.*--mirror"
f one --mirror "$dir/mirror" --offline
ok "fetch: from a mirror" out '^one  *fetched$'
ok "fetch: is all well" code 0
export TRIARCH_MIRROR="$dir/mirror"
printf two >"$dir/mirror/d/two.csv"
f --all --offline
ok "fetch: the mirror of the environment" out '^two  *fetched$'
ok "fetch: what is there stays" out '^one  *here$'
ok "fetch: one is missing still: 3" code 3
ok "fetch: and named alone" err 'triarch: 1 of 3 .*: hand$'
f two --mirror "$dir/none" --offline
ok "fetch: the cache needs no mirror" code 0
f one two --verify
ok "fetch: verified on request" count 2 'verified$'
printf xxx >"$dir/cache/files/$(sha one)/one.csv"
TRIARCH_MIRROR='' f one --offline
ok "fetch: damage without a mirror: 3" code 3
ok "fetch: with both digests" err "$(sha xxx).*$(sha one)"
f one
ok "fetch: and is mended from it" code 0
unset TRIARCH_MIRROR
rm -r "$dir/cache"
f two
ok "fetch: an address that does not answer: 3" code 3
ok "fetch: is told with another way" err 'http://127.0.0.1:1/two.csv.*--mirror'
t list datasets --catalog "$dir/catalog.yaml" --cache "$dir/cache" --format csv
ok "fetch: list says where they come from" out 'hand,.*https://example.org/hand'
t info hand --catalog "$dir/catalog.yaml" --cache "$dir/cache"
ok "fetch: info too" out 'https://example.org/hand: d/hand.csv'
finish
