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

checkers: all ## hold every stage's mm_checkheap to its seeded bugs and 10^6 random calls
	@/usr/bin/python3 -m grader mutants --sound 1000000
	@grader/tests/tap.py -m slow grader/tests/test_mutants.py

test-slow: checkers

.PHONY: checkers
