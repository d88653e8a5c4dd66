# What starts a program on an allocator and measures it, for `make real` and
# `make bench`; see launch.c. It stands before programs with a preloaded
# library: no sanitizer in it.
LAUNCH := $(BUILD)/launch

$(LAUNCH): driver/launch/launch.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(Q)$(CC) $(WARN) $(CFLAGS) -std=gnu11 $(LDFLAGS) $< -o $@
