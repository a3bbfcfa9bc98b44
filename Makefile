# Triarch. `make help` lists the targets.
#
#   make            build/release/triarch
#   make BUILD=asan the same with a sanitizer (asan, ubsan, tsan, cov, debug)
#   make CC=clang   another compiler; CFLAGS and LDFLAGS are yours to add to

BUILD ?= release
PREFIX ?= /usr/local
DESTDIR ?=
CC ?= cc
CXX ?= c++
CFLAGS ?= -O2 -g
B := build/$(BUILD)

# ---------------------------------------------------------------- packages
# All that a Debian system needs, by what needs it; `make deps` installs what is
# missing of the first, `make test` and `make bench` of the others too. Without
# the optional ones a learner is left out of the build (OPTIONAL_LEARNERS).
DEPS := gcc make git ca-certificates pkg-config libopenblas0-openmp \
	libopenblas-dev libyaml-dev libjansson-dev libsqlite3-dev libssl-dev \
	zlib1g-dev libbz2-dev liblzma-dev libsndfile1-dev libsamplerate0-dev \
	libkissfft-dev libutf8proc-dev libcurl4-openssl-dev libarchive-dev libpng-dev \
	libjpeg62-turbo-dev libfreetype-dev
TEST_DEPS := libopenblas0-serial libopenblas0-pthread clang libomp-dev xz-utils bzip2 \
	libclang-rt-14-dev
OPTIONAL_DEPS := libxgboost-dev
BENCH_DEPS := g++ libbenchmark-dev python3-numpy python3-xgboost python3-sklearn \
	python3-torch
PKGS := openblas yaml-0.1 jansson sqlite3 libcrypto zlib liblzma sndfile \
	samplerate kissfft-float libutf8proc libcurl libarchive libpng libjpeg freetype2

# Targets that must work before anything is installed ask pkg-config nothing:
# they call make again for the rest.
SETUP := deps run test bench help clean fmt data
ifneq ($(filter-out $(SETUP),$(or $(MAKECMDGOALS),all)),)
PKG_CFLAGS := $(shell pkg-config --cflags $(PKGS))
PKG_LIBS := $(shell pkg-config --libs $(PKGS)) -lbz2
ifeq ($(PKG_LIBS),-lbz2)
$(error libraries are missing: run `make deps` first)
endif

# Learners that a library is needed for: LEARNER:PACKAGE, with the header that
# shows that it is here (pkg-config knows nothing of it) and what to link. The
# thread sanitizer is no use on threads that were not built for it.
OPTIONAL_LEARNERS := xgboost:libxgboost-dev
xgboost_HEADER := xgboost/c_api.h
xgboost_LIBS := -ldl
optional_learner = $(firstword $(subst :, ,$(1)))
has_library = $(shell echo 'int main(void){return 0;}' | $(CC) $(CFLAGS) $(LDFLAGS) \
	-include $($(1)_HEADER) -x c - -o /dev/null $($(1)_LIBS) 2>/dev/null && echo yes)
define optional_rule
ifeq ($$(BUILD),tsan)
LEFT_OUT += $(call optional_learner,$(1))
else ifeq ($$(call has_library,$(call optional_learner,$(1))),yes)
PKG_LIBS += $$($(call optional_learner,$(1))_LIBS)
else
LEFT_OUT += $(call optional_learner,$(1))
$$(if $$(MAKE_RESTARTS),,$$(info without learner $(call optional_learner,$(1)): \
	Debian package $(lastword $(subst :, ,$(1))) is missing))
endif
endef
$(foreach l,$(OPTIONAL_LEARNERS),$(eval $(call optional_rule,$(l))))
endif

# ---------------------------------------------------------------- flags
WARN := -Wall -Wextra -Wconversion -Wshadow -Wstrict-prototypes \
	-Wmissing-prototypes -Wvla
ifdef CI
WARN += -Werror
endif
STD := -std=gnu11 -D_GNU_SOURCE -I. -I$(B)/gen -MMD -MP -fopenmp
LIBS = $(PKG_LIBS) -fopenmp -lm -lpthread

ifeq ($(BUILD),debug)
STD += -O0
endif
ifeq ($(BUILD),asan)
SAN := -fsanitize=address,undefined -fno-sanitize-recover=undefined \
	-fno-omit-frame-pointer -O1
endif
ifeq ($(BUILD),ubsan)
SAN := -fsanitize=undefined -fno-sanitize-recover=undefined -O1
endif
ifeq ($(BUILD),tsan)
SAN := -fsanitize=thread -DTRIARCH_PAR_PTHREAD -O1
endif
ifeq ($(BUILD),fuzz)
SAN := -fsanitize=address,fuzzer-no-link -O1
FUZZ_LINK := -fsanitize=fuzzer
endif
ifeq ($(BUILD),cov)
SAN := --coverage -O0
endif
ALL_CFLAGS = $(STD) $(WARN) $(CFLAGS) $(SAN) $(PKG_CFLAGS)
ALL_LDFLAGS = $(LDFLAGS) $(SAN)

# ---------------------------------------------------------------- sources
SRC := $(wildcard harness/base/*.c datasets/*.c datasets/*/*.c learners/*.c learners/*/*.c \
	results/*.c harness/*.c)
SRC := $(filter-out $(LEFT_OUT:%=learners/%.c) $(foreach l,$(LEFT_OUT),$(wildcard learners/$(l)/*.c)),$(SRC))
# Hot loops: compiled once per instruction-set level (harness/base/simd.h).
KERNELS := $(filter %_kernels.c,$(SRC))
PLAIN := $(filter-out $(KERNELS),$(SRC))
ifeq ($(shell uname -m),x86_64)
LEVELS := base v3 v4
else
LEVELS := base
endif
LEVEL_FLAGS_base :=
LEVEL_FLAGS_v3 := -march=x86-64-v3
LEVEL_FLAGS_v4 := -march=x86-64-v4 -mprefer-vector-width=512
KERNEL_FLAGS := -O3 -ffp-contract=fast -fno-math-errno -fno-trapping-math

LEARNERS := $(filter-out learner param $(LEFT_OUT),$(patsubst learners/%.c,%,$(wildcard learners/*.c)))
READERS := $(patsubst datasets/read_%.c,%,$(wildcard datasets/read_*.c))
ENCODERS := $(patsubst datasets/encode_%.c,%,$(wildcard datasets/encode_*.c))
TRANSFORMS := $(patsubst datasets/transform_%.c,%,$(wildcard datasets/transform_*.c))

OBJ := $(PLAIN:%.c=$(B)/obj/%.o) \
	$(foreach l,$(LEVELS),$(KERNELS:%.c=$(B)/obj/%.$(l).o)) \
	$(B)/obj/gen/registry.o
LIB_OBJ := $(filter-out $(B)/obj/harness/main.o,$(OBJ))
LIB := $(B)/libtriarch.a

# The longest first: begun last, they would keep one processor waiting.
LONG := test_contract_nets test_contract_learners
TESTS := $(LONG) $(filter-out $(LONG),$(patsubst tests/%.c,%,$(wildcard tests/test_*.c)))
# Programs of their own, which peers in Python are measured with.
SETS_SRC := tests/bench/fit_sets.c tests/bench/export_sets.c tests/bench/set_files.c
BENCH_SRC := $(filter-out %_kernels.c $(SETS_SRC), $(wildcard tests/bench/*.c))
SHELL_TESTS := $(wildcard tests/test_*.sh)
FUZZERS := $(patsubst tests/%.c,%,$(wildcard tests/fuzz_*.c))

# ---------------------------------------------------------------- program
.PHONY: all run test bench bench-micro bench-trees bench-nets lint fmt asan ubsan tsan cov install uninstall \
	clean help deps data check fuzz
all: $(B)/triarch

$(B)/triarch: $(B)/obj/harness/main.o $(LIB)
	$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS)

$(LIB): $(LIB_OBJ)
	@rm -f $@
	@$(AR) rcs $@ $^

$(B)/obj/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -c -o $@ $<

define level_rule
$(B)/obj/%_kernels.$(1).o: %_kernels.c
	@mkdir -p $$(@D)
	$(CC) $$(ALL_CFLAGS) $$(KERNEL_FLAGS) $$(LEVEL_FLAGS_$(1)) \
		-DSIMD_SUFFIX=_$(1) -c -o $$@ $$<
endef
$(foreach l,$(LEVELS),$(eval $(call level_rule,$(l))))

$(B)/obj/gen/registry.o: $(B)/gen/registry.c
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -c -o $@ $<

# The registries follow the file names: a new file is a new entry. Rewritten
# when it changed, as it does also when a library has come or gone.
$(B)/gen/registry.c: tests/registry.sh FORCE
	@mkdir -p $(@D)
	@sh tests/registry.sh "$(LEARNERS)" "$(READERS)" "$(ENCODERS)" \
		"$(TRANSFORMS)" "$(LEFT_OUT)" > $@.new
	@cmp -s $@ $@.new && rm $@.new || mv $@.new $@

# The commit that built this, in every row; rewritten only when it changed.
$(B)/gen/version.h: FORCE
	@mkdir -p $(@D)
	@v=$$(git describe --always --dirty --abbrev=12 2>/dev/null || echo unknown); \
	printf '#define TRIARCH_BUILD "%s"\n#define TRIARCH_DATADIR "%s"\n' \
		"$$v" "$(PREFIX)/share/triarch" > $@.new; \
	cmp -s $@ $@.new && rm $@.new || mv $@.new $@
FORCE:
$(PLAIN:%.c=$(B)/obj/%.o): | $(B)/gen/version.h

-include $(OBJ:.o=.d)

# ---------------------------------------------------------------- tests
$(B)/tests/%: tests/%.c $(LIB)
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -MF $@.d -o $@ $< $(LIB) $(LIBS)
-include $(wildcard $(B)/tests/*.d)

$(B)/tests/fuzz_%: tests/fuzz_%.c $(LIB)
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) $(FUZZ_LINK) -MF $@.d -o $@ $< $(LIB) $(LIBS)

# The benchmarks are no tests, but they must compile.
check: $(B)/triarch $(TESTS:%=$(B)/tests/%) $(BENCH_SRC:%.c=$(B)/obj/%.o) \
		$(B)/bench_fit $(B)/bench_export
	@BUILD_DIR=$(B) sh tests/run.sh $(TESTS:%=$(B)/tests/%) $(SHELL_TESTS)

# The two commands of the README. They work on a system that has nothing but
# git, make and apt, so each step is a make of its own.
MAKE_QUIET = $(MAKE) --no-print-directory
run: deps
	@$(MAKE_QUIET) -s -j$(JOBS) all
	@$(B)/triarch run -s $(SUITE)
	@$(B)/triarch board -s $(SUITE)

test:
	@$(MAKE_QUIET) deps WANTED="$(DEPS) $(TEST_DEPS)"
	@$(MAKE_QUIET) -s -j$(JOBS) all
	@$(B)/triarch fetch --packages >build/fetch.log || echo "some data is missing (build/fetch.log): its tests are skipped"
	@$(MAKE_QUIET) -s -j$(JOBS) check

data: deps
	@$(MAKE_QUIET) -s -j$(JOBS) all
	@$(B)/triarch fetch --all

JOBS ?= $(shell nproc)
SUITE ?= quick
WANTED ?= $(DEPS)

deps:
	@sh tests/deps.sh $(WANTED)
	@sh tests/deps.sh --optional $(OPTIONAL_DEPS)

# The whole test suite under a sanitizer; clang's, whose reports are clearer.
asan ubsan:
	@$(MAKE_QUIET) -s -j$(JOBS) BUILD=$@ check
tsan:
	@TSAN_OPTIONS="suppressions=$(CURDIR)/tests/tsan.supp $$TSAN_OPTIONS" \
		$(MAKE_QUIET) -s -j$(JOBS) BUILD=$@ check

cov:
	@$(MAKE_QUIET) -s -j$(JOBS) BUILD=$@ check
	@sh tests/coverage.sh $(CURDIR)/build/cov

lint:
	@CC="$(CC)" CFLAGS="$(filter-out -MMD -MP,$(STD)) $(WARN) -Werror $(PKG_CFLAGS)" \
		sh tests/lint.sh

fmt:
	clang-format -i $(SRC) $(wildcard */*.h */*/*.h tests/*.c tests/*/*.c)

# libFuzzer on every parser: make fuzz FUZZ_SECONDS=600
FUZZ_SECONDS ?= 60
fuzz:
	@$(MAKE_QUIET) -s -j$(JOBS) CC=clang BUILD=fuzz $(FUZZERS:%=build/fuzz/tests/%)
	@sh tests/fuzz.sh $(FUZZ_SECONDS) $(FUZZERS:%=build/fuzz/tests/%)

# ---------------------------------------------------------------- bench
# Google Benchmark is C++: only its wrapper is compiled by $(CXX). The
# environment may pin OpenBLAS to another CPU's kernels, which is not what is
# to be measured. BENCH_ARGS=--benchmark_filter=gemm
BENCH_OBJ := $(BENCH_SRC:%.c=$(B)/obj/%.o) $(B)/obj/tests/bench/bench_wrapper.o \
	$(foreach l,$(LEVELS),$(B)/obj/tests/bench/peak_kernels.$(l).o)

$(B)/obj/tests/bench/bench_wrapper.o: tests/bench/bench_wrapper.cc
	@mkdir -p $(@D)
	$(CXX) -std=c++17 -O2 -Wall -Wextra -I. -MMD -MP \
		$(shell pkg-config --cflags benchmark) -c -o $@ $<

$(B)/bench: $(BENCH_OBJ) $(LIB)
	$(CXX) $(ALL_LDFLAGS) -o $@ $^ $(shell pkg-config --libs benchmark) $(LIBS)
-include $(BENCH_OBJ:.o=.d)

# Learners beside their peers: ours on one set, and real sets as files.
$(B)/bench_fit: $(B)/obj/tests/bench/fit_sets.o $(B)/obj/tests/bench/set_files.o $(LIB)
	$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS)
$(B)/bench_export: $(B)/obj/tests/bench/export_sets.o $(B)/obj/tests/bench/set_files.o $(LIB)
	$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS)
-include $(SETS_SRC:%.c=$(B)/obj/%.d)

# BENCH=micro is the micro-benchmarks alone, BENCH=trees and BENCH=nets are the
# trees and the nets beside their peers. The peers are Debian's Python packages: another Python has not got them.
BENCH ?= micro trees nets
TREES_ARGS ?=
NETS_ARGS ?=
PYTHON ?= /usr/bin/python3
TREES_DATA := fashion-mnist adult covtype letter diamonds
bench:
	@$(MAKE_QUIET) deps WANTED="$(DEPS) $(BENCH_DEPS)"
	@set -e; for b in $(BENCH); do $(MAKE_QUIET) bench-$$b; done

bench-micro:
	@$(MAKE_QUIET) -s -j$(JOBS) $(B)/bench
	@env -u OPENBLAS_CORETYPE -u OPENBLAS_L2_SIZE $(B)/bench \
		--benchmark_out=build/bench.json --benchmark_counters_tabular=false \
		$(BENCH_ARGS)

bench-trees:
	@$(MAKE_QUIET) -s -j$(JOBS) $(B)/triarch $(B)/bench_fit $(B)/bench_export
	@for d in $(TREES_DATA); do $(B)/triarch fetch $$d >>build/fetch.log 2>&1 || \
		echo "$$d is not to be had (build/fetch.log): it is left out"; done
	@$(PYTHON) tests/bench/peers.py --build $(B) $(TREES_ARGS)

bench-nets:
	@$(MAKE_QUIET) -s -j$(JOBS) $(B)/triarch $(B)/bench_fit $(B)/bench_export
	@$(B)/triarch fetch fashion-mnist >>build/fetch.log 2>&1 || \
		echo "fashion-mnist is not to be had (build/fetch.log): it is left out"
	@$(PYTHON) tests/bench/peers.py --bench nets --build $(B) $(NETS_ARGS)

# ---------------------------------------------------------------- install
SHARE = $(DESTDIR)$(PREFIX)/share
install: all
	install -d $(DESTDIR)$(PREFIX)/bin $(SHARE)/triarch/datasets \
		$(SHARE)/triarch/suites $(SHARE)/doc/triarch
	install -m 755 $(B)/triarch $(DESTDIR)$(PREFIX)/bin/
	install -m 644 suites.yaml $(SHARE)/triarch/
	install -m 644 datasets/catalog.yaml $(SHARE)/triarch/datasets/
	for f in suites/*.yaml; do [ ! -f "$$f" ] || \
		install -m 644 "$$f" $(SHARE)/triarch/suites/; done
	install -m 644 README.md LICENSE $(SHARE)/doc/triarch/

uninstall:
	rm -f $(DESTDIR)$(PREFIX)/bin/triarch
	rm -rf $(SHARE)/triarch $(SHARE)/doc/triarch

define HELP
make run        install what is missing, build, get the data, run the quick
                suite and print its leaderboard (SUITE=smoke for a minute's run)
make test       install what is missing, build and run every test
make            build $(B)/triarch
make deps data  the packages, the data of every suite
make bench      micro-benchmarks with the machine's context; boosted trees beside
                XGBoost and scikit-learn, nets beside PyTorch and scikit-learn
                (BENCH=micro, BENCH=trees, BENCH=nets; BENCH_ARGS=, TREES_ARGS=,
                NETS_ARGS=, see NETS_ARGS=--help)
make lint fmt   check the house rules; lay the code out by .clang-format
make asan ubsan tsan cov fuzz
                the tests under a sanitizer, with coverage; fuzzers
make install uninstall
                below PREFIX ($(PREFIX)), staged in DESTDIR
make clean      remove build/
variables       BUILD=release|debug|asan|ubsan|tsan|cov CC CFLAGS LDFLAGS JOBS
endef
export HELP
help:
	@echo "$$HELP"

clean:
	rm -rf build
