# The referee and its player; see docs/referee.md.

REFEREE_OBJ := $(patsubst %,$(BUILD)/driver/referee/%.o,main remote door wire rig audit \
               private busy)
PLAYER_OBJ := $(patsubst %,$(BUILD)/driver/referee/%.o,player seat guard wire)

$(BUILD)/referee: $(REFEREE_OBJ) $(BUILD)/libdriver.a driver/memlib.syms
	$(call say,LINK,$@)
	$(Q)$(call link_driver,$(REFEREE_OBJ))

# Nothing that a submission could write to says where a call goes.
$(BUILD)/player: private LDFLAGS += -Wl,-z,relro,-z,now
$(BUILD)/player: $(PLAYER_OBJ) $(BUILD)/libdriver.a driver/memlib.syms
	$(call say,LINK,$@)
	$(Q)$(call link_driver,$(PLAYER_OBJ))

all: $(BUILD)/referee $(BUILD)/player

-include $(wildcard $(BUILD)/driver/referee/*.d)
