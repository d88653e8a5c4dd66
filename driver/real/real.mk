# Real programs on the stages' malloc; see docs/real.md.
#
#   make real [STAGES='4 7'] [PROGRAMS='lua git'] [ROUNDS=5] [LIMIT=8] [QUICK=1]
#   make real MM=mm.c              a student's file, by `make preload MM=mm.c`

ifneq ($(filter real,$(MAKECMDGOALS)),)

ROUNDS ?= 5
LIMIT ?= 8
REAL_STAGES := $(foreach s,$(or $(WANTED_STAGES),$(STAGES)),$(or \
  $(call stage_of,$(s)),$(error STAGES: "$(s)" is no stage. $(stage_list))))
REAL_NUMBERS := $(foreach s,$(REAL_STAGES),$(call number_of,$(s)))
REAL_LIBS := $(if $(MM),student=$(BUILD)/libmm-student.so,\
             $(foreach n,$(REAL_NUMBERS),$(n)=$(BUILD)/libmm-$(n).so))

ifdef MM
real: real-student
real-student:
	@$(MAKE) preload MM='$(MM)'
.PHONY: real-student
else
real: $(REAL_NUMBERS:%=$(BUILD)/libmm-%.so)
endif

# Exit status 1 says that an answer was wrong; the last lines say which.
real: $(BUILD)/launch ## real programs on every stage's malloc: answers, time, memory
	@driver/real/real.py $(REAL_LIBS) --build '$(BUILD)' \
	  --rounds '$(ROUNDS)' --limit '$(LIMIT)' $(if $(QUICK),--quick) \
	  $(if $(PROGRAMS),--programs $(PROGRAMS)) --json '$(BUILD)/real.json'

endif

.PHONY: real
