# The grader; see docs/grader.md.

TEST_TAP += $(wildcard grader/tests/*.test)
