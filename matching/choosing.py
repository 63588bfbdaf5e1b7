"""Who may choose whom, until when, and what of the others is shown while choosing."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Count, Exists, F, IntegerField, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from matching.models import Avoid, Exclusion, Introduction, Match, Place, Preference
from mentorship.shared.base.templatetags.words import zone_words
from mentorship.shared.base.zones import instant, local
from programs.models import Choice, Cohort, Participant, ParticipantQuerySet, Role, User

# So many people one may rank, and so many one may keep apart from.
MOST_RANKS = 5
MOST_AVOIDS = 20
# So many asks of a mentee, and to a mentor, may be open at a time.
MOST_ASKS = 3
MOST_WAITING = 5
# So many days before the last one whoever has chosen nobody is reminded.
REMINDER_DAYS = 3


# --- Who there is to choose -----------------------------------------------------------------------


def others(one: Participant) -> ParticipantQuerySet:
    """Everybody of the other role who takes part in the same cohort."""
    there = Participant.objects.filter(cohort=one.cohort, role=Role(one.role).other).present()
    return there.exclude(user=one.user_id)


def candidates(one: Participant, at: datetime) -> ParticipantQuerySet:
    """Whom this person may choose: others who can be matched and may be put together with them.

    Nobody's private wish plays a part in it, the person's own neither. Mentors know their free
    places as `free`, mentees only those without a mentor are among them.
    """
    today = local(at, one.cohort.time_zone).date()
    there = others(one).matchable(today).exclude(pk__in=_kept_apart(one))
    if one.role == Role.MENTEE:
        return with_free_places(there)
    return there.exclude(pk__in=Place.objects.open().values("participant")).exclude(
        pk__in=Introduction.objects.holding_a_place().values("mentee")
    )


def with_free_places(mentors: ParticipantQuerySet) -> ParticipantQuerySet:
    """Mentors with their free places as `free`: capacity without matches and kept places."""
    sits = Place.objects.open().filter(participant=OuterRef("pk"))
    kept = Introduction.objects.holding_a_place().filter(mentor=OuterRef("pk"))
    return mentors.annotate(
        free=F("capacity") - _count(sits, "participant") - _count(kept, "mentor")
    )


def rankable(one: Participant, at: datetime) -> ParticipantQuerySet:
    """Whom this person may rank: `candidates`, mentors with a free place only."""
    found = candidates(one, at)
    if one.role != Role.MENTEE:
        return found
    has_place = Q(free__gt=0)  # an annotation of `with_free_places`
    return found.filter(has_place)


def askable(one: Participant, at: datetime) -> ParticipantQuerySet:
    """Mentors whom this mentee may see in an open cohort.

    Whoever has as many asks as can be answered, or no free place, knows it as `has_enough`. An
    ask that is never shown to its mentor counts like any other, or counting would tell.
    """
    asked = Introduction.objects.asks().open().filter(mentor=OuterRef("pk"))
    return (
        candidates(one, at)
        .annotate(waiting=_count(asked, "mentor"))
        .annotate(has_enough=Q(free__lte=0) | Q(waiting__gte=MOST_WAITING))
    )


def has_enough(mentor: Participant) -> bool:
    """What `askable` knows of a mentor it found."""
    return bool(getattr(mentor, "has_enough"))  # noqa: B009  an annotation, unknown to the type


def _count(rows: QuerySet[Any], by: str) -> Coalesce:
    """How many of the rows there are, as a part of another question."""
    counted = rows.order_by().values(by).annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted, output_field=IntegerField()), Value(0))


def _kept_apart(one: Participant) -> list[int]:
    """Whom a coordinator, a match that ended or an introduction that came to nothing rules out.

    The same as `bridge` asks, without private wishes.
    """
    mine, theirs = one.role, Role(one.role).other.value
    parted = Place.objects.filter(
        match__in=Match.objects.filter(status=Match.Status.ENDED, places__participant=one),
        role=theirs,
    )
    over = Introduction.objects.filter(**{mine: one}, status__in=Introduction.CAME_TO_NOTHING)
    return [
        *Exclusion.objects.filter(**{mine: one}).values_list(theirs, flat=True),
        *parted.values_list("participant", flat=True),
        *over.values_list(theirs, flat=True),
    ]


# --- What somebody has chosen ---------------------------------------------------------------------


def ranked_by(one: Participant) -> list[Participant]:
    """Whom this person ranked, best first."""
    rows = Preference.objects.filter(participant=one).order_by("rank")
    return [row.other for row in rows.select_related("other__user__profile")]


def avoided_by(one: Participant) -> list[Participant]:
    """Whom this person would rather not be matched with; for nobody else's eyes."""
    rows = Avoid.objects.filter(participant=one).order_by("pk")
    return [row.other for row in rows.select_related("other__user__profile")]


# --- Until when -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Choosing:
    """Whether somebody may choose at a moment. `why_not` is a sentence, empty while they may."""

    until: date | None
    why_not: str = ""

    @property
    def is_open(self) -> bool:
        return not self.why_not


def choosing(one: Participant, at: datetime) -> Choosing:
    """Whether this person may rank, or ask, at the instant `at`, and until which day."""
    sits = Place.objects.open().filter(participant=one, role=Role.MENTEE)
    kept = Introduction.objects.holding_a_place().filter(mentee=one)
    is_settled = sits.exists() or kept.exists()
    return Choosing(_last_day(one.cohort), _why_not(one, at, is_settled=is_settled))


def _last_day(cohort: Cohort) -> date | None:
    """The last day to rank: the one that was set, else the day of the matching."""
    if cohort.choice == Choice.RANKED:
        return cohort.choose_until or cohort.match_on
    return cohort.choose_until


def _why_not(one: Participant, at: datetime, *, is_settled: bool) -> str:
    cohort, last = one.cohort, _last_day(one.cohort)
    today = local(at, cohort.time_zone).date()
    if one.left_at is not None or cohort.archived_at is not None or cohort.is_over(today):
        return _("This round is over for you.")
    if is_settled and (cohort.choice == Choice.RANKED or cohort.is_one_to_one):
        return _("You are introduced or matched already, so there is nothing to choose now.")
    if last is not None and today > last:
        return _("Choosing ended on %(day)s.") % {"day": date_format(last, "l j F Y")}
    return ""


def deadline_in_words(cohort: Cohort, last: date) -> str:
    """The last minute of a day, with the zone in which it is meant."""
    ends = instant(last + timedelta(days=1), time(0), cohort.time_zone) - timedelta(seconds=1)
    there = local(ends, cohort.time_zone)
    return _("%(day)s, %(time)s, %(zone)s") % {
        "day": date_format(there, "l j F Y"),
        "time": there.strftime("%H:%M"),
        "zone": zone_words(cohort.time_zone),
    }


@dataclass(frozen=True, slots=True)
class ToChoose:
    """What waits for somebody in a cohort where people choose: to choose, or to answer `asks`."""

    part: Participant
    until: date | None
    may_choose: bool
    chosen: int = 0
    asks: int = 0


def to_do(user: User, at: datetime) -> list[ToChoose]:
    """Where this person may choose or is asked now, in one query."""
    here = Participant.objects.of(user).present().exclude(cohort__choice=Choice.ASSIGNED)
    asks = Introduction.objects.asks().open()
    rows = here.select_related("cohort__program").annotate(
        is_settled=Exists(Place.objects.open().filter(participant=OuterRef("pk"), role=Role.MENTEE))
        | Exists(Introduction.objects.holding_a_place().filter(mentee=OuterRef("pk"))),
        chosen=_count(Preference.objects.filter(participant=OuterRef("pk")), "participant")
        + _count(asks.filter(mentee=OuterRef("pk")), "mentee"),
        asks=_count(
            Introduction.objects.of(user).asks().open().filter(mentor=OuterRef("pk")), "mentor"
        ),
    )
    found = [
        ToChoose(
            one,
            _last_day(one.cohort),
            may_choose=_takes_part_in_choosing(one)
            and not _why_not(one, at, is_settled=one.is_settled),
            chosen=one.chosen,
            asks=one.asks,
        )
        for one in rows
    ]
    return [one for one in found if one.may_choose or one.asks]


def _takes_part_in_choosing(one: Participant) -> bool:
    """In an open cohort mentees choose and mentors answer."""
    choice = one.cohort.choice
    return choice == Choice.RANKED or (choice == Choice.OPEN and one.role == Role.MENTEE)
