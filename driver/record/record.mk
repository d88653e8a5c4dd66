# The recorder: `make record CMD='...' OUT=FILE.rep`; see traces/README.md.

RECORD_OBJ := $(patsubst driver/record/%.c,$(BUILD)/record/%.o,$(filter-out \
              %/recorder.c,$(wildcard driver/record/*.c)))

$(BUILD)/record/%.o: driver/record/%.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(WARN) $(CFLAGS) -std=gnu11 -D_GNU_SOURCE $(SAN) $(DEPEND) \
	  -c $< -o $@

$(BUILD)/record/record: $(RECORD_OBJ)
	$(call say,LINK,$@)
	$(Q)$(CC) $(CFLAGS) $(SAN) $(LDFLAGS) $^ -o $@

# Preloaded into programs of all kinds, so never built with a sanitizer.
$(BUILD)/record/recorder.so: driver/record/recorder.c driver/record/log.h \
                             $(BUILD)/flags
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(Q)$(CC) $(WARN) $(CFLAGS) -std=gnu11 -D_GNU_SOURCE -fPIC -fno-builtin \
	  -fvisibility=hidden -ftls-model=initial-exec -shared $< -o $@ -ldl

record-tools: $(BUILD)/record/record $(BUILD)/record/recorder.so

# The values go through the environment, so that any quotes in them survive.
record: export CMD := $(CMD)
record: export OUT := $(OUT)
record: export ABOUT := $(ABOUT)
record: export OPS := $(OPS)
record: export SKIP := $(SKIP)
record: export PROGRAM := $(PROGRAM)
record: record-tools ## record a program: CMD='...' OUT=FILE.rep [OPS=N] [SKIP=N]
	@$(BUILD)/record/record --about "$$ABOUT" --ops "$$OPS" --skip "$$SKIP" \
	  --program "$$PROGRAM" $${OUT:+--out "$$OUT"} -- "$$CMD"

.PHONY: record record-tools
