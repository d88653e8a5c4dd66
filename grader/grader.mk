# The grader; see docs/grader.md.
#
#   make grade SUBMISSIONS=dir STAGE=3 [METRIC=instructions] [HIDDEN=dir]
#     [COURSE=file.toml] [GRADES=where results go]

TEST_TAP += $(wildcard grader/tests/*.test)

GRADES ?= $(BUILD)/grades
GRADER_TOOLS := $(BUILD)/referee $(BUILD)/player $(BUILD)/libmm.a

# The stages and glibc, for the picture. Exit status 1 says that a trace is
# not valid, which the table of a stage shows.
$(GRADES)/marks.json: $(STAGE_LIBS) $(BUILD)/mdriver
	@mkdir -p $(@D)
	$(call say,TIME,'the stages and glibc, for the picture; takes minutes')
	$(Q)$(BUILD)/mdriver $(STAGE_LIBS:%=--stage %) -l -t traces -v0 --json $@ || \
	  [ $$? -eq 1 ]

# The values go through the environment, so that any quotes in them survive.
grade: export SUBMISSIONS := $(SUBMISSIONS)
grade: export STAGE := $(STAGE)
grade: export METRIC := $(METRIC)
grade: export HIDDEN := $(HIDDEN)
grade: export COURSE := $(COURSE)
grade: $(GRADER_TOOLS) $(GRADES)/marks.json ## judge a folder: `make grade SUBMISSIONS=dir STAGE=3`
	@python3 -m grader judge --all "$$SUBMISSIONS" --stage "$$STAGE" \
	  $${METRIC:+--metric "$$METRIC"} $${HIDDEN:+--hidden "$$HIDDEN"} \
	  $${COURSE:+--course "$$COURSE"} --build $(BUILD) --json-dir $(GRADES) \
	  --marks $(GRADES)/marks.json || [ $$? -eq 1 ]

attacks: all $(GRADER_TOOLS) ## every attack on the judge, as it is and with the vet switched off
	@$(RUN_TESTS) grader/tests/slow/attacks.test

test-slow: attacks

.PHONY: grade attacks
