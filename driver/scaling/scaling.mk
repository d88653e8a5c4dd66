# Cost against live blocks and threads: `make scaling`; see docs/scaling.md.

SCALING := $(BUILD)/scaling
SCALING_OBJ := $(patsubst driver/scaling/%.c,$(SCALING)/%.o, \
               $(wildcard driver/scaling/*.c))

$(SCALING)/%.o: driver/scaling/%.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(DRIVER_FLAGS) -D_GNU_SOURCE -c $< -o $@

# memlib_real.o stands before libdriver.a, whose simulated memlib is not taken.
$(SCALING)/scaling: $(SCALING_OBJ) $(BUILD)/preload/memlib_real.o \
                    $(BUILD)/libdriver.a driver/memlib.syms
	$(call say,LINK,$@)
	$(Q)$(call link_driver,$(SCALING_OBJ) $(BUILD)/preload/memlib_real.o)

# Threads are for the stages from 4 on: the first three would only be slow.
SCALING_THREADS := $(filter-out $(BUILD)/stages/1-% $(BUILD)/stages/2-% \
                   $(BUILD)/stages/3-%,$(STAGE_LIBS))
PLOT := driver/scaling/plot.py
SCALING_FLAGS ?=

scaling: $(SCALING)/scaling $(STAGE_LIBS) ## cost against live blocks and threads: tables, build/scaling-*.png
	@$(PLOT) --check
	@$(SCALING)/scaling $(STAGE_LIBS:%=--live %) \
	  $(SCALING_THREADS:%=--threads %) --json $(BUILD)/scaling.json \
	  $(SCALING_FLAGS)
	@driver/scaling/count.py --build $(BUILD) --json $(BUILD)/scaling.json \
	  $(STAGE_LIBS) libc
	@$(PLOT) $(BUILD)/scaling.json --live $(BUILD)/scaling-live.png \
	  --work $(BUILD)/scaling-work.png \
	  --threads $(BUILD)/scaling-threads.png

# make replay [REPLAY_TRACES='traces/cc1.rep ...'] [REPLAY_ROUNDS=3]
REPLAY_TRACES ?=
REPLAY_ROUNDS ?= 3
replay: all ## stage 7 on traces in threads, beside glibc and stage 4
	@driver/scaling/replay.py --build $(BUILD) --rounds $(REPLAY_ROUNDS) \
	  $(REPLAY_TRACES)

.PHONY: scaling replay
