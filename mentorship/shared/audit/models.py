from collections.abc import Mapping
from typing import Any, Protocol

from django.db import models

from mentorship.shared.audit import subjects
from mentorship.shared.audit.verbs import sentence_of, verbs_in
from mentorship.shared.base import clock


class Actor(Protocol):
    """Whoever acts has a public code; this package knows no more of people."""

    code: str


class AuditEventQuerySet(models.QuerySet["AuditEvent"]):
    def of_program(self, program: Any) -> "AuditEventQuerySet":
        return self.filter(program_code=program.code)

    def within(self, place: Any) -> "AuditEventQuerySet":
        """About this part of a program, or about no one part of it."""
        return self.filter(subjects.within(place))

    def about(self, words: str) -> "AuditEventQuerySet":
        """Whose subject has these words in its name."""
        return self.filter(subjects.called(words))

    def of_group(self, key: str) -> "AuditEventQuerySet":
        """Whose verb is in this group."""
        return self.filter(verb__in=verbs_in(key))


class AuditEvent(models.Model):
    """Who did what to what, when. No foreign keys: it outlives what it tells of.

    `actor_code` is a person's public code, so an erased person stays a code and no name.
    """

    at = models.DateTimeField(default=clock.now, db_index=True)
    actor_code = models.CharField(max_length=20, blank=True)
    verb = models.CharField(max_length=60)
    subject_type = models.CharField(max_length=40)
    subject_code = models.CharField(max_length=20)
    program_code = models.CharField(max_length=20, blank=True, db_index=True)
    details = models.JSONField(default=dict)

    objects = AuditEventQuerySet.as_manager()

    class Meta:
        ordering = ("-at", "-id")

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.verb} {self.subject_code}"

    def told(self, names: Mapping[str, str]) -> str:
        """The event in one sentence without the actor; `names` are people's by their code."""
        subject = names.get(self.subject_code, self.subject_code)
        return sentence_of(self.verb) % {"subject": subject, **self.details}


def record(
    *, by: Actor | None, verb: str, subject: Any, program: Any = None, **details: Any
) -> AuditEvent:
    """Write the event inside the caller's transaction.

    `by` is None for what the system does by itself. `subject` and `program` carry a `code`.
    `details` are plain JSON values and never hold free text of a person.
    Raises KeyError for a verb nobody has declared.
    """
    sentence_of(verb)
    return AuditEvent.objects.create(
        actor_code=by.code if by else "",
        verb=verb,
        subject_type=subject._meta.label,
        subject_code=subject.code,
        program_code=program.code if program else "",
        details=details,
    )
