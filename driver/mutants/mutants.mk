# What a heap checker finds: the program behind `python3 -m grader mutants`;
# see docs/mutants.md.

MUTANTS_OBJ := $(patsubst driver/mutants/%.c,$(BUILD)/mutants-obj/%.o, \
               $(wildcard driver/mutants/*.c))

$(BUILD)/mutants-obj/%.o: driver/mutants/%.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(DRIVER_FLAGS) -D_GNU_SOURCE -c $< -o $@

# The library of mutants finds its switch here.
$(BUILD)/mutants: $(MUTANTS_OBJ) $(BUILD)/libdriver.a driver/memlib.syms \
                  driver/mutants/mutants.syms
	$(call say,LINK,$@)
	$(Q)$(call link_driver,$(MUTANTS_OBJ) \
	  -Wl$(comma)--dynamic-list=driver/mutants/mutants.syms)

comma := ,

all: $(BUILD)/mutants

# That every seeded bug is named is in `make test`.
checkers: all ## hold every stage's mm_checkheap to 10^6 random calls, and a good and a bad one to seeded bugs
	@$(RUN_TESTS) $(SLOW_RUN) stages/tests/slow/sound.test grader/tests/slow/checkers.test

test-slow: checkers

.PHONY: checkers
