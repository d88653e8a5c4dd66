# A build of 300 objects in 12 folders, with rules made by a template.
$(lastword $(MAKEFILE_LIST)): ;

dirs := a b c d e f g h i j k l
nums := 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25
objects := $(foreach d,$(dirs),$(foreach n,$(nums),out/$(d)/part$(n).o))

all: $(dirs:%=out/%/lib.a)

define library
out/$(1)/lib.a: $(filter out/$(1)/%,$(objects))
	ar rc $$@ $$^
endef
$(foreach d,$(dirs),$(eval $(call library,$(d))))

define object
$(1): $(patsubst out/%.o,src/%.c,$(1)) $(subst out/,include/,$(1:.o=.h))
	cc $(addprefix -I,$(dirs)) -DNAME='"$(notdir $(basename $(1)))"' -c $$< -o $$@
endef
$(foreach o,$(objects),$(eval $(call object,$(o))))

src/%.c:
	touch $@
include/%.h:
	touch $@
