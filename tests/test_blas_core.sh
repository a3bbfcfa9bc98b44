#!/bin/sh
# --blas-core: the kernels a run uses can be chosen, slow ones are warned of,
# and every row says which it had and what forced them.
. "$(dirname "$0")/cli_lib.sh"
unset OPENBLAS_CORETYPE OPENBLAS_L2_SIZE

core() { # the BLAS line of the doctor
	t doctor --format json --cache "$dir/cache" "$@"
}
field() { # field NAME VALUE: in the only row of $dir/$store
	cat "$dir/$store"/cells/*/*.json | grep -q "\"$1\":\"$2\""
}

if ! grep -qw avx2 /proc/cpuinfo; then
	echo "1..0 # SKIP a CPU with AVX2"
	exit 0
fi
core --blas-core Sandybridge
ok "a named core is used" out '"Sandybridge kernels'
core --blas-core=sandybridge
ok "in whatever case it is written" out '"Sandybridge kernels'
OPENBLAS_CORETYPE=Sandybridge OPENBLAS_L2_SIZE=65536 core
ok "the environment alone rules without the option" out 'L2_SIZE=65536'
OPENBLAS_CORETYPE=Sandybridge OPENBLAS_L2_SIZE=65536 core --blas-core auto
ok "auto takes the core out of the environment" no out '"Sandybridge kernels'
ok "and the size that goes with it" out 'no settings of BLAS'
core --blas-core Sandybrigde
ok "a core that OpenBLAS lacks: usage" code 2
ok "and it is said what it would take" err "would take '"
core --blas-core
ok "a missing value: usage" code 2
if ! grep -qw avx512bw /proc/cpuinfo; then
	core --blas-core SkylakeX
	ok "a core beyond this CPU: usage, not a crash" code 2
	ok "naming the best that it can" err "cannot run kernels 'SkylakeX', at most"
	OPENBLAS_CORETYPE=SkylakeX t doctor --cache "$dir/cache"
	ok "doctor: kernels that this CPU cannot run are to be mended" \
		out '^BLAS  *mend .*cannot run them, at most'
	ok "doctor: with the cure" out '^BLAS .*--blas-core auto'
	ok "doctor: and exit code 1" code 1
fi
t --help
ok "the help has it" out 'blas-core NAME'

if ! "$triarch" try constant -d letter --offline -q >/dev/null 2>&1; then
	echo "ok $((run += 1)) - rows # SKIP data of letter (triarch fetch)"
	finish
fi
one() { # one STORE [OPTION...]: one cell, forced by the environment
	store=$1
	shift
	OPENBLAS_CORETYPE=Sandybridge "$triarch" run -s smoke -l constant \
		-d letter --offline -o "$dir/$store" "$@" >"$dir/out" \
		2>"$dir/err" </dev/null
	rc=$?
}
head3() { head -3 "$dir/err" | grep -q -- "$1"; }
one forced
ok "a run on kernels below the CPU's succeeds" code 0
ok "with a warning in its first lines" head3 "because OPENBLAS_CORETYPE is set"
ok "that names the cure" head3 "--blas-core auto lifts it"
ok "the row has the core" field core Sandybridge
ok "and what forced it" field forced_by OPENBLAS_CORETYPE
one lifted --blas-core auto
ok "lifted: no warning" no err 'OPENBLAS_CORETYPE'
ok "the row has nothing that forced it" field forced_by ""
ok "nor the forced core" no field core Sandybridge
one lifted --blas-core auto
ok "the same kernels again: the row is reused" err '1 reused, 0 ran'
one lifted
ok "other kernels: their own row" err '0 reused, 1 ran'
finish
