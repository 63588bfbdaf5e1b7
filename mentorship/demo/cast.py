"""Who is who in made data: the cast, the marker of a seeding, and who is a stranger to it."""

from typing import NamedTuple

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from mentorship.shared.audit.models import AuditEvent, record
from programs.models import Membership, Program, User

# For the visitors of a demo on their own machine; the log-in page and the terminal show it.
PASSWORD = "mentorship-demo"  # noqa: S105  documented, and made people only have it
# RFC 2606: nobody real has an address there.
DOMAIN = "example.org"

_SEEDED = "demo.seeded"
_JOINED = "demo.joined"


class Part(NamedTuple):
    label: str | Promise
    role_text: str | Promise


PARTS = {
    "coordinator": Part(
        _("Coordinator"),
        _("Runs the program for developers: applications, matching, surveys, figures."),
    ),
    "mentor": Part(
        _("Mentor"), _("Has a mentee, a meeting ahead and a few behind, and a survey to answer.")
    ),
    "mentee": Part(
        _("Mentee"), _("Was matched with that mentor and sees why, and what comes next.")
    ),
    "observer": Part(_("Observer"), _("Sponsors the program: reads its figures, changes nothing.")),
    "reviewer": Part(
        _("Reviewer"), _("Was given applications for the next round, and has read some of them.")
    ),
    "applicant": Part(
        _("Applicant"), _("Began an application for the next round and has not sent it in yet.")
    ),
    "other_coordinator": Part(
        _("Coordinator of another program"),
        _("Runs a small program of the civil service, where 15 mentees found no mentor."),
    ),
    "owner": Part(_("Owner of the site"), _("Makes new programs, and sees all of them.")),
}


def cast_members() -> list[dict[str, str | Promise]]:
    """The people a visitor can be, in the order of their parts."""
    parts = _parts_by_code()
    people = {person.code: person for person in _cast()}
    return [
        {
            "part": part,
            "code": code,
            "name": people[code].name,
            "email": people[code].email,
            "label": PARTS[part].label,
            "role_text": PARTS[part].role_text,
        }
        for code, part in sorted(parts.items(), key=lambda item: list(PARTS).index(item[1]))
        if code in people
    ]


def cast_member(code: str) -> User | None:
    """The member of the cast with this code."""
    return _cast().filter(code=code).first()


def entry_of(person: User) -> str:
    """The name of the page where this person begins."""
    has_duty = person.is_superuser or Membership.objects.filter(user=person).exists()
    return "admin:index" if has_duty else "home"


def note_seeded(
    program: Program, *, by: User, scenario: str, cohort_code: str, cast: dict[str, User]
) -> None:
    """Mark the database as made up, and keep who plays which part."""
    record(
        by=by,
        verb=_SEEDED,
        subject=program,
        program=program,
        scenario=scenario,
        cohort=cohort_code,
        cast={person.code: part for part, person in cast.items()},
    )


def note_joined(person: User) -> None:
    """A visitor of the demo made an account: no stranger when the demo starts again."""
    record(by=person, verb=_JOINED, subject=person)


def seeding() -> AuditEvent | None:
    """The marker of the seeding that filled this database."""
    return AuditEvent.objects.filter(verb=_SEEDED).first()


def strangers() -> models.QuerySet[User]:
    """Everybody whom neither a seeding nor a visitor's sign-up in the demo made."""
    if seeding() is None:
        return User.objects.all()
    visitors = AuditEvent.objects.filter(verb=_JOINED).values("subject_code")
    return User.objects.exclude(email__endswith="@" + DOMAIN).exclude(code__in=visitors)


def _parts_by_code() -> dict[str, str]:
    marker = seeding()
    parts: dict[str, str] = marker.details["cast"] if marker else {}
    return parts


def _cast() -> models.QuerySet[User]:
    return User.objects.filter(code__in=_parts_by_code(), is_active=True)
