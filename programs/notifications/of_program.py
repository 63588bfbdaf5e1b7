from operator import attrgetter
from typing import ClassVar

from mentorship.shared.notifications.registry import Notice


class OfProgram(Notice):
    """A mail that speaks for a program: its words stand under it."""

    # The way from the subject to the program.
    program_at: ClassVar[str] = "cohort.program"

    def signature(self) -> str:
        return str(attrgetter(self.program_at)(self.subject).mail_signature)
