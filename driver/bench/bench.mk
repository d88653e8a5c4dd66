# Comparison with production allocators; see docs/bench.md.
#
#   make bench [ROUNDS=5] [PROGRAMS='tree text'] [QUICK=1]
#   make icount [CASES='pair-64 fifo-64'] [QUICK=1]
#   ALLOCATORS='glibc mimalloc stage6 mine=/path/to/lib.so' for both

ALLOCATORS ?= glibc jemalloc tcmalloc mimalloc stage7
BENCH_LIBS := $(patsubst stage%,$(BUILD)/libmm-%.so,$(filter stage%,$(ALLOCATORS)))

# Always with -O2, and without the marks of control-flow protection, as the
# instructions of the programs' own loops are counted. The compiler must not
# know what malloc is, or it would leave calls out.
BENCH_FLAGS = $(WARN) $(CFLAGS) -O2 -fcf-protection=none \
              $(addprefix -fno-builtin-,malloc calloc realloc free) -std=gnu11 -D_GNU_SOURCE -pthread $(DEPEND)

$(BUILD)/bench/%.o: driver/bench/%.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(BENCH_FLAGS) -c $< -o $@

link_bench = $(CC) $(CFLAGS) $(LDFLAGS) -pthread $(1) -o $@ -ldl

# A program with a main of its own; the other files are one program.
BENCH_ALONE := hot
BENCH_WORK := $(patsubst driver/bench/%.c,$(BUILD)/bench/%.o,$(filter-out \
              $(BENCH_ALONE:%=driver/bench/%.c),$(wildcard driver/bench/*.c)))

$(BENCH_ALONE:%=$(BUILD)/bench/%): %: %.o
	$(call say,LINK,$@)
	$(Q)$(call link_bench,$<)

$(BUILD)/bench/work: $(BENCH_WORK)
	$(call say,LINK,$@)
	$(Q)$(call link_bench,$^)

# The same programs with a stage linked in, whose mm_checkheap they call. The
# library for preloading is built first, as its parts are what is linked.
# $(1): the stage's folder; $(2): its number.
define checked_rules
$(BUILD)/bench/checked-$(2): $(BENCH_WORK) $(BUILD)/libmm-$(2).so
	$$(call say,LINK,$$@)
	$$(Q)$$(call link_bench,$(BENCH_WORK) $(BUILD)/stages/$(1).o \
	  $(BUILD)/eras/seven.o $$(PRELOAD_OBJ) $(BUILD)/libmm.a) -lm
endef
$(foreach s,$(STAGES),$(eval $(call checked_rules,$(s),$(call number_of,$(s)))))

BENCH_RUN = --build '$(BUILD)' --allocators '$(ALLOCATORS)' $(if $(QUICK),--quick)

ROUNDS ?= 5
bench: $(BUILD)/bench/work $(BUILD)/launch $(BENCH_LIBS) ## programs under stage 7 and other allocators: time and memory
	@driver/bench/bench.py $(BENCH_RUN) --rounds '$(ROUNDS)' \
	  --programs '$(PROGRAMS)' --join '$(JOIN)'

icount: $(BUILD)/bench/hot $(BENCH_LIBS) ## instructions of malloc's hot paths, beside other allocators
	@driver/bench/icount.py $(BENCH_RUN) --cases '$(CASES)'

.PHONY: bench icount
