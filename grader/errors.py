"""What can go wrong on the judge's side, never on the submission's."""


class GraderError(Exception):
    """The user's to mend: wrong usage, or something that is missing.

    The text says where, what, and the way out; status is the exit status.
    """

    def __init__(self, text, status=3):
        super().__init__(text)
        self.status = status


class UsageError(GraderError):
    """The command line asks for what cannot be."""

    def __init__(self, text):
        super().__init__(text, status=2)
