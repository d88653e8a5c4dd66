# Seven Heaps: `make help` lists what can be made.
#
# Only git, gcc and make are needed for the stages, the driver and the table;
# `make deps` installs what the tests need beside them. Everything built goes
# to $(BUILD); `make stage N` also leaves ./mdriver here.

BUILD ?= build
ifeq ($(origin CC),default)
CC := gcc
endif
CFLAGS ?= -O2 -g
SAN ?=
WARN := -Wall -Wextra -Wconversion -Wshadow -Wstrict-prototypes \
        -Werror=implicit-function-declaration

# The user's CFLAGS come after the warnings and before what must hold: the
# language, the include paths, the dependency files.
DEPEND := -MMD -MP
DRIVER_FLAGS = $(WARN) $(CFLAGS) -std=gnu11 $(SAN) -pthread $(DEPEND) \
               -Istages -Idriver
STAGE_FLAGS = $(WARN) $(CFLAGS) -std=c11 -D_DEFAULT_SOURCE $(SAN) -fPIC \
              $(DEPEND) -Istages -Idriver

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.SUFFIXES:
MAKEFLAGS += --no-builtin-rules --no-print-directory

# `make V=1` shows the commands; otherwise a word and a file name each.
V ?=
Q := $(if $(V),,@)
say = $(if $(V),,@printf '  %-5s %s\n' $(1) $(2))

# `make clean stage 3` and `make deps test` mean one after the other.
ifneq ($(filter clean deps,$(MAKECMDGOALS)),)
.NOTPARALLEL:
endif

# Rules for what lies in a folder of its own.
PARTS := $(wildcard driver/*/*.mk grader/*.mk)

# --- Names of the stages -------------------------------------------------

# Given on the command line, STAGES says which of them `make real` is to run.
WANTED_STAGES := $(if $(filter command%,$(origin STAGES)),$(STAGES))
override STAGES := $(notdir $(patsubst %/mm.c,%,$(sort $(wildcard stages/[0-9]*/mm.c))))
STAGE_LIBS := $(STAGES:%=$(BUILD)/stages/%.so)

number_of = $(firstword $(subst -, ,$(1)))
name_of = $(patsubst $(call number_of,$(1))-%,%,$(1))

# Number, name or folder of a stage -> the name of its folder, or nothing.
stage_of = $(strip $(foreach s,$(STAGES),$(if $(filter \
           $(patsubst stages/%,%,$(1:/=)),$(s) $(call number_of,$(s)) \
           $(call name_of,$(s))),$(s))))

define newline


endef
stage_list = The stages:$(foreach s,$(STAGES),$(newline)  make stage \
             $(call number_of,$(s))    or: make stage $(call name_of,$(s)))$(newline)

# --- The driver ----------------------------------------------------------

# Changed flags rebuild what was built with others.
flags = $(CC) $(DRIVER_FLAGS) / $(STAGE_FLAGS) / $(LDFLAGS)
$(BUILD)/flags: FORCE
	@mkdir -p $(@D)
	@echo '$(flags)' | cmp -s - $@ || echo '$(flags)' >$@

DRIVER_OBJ := $(patsubst %.c,$(BUILD)/%.o,$(wildcard driver/*.c))

$(BUILD)/driver/%.o: driver/%.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(DRIVER_FLAGS) -c $< -o $@

# All of the driver but main, for mdriver and for the tests.
$(BUILD)/libdriver.a: $(filter-out %/main.o,$(DRIVER_OBJ))
	@rm -f $@
	$(call say,AR,$@)
	$(Q)ar rc $@ $^

# Stages call memlib in the executable, so just these names are exported.
link_driver = $(CC) $(CFLAGS) $(SAN) -pthread $(LDFLAGS) -o $@ \
              $(1) $(BUILD)/libdriver.a -Wl,--dynamic-list=driver/memlib.syms \
              $(2) -ldl -lm

$(BUILD)/mdriver: $(BUILD)/driver/main.o $(BUILD)/libdriver.a \
                  driver/memlib.syms
	$(call say,LINK,$@)
	$(Q)$(call link_driver,$<)

# --- Stages --------------------------------------------------------------

LIBMM_OBJ := $(patsubst stages/%.c,$(BUILD)/%.o,$(wildcard stages/libmm/*.c))

$(BUILD)/libmm/%.o: stages/libmm/%.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(STAGE_FLAGS) -c $< -o $@

$(BUILD)/libmm.a: $(LIBMM_OBJ)
	@rm -f $@
	$(call say,AR,$@)
	$(Q)ar rc $@ $^

$(BUILD)/stages/%.o: stages/%/mm.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(STAGE_FLAGS) -c $< -o $@

$(BUILD)/eras/seven.o: driver/eras/seven/adapter.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(STAGE_FLAGS) -DSTAGE_ALIGN=MM_ALIGN -c $< -o $@

# A stage, its adapter and the defaults it leaves to libmm; only the table
# mm_stage can be seen from outside. vet looks at the object, its source and
# the library.
vet = CC='$(CC)' driver/vet.sh $(1) '$(2)' $@
link_stage = $(CC) $(CFLAGS) $(SAN) $(LDFLAGS) -shared -o $@ $(1) \
             $(BUILD)/libmm.a -Wl,--version-script=driver/stage.syms -lm

$(STAGE_LIBS): $(BUILD)/stages/%.so: $(BUILD)/stages/%.o \
               $(BUILD)/eras/seven.o $(BUILD)/libmm.a \
               driver/vet.sh driver/stage.syms driver/memlib.syms
	$(call say,LINK,$@)
	$(Q)$(call link_stage,$< $(BUILD)/eras/seven.o)
	$(Q)$(call vet,$<,stages/$*/mm.c)

.SECONDARY: $(STAGES:%=$(BUILD)/stages/%.o)

all: $(STAGE_LIBS) $(BUILD)/mdriver ## build every stage and the driver

# --- make stage ----------------------------------------------------------

ifneq ($(filter stage preload,$(MAKECMDGOALS)),)

# Goals that stand beside these two; the other word names the stage.
GOALS := $(shell sed -n 's/^\([a-z-]*\):.*\#\# .*/\1/p' Makefile $(PARTS))
WANTED := $(filter-out $(GOALS),$(MAKECMDGOALS))

ifdef MM
ifneq ($(WANTED),)
$(error Say either `make stage $(WANTED)` or `make stage MM=$(MM)`)
endif
ifneq ($(words $(MM)),1)
$(error MM=$(MM): make cannot handle a path with spaces; rename or move it)
endif
ifeq ($(wildcard $(MM)),)
$(error MM=$(MM): no such file)
endif
CHOSEN := $(BUILD)/student/mm.so

ERAS := $(notdir $(patsubst %/adapter.c,%,$(wildcard driver/eras/*/adapter.c)))
ifndef ERA
ERA := $(shell driver/eras/detect.sh '$(MM)')
endif
ifeq ($(filter $(ERA),$(ERAS)),)
$(error ERA=$(ERA): say one of $(ERAS))
endif
ifndef ALIGN
ALIGN := $(if $(filter classic 2010,$(ERA)),8,16)
endif
ifeq ($(filter $(ALIGN),8 16),)
$(error ALIGN=$(ALIGN): say 8 or 16)
endif

# The file is compiled as in its own era's lab, with the headers of that era.
ERA_FLAGS := $(shell driver/eras/flags.sh '$(ERA)' '$(MM)')

# FORCE, as another file may be meant by the same name of the result.
$(CHOSEN): FORCE $(BUILD)/libmm.a driver/stage.syms
	@mkdir -p $(@D)
	@echo '  CC    $(MM) (era $(ERA), blocks at multiples of $(ALIGN))'
	$(Q)$(CC) -Wall $(CFLAGS) -std=gnu11 $(SAN) -fPIC $(ERA_FLAGS) \
	  -c '$(MM)' -o $(@D)/mm.o
	$(Q)$(CC) $(STAGE_FLAGS) -DSTAGE_ALIGN=$(ALIGN) \
	  -c driver/eras/$(ERA)/adapter.c -o $(@D)/adapter.o
	$(Q)$(call link_stage,$(@D)/mm.o $(@D)/adapter.o)
	$(Q)$(call vet,$(@D)/mm.o,$(MM))
	$(if $(filter 2016,$(ERA)),$(Q)driver/eras/globals.sh $(@D)/mm.o '$(MM)' 128)
else
ifneq ($(words $(WANTED)),1)
$(error Say which one stage. $(stage_list))
endif
ifeq ($(call stage_of,$(WANTED)),)
$(error "$(WANTED)" is no stage. $(stage_list))
endif
CHOSEN := $(BUILD)/stages/$(call stage_of,$(WANTED)).so
.PHONY: $(WANTED)
$(WANTED): ; @:
endif

MDRIVER := $(if $(filter build,$(BUILD)),./mdriver,$(BUILD)/mdriver)
stage: $(CHOSEN) $(BUILD)/mdriver ## build one: `make stage 3`, `make stage explicit`
	@ln -sfn $(CHOSEN:$(BUILD)/%=%) $(BUILD)/stage.so
	$(if $(filter build,$(BUILD)),@ln -f $(BUILD)/mdriver mdriver)
	@echo 'Built $(CHOSEN). Next: $(MDRIVER) -t traces'

endif

# --- make test -----------------------------------------------------------

TEST_SRC := $(wildcard driver/tests/test_*.c stages/tests/test_*.c)
TEST_BIN := $(TEST_SRC:%.c=$(BUILD)/tests/%)
TEST_TAP := $(wildcard driver/tests/*.test stages/tests/*.test)
# What the tests share: all the other C files beside them.
TEST_HELP := $(filter-out driver/tests/hook.c $(TEST_SRC), \
             $(wildcard driver/tests/*.c stages/tests/*.c))
RUN_TESTS = driver/tests/run-tests.py --build $(BUILD) $(RUN_FLAGS)

$(BUILD)/tests/%.o: %.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(DRIVER_FLAGS) -c $< -o $@

$(BUILD)/libtests.a: $(TEST_HELP:%.c=$(BUILD)/tests/%.o)
	@rm -f $@
	$(call say,AR,$@)
	$(Q)ar rc $@ $^

# hook.o is linked whole, as nothing calls it: Criterion finds it.
TEST_LINK := $(BUILD)/tests/driver/tests/hook.o $(BUILD)/libtests.a
$(TEST_BIN): $(BUILD)/tests/%: $(BUILD)/tests/%.o $(TEST_LINK) \
             $(BUILD)/libdriver.a driver/memlib.syms
	$(call say,LINK,$@)
	$(Q)$(call link_driver,$< $(TEST_LINK),-lcriterion)

.SECONDARY: $(TEST_BIN:%=%.o)

$(TEST_BIN:%=%.o): | need-criterion
need-criterion:
	@echo '#include <criterion/criterion.h>' | $(CC) -E - >/dev/null 2>&1 || \
	  { echo 'The tests need Criterion: run `make deps` first.' >&2; exit 1; }

# What to run: every suite whose path contains $(T). Those that take longest
# begin, or one of them would be alone at the end.
T ?= /
LONG := %/make.test %/judge.test %/every-trace.test %/mutants.test %/parity.test \
        %/bench.test %/traces.test %/preload.test %/preload-threads.test %/real.test
BY_LENGTH = $(filter $(LONG),$(TEST_TAP)) $(filter-out $(LONG),$(TEST_TAP)) $(TEST_SRC)
SUITES = $(foreach s,$(BY_LENGTH),$(if $(findstring $(T),$(s)),$(s)))

# Just what these need is built; the parts add what their scripts do.
.SECONDEXPANSION:
SUITE_BIN = $(patsubst %.c,$(BUILD)/tests/%,$(filter %.c,$(SUITES)))
test: all $$(SUITE_BIN) ## run the tests; `make test T=trace` those with trace in the name
	@$(RUN_TESTS) $(SUITES)

# The sanitizers need a build of everything for themselves. An exact message
# about a crash is not theirs to give, so of the scripts one is run.
EVERY_TRACE := driver/tests/every-trace.test
SLOW_RUN := --seconds 1200

# What is undefined shows when a line is first run. `make test` plays the traces
# to their ends.
asan: ## run the unit tests and every trace's beginning under ASan and UBSan
	+@ASAN_OPTIONS=allocator_may_return_null=1 FIRST=3000 $(MAKE) BUILD=build/asan \
	  CFLAGS='-O1 -g -fno-omit-frame-pointer' \
	  SAN='-fsanitize=address,undefined -fno-sanitize-recover=undefined' \
	  TEST_TAP='$(EVERY_TRACE)' RUN_FLAGS='$(SLOW_RUN)' test

# The driver reserves addresses for 16 GiB or more if it may, and memcheck takes a
# second a trace to note that of each page.
MEMCHECK := prlimit --as=4294967296 valgrind -q

valgrind: all ## run every trace under memcheck; takes minutes
	@UNDER='$(MEMCHECK)' $(RUN_TESTS) $(SLOW_RUN) $(EVERY_TRACE)

# All traces have been under ASan then. What memcheck knows beyond that, whether
# memory was ever written, the beginning of these shows: every kind of call,
# small blocks and large, programs, threads.
FEW := alignment calloc-reuse coalescing edge-cases large-blocks realloc-vectors \
       python sqlite $(addprefix threads/,message-queue private redis-io)

memcheck: all ## run some traces under memcheck
	@UNDER='$(MEMCHECK)' FIRST=5000 NAMES='$(FEW)' $(RUN_TESTS) $(SLOW_RUN) $(EVERY_TRACE)

# Measured, too, as no lock of the driver's then keeps the threads apart. The
# first stages are all behind one lock, and each is the same to the tool; one of
# them is run. The unit tests are left out: Criterion cannot start under it.
tsan-traces: ## run every trace with threads under ThreadSanitizer
	+@TSAN_OPTIONS=halt_on_error=1 OPTIONS=--parallel NAMES='threads/*' FIRST=2000 \
	  ONLY='4-* 7-*' $(MAKE) BUILD=build/tsan CFLAGS='-O1 -g' SAN='-fsanitize=thread' \
	  TEST_SRC= TEST_TAP='$(EVERY_TRACE)' RUN_FLAGS='$(SLOW_RUN)' test

tsan: tsan-traces

# What else `make tsan` runs has been run by `make test`.
test-slow: asan tsan-traces memcheck ## run what takes minutes: the sanitizers, attacks, checkers

# --- make table, make diff -----------------------------------------------

# Exit status 1 says that a trace is not valid; the table shows which.
TRACES ?= traces
table: all ## every stage on every trace (or TRACES=folder): one table and build/table.json
	@$(BUILD)/mdriver $(STAGE_LIBS:%=--stage %) -t '$(TRACES)' \
	  --json $(BUILD)/table.json || [ $$? -eq 1 ]

# The last part of it, between two marks in README.md.
readme-table: all ## put the scores of `make table` into README.md
	@$(MAKE) table >$(BUILD)/table.txt
	@awk 'BEGIN { print "" } /^score, of 100/ { on = 1 } END { print "" } \
	      /^[^ ]*\.rep:/ { on = 0 } on { print ($$0 == "" ? "" : "    " $$0) }' \
	  $(BUILD)/table.txt >$(BUILD)/scores.txt
	@sed -i -e '/^<!-- scores -->/,/^<!-- end -->/ { /^<!--/!d }' \
	  -e '/^<!-- scores -->/ r $(BUILD)/scores.txt' README.md

ifneq ($(filter diff,$(MAKECMDGOALS)),)
PAIR := $(call stage_of,$(A)) $(call stage_of,$(B))
ifneq ($(words $(A) $(B) $(PAIR)),4)
$(error Say which two stages: `make diff A=2 B=3`. $(stage_list))
endif

diff: $(PAIR:%=$(BUILD)/stages/%.so) $(BUILD)/mdriver ## two stages: what changed, and the scores, `make diff A=2 B=3`
	@stages/diff.sh $(PAIR:%=stages/%/mm.c)
	@$(BUILD)/mdriver $(PAIR:%=--stage $(BUILD)/stages/%.so) -t traces || \
	  [ $$? -eq 1 ]
endif

# --- make deps, make format, make record ---------------------------------

deps: ## install the Debian packages that are missing
	@.ci/deps

C_FILES = $(shell find driver stages -name '*.[ch]' -not -path '*/eras/*')

format: ## clang-format all C files
	@clang-format -i $(C_FILES)

format-check: ## say which C files `make format` would change
	@clang-format --dry-run --Werror $(C_FILES)

include $(PARTS)

# --- make help, make clean -----------------------------------------------

help: ## list what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' \
	  $(MAKEFILE_LIST)

clean: ## remove everything built
	rm -rf build mdriver

FORCE:

-include $(wildcard $(BUILD)/*/*.d $(BUILD)/tests/*/*/*.d)

.PHONY: all stage table readme-table diff test asan tsan-traces tsan valgrind memcheck test-slow deps format \
        format-check help clean need-criterion FORCE
