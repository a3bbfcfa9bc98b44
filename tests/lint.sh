#!/bin/sh
# The house rules that a machine can check. Prints each breach as file:line and
# ends with the number of them.   usage: CC=cc CFLAGS=... lint.sh
found=$(mktemp) || exit 1
trap 'rm -f "$found"' EXIT
breach() { # breach TITLE: the lines on standard input are breaches
	lines=$(cat)
	[ -n "$lines" ] || return 0
	echo "$1"
	echo "$lines" | sed 's/^/  /'
	echo "$lines" >>"$found"
}
sources() { git ls-files -co --exclude-standard -- "$@" | grep -E '\.(c|h)$' |
	while read -r f; do [ -f "$f" ] && echo "$f"; done; }
includes() { # includes FOLDERS FORBIDDEN-PATTERN
	sources $1 | xargs -r grep -nE "^#include \"($2)"
}

includes 'harness/base' 'datasets|learners|results|harness/[^b]' |
	breach "harness/base includes only itself:"
includes 'datasets' 'learners|results|harness/[^b]' |
	breach "datasets includes only harness/base:"
includes 'learners' 'results|harness/[^b]' |
	breach "learners includes only datasets and harness/base:"
includes 'results' 'datasets|learners|harness/[^b]' |
	breach "results includes only harness/base:"

sources datasets learners | xargs -r grep -nwE \
	'(printf|fprintf|puts|putchar|perror|exit|_exit|abort|rand|srand|random|time|clock|gettimeofday|clock_gettime|clock_wall|clock_cpu|getenv|secure_getenv) ?\(' |
	breach "learners and datasets print nothing, never exit, read no clock or environment:"
sources learners | xargs -r grep -nwE '(malloc|calloc|realloc|free|alloca|strdup) ?\(' |
	breach "learners take memory from the arena:"
sources harness results datasets learners | grep -vE 'harness/base/(par|blas).c' |
	xargs -r grep -nE '#pragma omp|omp\.h|pthread_create' |
	breach "threads only through par_for:"
sources harness results datasets learners | grep -v 'harness/base/blas.c' |
	xargs -r grep -nwE 'cblas_[a-z]+|cblas\.h|[sd](potrf|gemm|trsm|syrk)_' |
	breach "BLAS only through blas.h:"
sources harness/base results | grep -v 'harness/base/log.c' |
	xargs -r grep -nwE '(printf|puts|putchar|exit) ?\(' |
	breach "only the command line prints or exits:"
sources . | xargs -r grep -nE 'typedef struct[^(]*$|[[:space:]]+$' |
	breach "no typedef struct, no trailing space:"

# A function of ours ends with a brace in the first column.
sources . | xargs -r awk '
	FNR == 1 { if (lines > 600) print last ": " lines " lines"; start = 0 }
	{ lines = FNR; last = FILENAME }
	length($0) > 100 { w = $0; gsub(/\t/, "        ", w) }
	{ w = $0; gsub(/\t/, "        ", w)
	  if (length(w) > 100) print FILENAME ":" FNR ": " length(w) " columns" }
	/^[a-zA-Z].*\(/ && !/;$/ { if (!start || closed) head = FNR; closed = 0 }
	/^\{/ { start = head ? head : FNR }
	/^\}/ { if (start && FNR - start + 1 > 60)
			print FILENAME ":" start ": a function of " FNR - start + 1 " lines"
		start = 0; closed = 1 }
	END { if (lines > 600) print last ": " lines " lines" }' |
	breach "functions of at most 60 lines, files of 600, lines of 100 columns:"

for h in $(sources harness datasets learners results tests | grep '\.h$'); do
	echo "#include \"$h\"" | ${CC:-cc} $CFLAGS -x c -fsyntax-only - 2>&1 | head -n 3
done | breach "headers that do not compile alone:"

bad=$(grep -c . "$found")
echo "lint: $bad breaches"
[ "$bad" -eq 0 ]
