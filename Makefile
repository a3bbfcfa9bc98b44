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
# What a Debian system needs; tests/deps.sh reads this list.
DEPS := gcc g++ make pkg-config libopenblas0-openmp libopenblas-dev \
	libyaml-dev libjansson-dev libsqlite3-dev libssl-dev zlib1g-dev \
	libbz2-dev liblzma-dev libsndfile1-dev libsamplerate0-dev \
	libkissfft-dev libutf8proc-dev libbenchmark-dev
# What `make test` needs beyond them.
TEST_DEPS := libopenblas0-serial libopenblas0-pthread python3-minimal
PKGS := openblas yaml-0.1 jansson sqlite3 libcrypto zlib liblzma sndfile \
	samplerate kissfft-float libutf8proc

# The targets that must work before anything is installed do not ask pkg-config.
ifneq ($(filter-out deps help clean fmt,$(or $(MAKECMDGOALS),all)),)
PKG_CFLAGS = $(shell pkg-config --cflags $(PKGS) 2>/dev/null)
PKG_LIBS = $(shell pkg-config --libs $(PKGS) 2>/dev/null) -lbz2
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
SAN := -fsanitize=address -fno-omit-frame-pointer -O1
endif
ifeq ($(BUILD),ubsan)
SAN := -fsanitize=undefined -fno-sanitize-recover=undefined -O1
endif
ifeq ($(BUILD),tsan)
SAN := -fsanitize=thread -DTRIARCH_PAR_PTHREAD -O1
endif
ifeq ($(BUILD),cov)
SAN := --coverage -O0
endif
ALL_CFLAGS = $(STD) $(WARN) $(CFLAGS) $(SAN) $(PKG_CFLAGS)
ALL_LDFLAGS = $(LDFLAGS) $(SAN)

# ---------------------------------------------------------------- sources
SRC := $(wildcard harness/base/*.c datasets/*.c learners/*.c learners/*/*.c \
	results/*.c harness/*.c)
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

LEARNERS := $(filter-out learner param,$(patsubst learners/%.c,%,$(wildcard learners/*.c)))
READERS := $(patsubst datasets/read_%.c,%,$(wildcard datasets/read_*.c))
ENCODERS := $(patsubst datasets/encode_%.c,%,$(wildcard datasets/encode_*.c))

OBJ := $(PLAIN:%.c=$(B)/obj/%.o) \
	$(foreach l,$(LEVELS),$(KERNELS:%.c=$(B)/obj/%.$(l).o)) \
	$(B)/obj/gen/registry.o
LIB_OBJ := $(filter-out $(B)/obj/harness/main.o,$(OBJ))
LIB := $(B)/libtriarch.a

TESTS := $(patsubst tests/%.c,%,$(wildcard tests/test_*.c))
SHELL_TESTS := $(wildcard tests/test_*.sh)
FUZZERS := $(patsubst tests/%.c,%,$(wildcard tests/fuzz_*.c))

# ---------------------------------------------------------------- program
.PHONY: all run test bench lint fmt asan ubsan tsan cov install uninstall \
	clean help deps data test-deps check fuzz
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

# The registries follow the file names: a new file is a new entry.
$(B)/gen/registry.c: Makefile tests/registry.sh $(wildcard learners datasets)
	@mkdir -p $(@D)
	@sh tests/registry.sh "$(LEARNERS)" "$(READERS)" "$(ENCODERS)" > $@

# The commit that built this, in every row; rewritten only when it changed.
$(B)/gen/version.h: FORCE
	@mkdir -p $(@D)
	@v=$$(git describe --always --dirty --abbrev=12 2>/dev/null || echo unknown); \
	printf '#define TRIARCH_BUILD "%s"\n' "$$v" > $@.new; \
	cmp -s $@ $@.new && rm $@.new || mv $@.new $@
FORCE:
$(PLAIN:%.c=$(B)/obj/%.o): | $(B)/gen/version.h

-include $(OBJ:.o=.d)

# ---------------------------------------------------------------- tests
$(B)/tests/%: tests/%.c $(LIB)
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -MF $@.d -o $@ $< $(LIB) $(LIBS)
-include $(wildcard $(B)/tests/*.d)

check: $(B)/triarch $(TESTS:%=$(B)/tests/%)
	@BUILD_DIR=$(B) sh tests/run.sh $(TESTS:%=$(B)/tests/%) $(SHELL_TESTS)

test: deps test-deps
	@$(MAKE) --no-print-directory check

asan ubsan tsan cov:
	@$(MAKE) --no-print-directory BUILD=$@ check

help:
	@sed -n 's/^#   //p' Makefile; echo "targets: $$(sed -n '/^.PHONY/,/[^\\]$$/p' Makefile | tr -d '\\\n\t' | sed 's/.PHONY://')"

clean:
	rm -rf build
