# The program whose instructions are counted; see docs/instructions.md.

COUNT_OBJ := $(patsubst driver/count/%.c,$(BUILD)/count-obj/%.o, \
             $(wildcard driver/count/*.c))

$(BUILD)/count-obj/%.o: driver/count/%.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(DRIVER_FLAGS) -D_GNU_SOURCE -c $< -o $@

$(BUILD)/count: $(COUNT_OBJ) $(BUILD)/libdriver.a driver/memlib.syms
	$(call say,LINK,$@)
	$(Q)$(call link_driver,$(COUNT_OBJ))

all: $(BUILD)/count
