from operator import attrgetter
from typing import ClassVar

from mentorship.shared.notifications.registry import Notice
from programs.models import Program


class OfProgram(Notice):
    """A mail that speaks for a program: its name stands over it, its words stand under it."""

    # The way from the subject to the program.
    program_at: ClassVar[str] = "cohort.program"

    @property
    def program(self) -> Program:
        """The program that the mail speaks for."""
        program: Program = attrgetter(self.program_at)(self.subject)
        return program

    def sender(self) -> str:
        return self.program.name

    def signature(self) -> str:
        return self.program.mail_signature
