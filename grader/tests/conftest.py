"""What the tests of the grader share."""

import hypothesis

# No folder of examples beside the sources, and no failure for being slow.
hypothesis.settings.register_profile("lab", database=None, deadline=None)
hypothesis.settings.load_profile("lab")
