"""A place where a submission breaks a rule of the course."""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Finding:
    """rule: its name in the course file. where: "mm.c:12", or None."""

    rule: str
    text: str
    where: str | None = None
