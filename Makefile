# Seven Heaps: `make help` lists what can be made.

BUILD ?= build
CC ?= gcc
CFLAGS ?= -O2 -g
WARN := -Wall -Wextra -Wconversion -Wshadow -Wstrict-prototypes \
        -Werror=implicit-function-declaration
SAN ?=
# The language and the include paths hold whatever CFLAGS the user gives.
DRIVER_FLAGS := -std=gnu11 $(WARN) $(SAN) -pthread -MMD -MP -Istages -Idriver
STAGE_FLAGS := -std=c11 -D_DEFAULT_SOURCE $(WARN) $(SAN) -fPIC -MMD -MP \
               -Istages -Idriver

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.SUFFIXES:
MAKEFLAGS += --no-builtin-rules

# --- Names ---------------------------------------------------------------

STAGES := $(notdir $(patsubst %/mm.c,%,$(sort $(wildcard stages/[0-9]*/mm.c))))
STAGE_LIBS := $(STAGES:%=$(BUILD)/stages/%.so)

# number, name or folder of a stage -> its folder's name, or nothing
stage_of = $(strip $(foreach s,$(STAGES),$(if $(filter $(patsubst \
           stages/%,%,$(1:/=)),$(s) $(firstword $(subst -, ,$(s))) \
           $(subst $(firstword $(subst -, ,$(s)))-,,$(s))),$(s))))

define stage_list
The stages:
$(foreach s,$(STAGES),  make stage $(subst -,    # ,$(s))
)
endef

# --- The driver ----------------------------------------------------------

DRIVER_SRC := $(wildcard driver/*.c)
DRIVER_OBJ := $(DRIVER_SRC:driver/%.c=$(BUILD)/driver/%.o)

$(BUILD)/driver/%.o: driver/%.c Makefile
	@mkdir -p $(@D)
	$(CC) $(DRIVER_FLAGS) $(CFLAGS) -c $< -o $@

# Stages call memlib in the executable, so just these names are exported.
$(BUILD)/mdriver: $(DRIVER_OBJ) driver/memlib.syms
	$(CC) $(SAN) $(CFLAGS) -pthread $(DRIVER_OBJ) -o $@ \
	  -Wl,--dynamic-list=driver/memlib.syms -ldl -lm

# --- Stages --------------------------------------------------------------

LIBMM_SRC := $(wildcard stages/libmm/*.c)
LIBMM_OBJ := $(LIBMM_SRC:stages/libmm/%.c=$(BUILD)/libmm/%.o)

$(BUILD)/libmm/%.o: stages/libmm/%.c Makefile
	@mkdir -p $(@D)
	$(CC) $(STAGE_FLAGS) $(CFLAGS) -c $< -o $@

$(BUILD)/libmm.a: $(LIBMM_OBJ)
	@rm -f $@
	ar rc $@ $^

$(BUILD)/stages/%.o: stages/%/mm.c Makefile
	@mkdir -p $(@D)
	$(CC) $(STAGE_FLAGS) $(CFLAGS) -c $< -o $@

$(BUILD)/eras/seven.o: driver/eras/seven/adapter.c Makefile
	@mkdir -p $(@D)
	$(CC) $(STAGE_FLAGS) $(CFLAGS) -DSTAGE_ALIGN=MM_ALIGN -c $< -o $@

# What a shared object of a stage is linked from; only mm_stage leaves it.
link_stage = $(CC) $(SAN) $(CFLAGS) -shared -o $@ $(1) $(BUILD)/libmm.a \
             -Wl,--version-script=driver/stage.syms

$(BUILD)/stages/%.so: $(BUILD)/stages/%.o $(BUILD)/eras/seven.o \
                      $(BUILD)/libmm.a driver/vet.sh driver/stage.syms
	driver/vet.sh $< stages/$*/mm.c
	$(call link_stage,$< $(BUILD)/eras/seven.o)

.SECONDARY: $(STAGES:%=$(BUILD)/stages/%.o)

all: $(STAGE_LIBS) $(BUILD)/mdriver ## build every stage and the driver

-include $(wildcard $(BUILD)/*/*.d)

.PHONY: all
