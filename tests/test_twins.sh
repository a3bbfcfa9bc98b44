#!/bin/sh
# Twins on real data: who must not change does not, who should lose does. Data
# that is not here skips its promises by name.
. tests/tap.sh
# Real data and whole fits: what a sanitizer could find in them, the contract
# tests show it sooner.
[ "${BUILD_DIR:-build/release}" = build/release ] || { tap_done; exit; }
triarch=${BUILD_DIR:-build/release}/triarch
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT

# fit LEARNER TASK: {"error": ...} of one fit, kept so that a pair is fitted once
fit() {
	file=$tmp/$(echo "$1-$2" | tr -c 'a-z0-9.\n' _).json
	[ -s "$file" ] || "$triarch" -o "$tmp/rows" try "$1" -d "$2" --threads 2 \
		--format json >"$file" 2>"$tmp/err" || cat "$tmp/err" >&2
}
field() { # field NAME LEARNER TASK
	fit "$2" "$3"
	sed -n "s/^ *\"$1\": \"*\([^\",]*\)\"*,*$/\1/p" "$file" | head -n 1
}
# same_bits LEARNER TASK TWIN
same_bits() {
	a=$(field pred_sha256 "$1" "$2"); b=$(field pred_sha256 "$1" "$3")
	echo "$a $b"
	[ -n "$a" ] && [ "$a" = "$b" ]
}
# change LEARNER TASK TWIN TEST: does the change of the error, d, pass the test?
change() {
	a=$(field error "$1" "$2"); b=$(field error "$1" "$3")
	echo "error $a, twin $b"
	[ -n "$a" ] && [ -n "$b" ] &&
		awk -v a="$a" -v b="$b" "BEGIN { d = b - a; e = d < 0 ? -d : d; exit !($4) }"
}
# here SET: is the data there?
here() { "$triarch" list datasets --format csv | grep -q "^$1,.*,yes,"; }
skipped() { # skipped SET NAME...: every name as a skip
	set=$1; shift
	for name; do skip "$name" "no data set $set: triarch fetch $set"; done
}

gbdt_letter="warp_columns: gbdt predicts the same bits on letter"
krr_letter="rotate: kernel regression on letter is the same but for rounding"
tree_letter="rotate: gbdt loses on letter"
if here letter; then
	ok "$gbdt_letter" same_bits gbdt 'letter[n=2000]' 'letter[n=2000,warp_columns]'
	ok "$krr_letter" change krr 'letter[n=2000,rotate=0]' 'letter[n=2000,rotate]' 'e < 0.001'
	ok "$tree_letter" change gbdt 'letter[n=2000,rotate=0]' 'letter[n=2000,rotate]' 'd > 0.03'
else
	skipped letter "$gbdt_letter" "$krr_letter" "$tree_letter"
fi

gbdt_stops="warp_columns: gbdt predicts the same bits on mpls-stops, holes and all"
if here mpls-stops; then
	ok "$gbdt_stops" same_bits gbdt 'mpls-stops[n=2000]' 'mpls-stops[n=2000,warp_columns]'
else
	skipped mpls-stops "$gbdt_stops"
fi

krr_pixels="permute_pixels: kernel regression is the same but for rounding"
mlp_pixels="permute_pixels: the mlp is the same within the noise of its seed"
cnn_pixels="permute_pixels: the cnn loses"
if here fashion-mnist; then
	ok "$krr_pixels" change krr 'fashion-mnist[n=1000]' \
		'fashion-mnist[n=1000,permute_pixels]' 'e < 0.001'
	# seeds of an mlp differ by about 0.005 on 10,000 test rows
	ok "$mlp_pixels" change mlp 'fashion-mnist[n=1000]' \
		'fashion-mnist[n=1000,permute_pixels]' 'e < 0.02'
	ok "$cnn_pixels" change cnn 'fashion-mnist[n=1000]' \
		'fashion-mnist[n=1000,permute_pixels]' 'd > 0.01'
else
	skipped fashion-mnist "$krr_pixels" "$mlp_pixels" "$cnn_pixels"
fi

krr_bins="permute_bins: kernel regression is the same but for rounding"
cnn_bins="permute_bins: the cnn loses"
if here fillets; then
	ok "$krr_bins" change krr 'fillets[n=1000]' 'fillets[n=1000,permute_bins]' 'e < 0.005'
	ok "$cnn_bins" change cnn 'fillets[n=1000]' 'fillets[n=1000,permute_bins]' 'd > 0.02'
else
	skipped fillets "$krr_bins" "$cnn_bins"
fi

# Not the same bits: a document's embeddings are added up in another order.
bag="shuffle_tokens: a bag of words is the same but for rounding"
if here wordnet; then
	ok "$bag" change 'embedding_bag[buckets=0]' 'wordnet[n=2000]' \
		'wordnet[n=2000,shuffle_tokens]' 'e < 0.005'
else
	skipped wordnet "$bag"
fi
tap_done
