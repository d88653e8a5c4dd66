# The preload library and the annotated builds; see docs/preload.md.
#
#   make preload 7                 build/libmm-7.so
#   make preload MM=mm.c           build/libmm-student.so
#   make preload 3 TOOL=valgrind   build/libmm-3-valgrind.so, .a, -stage.so
#   make preload 3 TOOL=asan       build/libmm-3-asan.a and -stage.so

# Never built with a sanitizer: the library goes into programs of all kinds.
PRELOAD_FLAGS = $(WARN) $(CFLAGS) -std=gnu11 -D_GNU_SOURCE -fPIC \
                -fno-omit-frame-pointer $(DEPEND) -Istages -Idriver

$(BUILD)/preload/%.o: driver/preload/%.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(PRELOAD_FLAGS) -c $< -o $@

$(BUILD)/preload/tool_valgrind.o: | need-valgrind
need-valgrind:
	@echo '#include <valgrind/memcheck.h>' | $(CC) -E - >/dev/null 2>&1 || \
	  { echo "TOOL=valgrind needs Valgrind's headers: run \`make deps\`." >&2; \
	    exit 1; }

# malloc and the stage's mm_malloc become one function where the compiler can
# link across files: clang needs a plugin for it that Debian has apart.
LTO := $(if $(findstring clang,$(CC)),,-flto=auto -fno-semantic-interposition)
$(BUILD)/preload/preload.o: private PRELOAD_FLAGS += \
  $(if $(LTO),$(LTO) -ffat-lto-objects) -fno-builtin -fomit-frame-pointer

$(BUILD)/preload/stages/%.o: stages/%/mm.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(STAGE_FLAGS) $(LTO) -c $< -o $@

PRELOAD_OBJ := $(addprefix $(BUILD)/preload/,preload.o memlib_real.o mm_stats.o)
PRELOAD_SYMS := driver/preload/preload.syms

# Code and constants in one segment: two pages less in every process.
# $(1): what stands behind the functions of malloc(3).
link_preload = $(CC) $(CFLAGS) $(LDFLAGS) -pthread -shared -o $@ $(1) \
               $(PRELOAD_OBJ) $(BUILD)/libmm.a -lm \
               -Wl,--version-script=$(PRELOAD_SYMS) -Wl,-z,now,-z,nodelete,-z,noseparate-code

# The stage with some of its names changed, so that another file's come first.
# $(1): the stage's object; $(2): the files that say which names.
rename_stage = objcopy $(2:%=--redefine-syms=driver/preload/%.syms) $(1) $@

# --- One library a stage -------------------------------------------------

# $(1): the stage's folder; $(2): the name in the library's.
define preload_rules
$(BUILD)/libmm-$(2).so: $(BUILD)/preload/stages/$(1).o $(BUILD)/eras/seven.o \
                        $(PRELOAD_OBJ) $(BUILD)/libmm.a $(PRELOAD_SYMS)
	$$(call say,LINK,$$@)
	$$(Q)$$(call link_preload,$(LTO) $(BUILD)/preload/stages/$(1).o \
	  $(BUILD)/eras/seven.o)

$(call tools_rules,$(2),$(BUILD)/stages/$(1).o,$(BUILD)/eras/seven.o)
endef

# --- Annotated builds ----------------------------------------------------

RENAMED := raw annotate

# $(1): the name in the library's; $(2), $(3): the stage and its adapter.
define tools_rules
$(BUILD)/preload/$(1)-raw.o: $(2) $(RENAMED:%=driver/preload/%.syms)
	@mkdir -p $$(@D)
	$$(Q)$$(call rename_stage,$(2),$(RENAMED))

$(foreach tool,valgrind asan,$(call tool_rules,$(1)-$(tool),$(3),\
  $(addprefix $(BUILD)/preload/,$(1)-raw.o annotate.o tool_$(tool).o)))
endef

# $(1): the name in the library's; $(2): the adapter; $(3): all the rest but
# memlib. The one for LD_PRELOAD, the one for mdriver, the one to link with.
define tool_rules

$(BUILD)/libmm-$(1).so: $(3) $(2) $(PRELOAD_OBJ) $(BUILD)/libmm.a $(PRELOAD_SYMS)
	$$(call say,LINK,$$@)
	$$(Q)$$(call link_preload,$(3) $(2))

$(BUILD)/libmm-$(1)-stage.so: $(3) $(2) $(BUILD)/libmm.a driver/stage.syms
	$$(call say,LINK,$$@)
	$$(Q)$$(call link_stage,$(3) $(2))

$(BUILD)/libmm-$(1).a: $(3) $(2) $(BUILD)/preload/memlib_real.o $(LIBMM_OBJ)
	@rm -f $$@
	$$(call say,AR,$$@)
	$$(Q)ar rc $$@ $$^

endef

PRELOAD_STAGES := $(foreach s,$(STAGES),$(call number_of,$(s)))
PRELOAD_LIBS := $(PRELOAD_STAGES:%=$(BUILD)/libmm-%.so)
$(foreach s,$(STAGES),$(eval $(call preload_rules,$(s),$(call number_of,$(s)))))

# --- A student's file ----------------------------------------------------

# What is not of this lab's era, or does not say all of mm.h, gets shim.c.
STUDENT := $(BUILD)/student
shim_reason = $(if $(filter-out seven,$(ERA)),its era is $(ERA),$(addprefix \
              it lacks ,$(firstword $(filter-out $(shell nm -P --defined-only \
              $(STUDENT)/mm.o | cut -d' ' -f1),mm_memalign mm_usable_size))))
student_objects = $(if $(shim_reason),$(STUDENT)/raw.o \
                  $(BUILD)/preload/shim.o,$(STUDENT)/mm.o)

$(BUILD)/libmm-student.so: $(STUDENT)/mm.so $(BUILD)/preload/shim.o \
                           $(PRELOAD_OBJ) $(BUILD)/libmm.a $(PRELOAD_SYMS)
	$(call say,LINK,$@)
	$(if $(shim_reason),@echo '  SHIM  $(MM): 16 bytes more a block since $(strip $(shim_reason))')
	$(Q)objcopy --redefine-syms=driver/preload/raw.syms $(STUDENT)/mm.o \
	  $(STUDENT)/raw.o
	$(Q)$(call link_preload,$(student_objects) $(STUDENT)/adapter.o)

# Made beside the stage's shared object.
$(STUDENT)/mm.o $(STUDENT)/adapter.o: $(STUDENT)/mm.so ;
$(eval $(call tools_rules,student,$(STUDENT)/mm.o,$(STUDENT)/adapter.o))

# --- make preload --------------------------------------------------------

ifneq ($(filter preload,$(MAKECMDGOALS)),)

LIBMM := $(BUILD)/libmm-$(if $(MM),student,$(call number_of,$(notdir $(CHOSEN))))
TOOL ?=
ifeq ($(TOOL),)
PRELOAD_MAKES := $(LIBMM).so
PRELOAD_NEXT := LD_PRELOAD=$(abspath $(LIBMM)).so PROGRAM
else ifeq ($(TOOL),valgrind)
PRELOAD_MAKES := $(LIBMM)-valgrind.so $(LIBMM)-valgrind-stage.so \
                 $(LIBMM)-valgrind.a
PRELOAD_NEXT := LD_PRELOAD=$(abspath $(LIBMM))-valgrind.so valgrind \
                --soname-synonyms=somalloc=nouserintercepts PROGRAM
else ifeq ($(TOOL),asan)
PRELOAD_MAKES := $(LIBMM)-asan-stage.so $(LIBMM)-asan.a
PRELOAD_NEXT := gcc -g -fsanitize=address -Istages PROGRAM.c $(LIBMM)-asan.a
else
$(error TOOL=$(TOOL): say valgrind or asan)
endif

preload: $(CHOSEN) $(PRELOAD_MAKES) ## a stage as a program's malloc: `make preload 7`
	@echo 'Built $(PRELOAD_MAKES). Next:'
	@echo '  $(PRELOAD_NEXT)'

.PHONY: preload
endif

# --- make test -----------------------------------------------------------

ANNOTATED := $(foreach n,$(PRELOAD_STAGES),$(addprefix $(BUILD)/libmm-$(n)-, \
             valgrind.so valgrind-stage.so asan.a asan-stage.so))

# With a sanitizer in everything there is no use for these.
ifeq ($(SAN),)
test: $$(if $$(filter %.test,$$(SUITES)),$$(PRELOAD_LIBS) $$(ANNOTATED))
endif

# `make asan` has built the driver with ASan.
annotated: asan $(ANNOTATED) ## run traces on annotated stages under both tools
	@$(RUN_TESTS) $(SLOW_RUN) driver/tests/preload/annotated.test

test-slow: annotated

tsan: $(BUILD)/libmm.a ## run the tests of threads under ThreadSanitizer
	@$(RUN_TESTS) $(SLOW_RUN) driver/tests/threads.test \
	  driver/tests/preload-tsan.test

.PHONY: need-valgrind annotated tsan
