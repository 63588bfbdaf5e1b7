from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from matching.models.matches import Match, Place
from matching.models.runs import MatchingRun
from matching.models.wishes import Avoid
from mentorship.shared.base.models import PublicModel
from programs.models import Cohort, Participant, Program, Role, User

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser


class Answer(models.TextChoices):
    """What one side said to an introduction; nothing yet is the empty text."""

    YES = "yes", _("Yes")
    NO = "no", _("No")


class IntroductionQuerySet(models.QuerySet["Introduction"]):
    def of(self, user: "User | AnonymousUser") -> "IntroductionQuerySet":
        """Introductions this person is one side of, as far as they ever see them.

        An ask is never shown to a mentor who would rather not be matched with the mentee. It waits
        and lapses like one that nobody answers, so that nobody can tell.
        """
        mine = Participant.objects.of(user)
        unwanted = Avoid.objects.filter(participant=OuterRef("mentor"), other=OuterRef("mentee"))
        kept_from_mentor = Q(Exists(unwanted), origin=Introduction.Origin.ASK, mentor_answer="")
        return self.filter(Q(mentee__in=mine) | (Q(mentor__in=mine) & ~kept_from_mentor))

    def coordinated_by(self, user: "User | AnonymousUser") -> "IntroductionQuerySet":
        return self.filter(cohort__program__in=Program.objects.coordinated_by(user))

    def with_status(self, status: str) -> "IntroductionQuerySet":
        """Those of one status; all of them for none that there is."""
        return self.filter(status=status) if status in Introduction.Status else self.all()

    def open(self) -> "IntroductionQuerySet":
        """Waiting for a yes or a no."""
        return self.filter(status=Introduction.Status.OPEN)

    def holding_a_place(self) -> "IntroductionQuerySet":
        """Open, and a mentor's place is kept for it."""
        return self.open().filter(holds_place=True)

    def asks(self) -> "IntroductionQuerySet":
        """Those a mentee asked for."""
        return self.filter(origin=Introduction.Origin.ASK)

    def proposed(self) -> "IntroductionQuerySet":
        """Those that nobody of the two asked for."""
        return self.exclude(origin=Introduction.Origin.ASK)

    def due(self, at: datetime) -> "IntroductionQuerySet":
        """Open past their deadline."""
        return self.open().filter(answer_by__lt=at)

    def due_for_reminder(self, at: datetime) -> "IntroductionQuerySet":
        """A day before the deadline, not right after it was made, and not reminded of before.

        Nobody is reminded of an ask: a mentor sees a few of them at a time.
        """
        soon, fresh = at + timedelta(days=1), at - timedelta(hours=12)
        waiting = self.open().proposed().filter(Q(mentee_answer="") | Q(mentor_answer=""))
        return waiting.filter(
            reminded_at__isnull=True, answer_by__range=(at, soon), made_at__lte=fresh
        )

    def to_go_on(self, at: datetime) -> "IntroductionQuerySet":
        """Of mentees who were let down, have had nobody since, and for whom none was looked for.

        Twin of `Introduction.goes_on`. Not what is longer ago: nobody expects it any more.
        """
        status = Introduction.Status
        let_down = (
            Q(status=status.DECLINED) & ~Q(mentee_answer=Answer.NO)
            | Q(status=status.LAPSED, mentee_answer=Answer.YES)
            | Q(status=status.WITHDRAWN, withdrawn_by__isnull=True)
        )
        often = Q(origin=Introduction.Origin.NEXT) & Q(follows__origin=Introduction.Origin.NEXT)
        often &= Q(follows__follows__origin=Introduction.Origin.NEXT)
        since = Introduction.objects.filter(
            mentee=OuterRef("mentee"), made_at__gt=OuterRef("closed_at"), holds_place=True
        )
        places = Place.objects.filter(
            Q(until_at__isnull=True) | Q(from_at__gte=OuterRef("closed_at")),
            participant=OuterRef("mentee"),
        )
        waiting = self._not_looked_at(at).filter(let_down, mentee__left_at__isnull=True)
        return waiting.exclude(often).exclude(Exists(since)).exclude(Exists(places))

    def with_freed_mentors(self, at: datetime) -> "IntroductionQuerySet":
        """Of mentors whose mentee said no or nothing, and for whom nobody else was looked for."""
        status = Introduction.Status
        freed = Q(status=status.DECLINED, mentee_answer=Answer.NO) | (
            Q(status=status.LAPSED) & ~Q(mentee_answer=Answer.YES)
        )
        return self._not_looked_at(at).filter(freed, mentor__left_at__isnull=True)

    def _not_looked_at(self, at: datetime) -> "IntroductionQuerySet":
        proposed = (Introduction.Origin.RUN, Introduction.Origin.NEXT)
        fresh = self.filter(closed_at__gte=at - Introduction.GOES_ON_WITHIN)
        return fresh.filter(
            origin__in=proposed,
            run__isnull=False,
            next_run__isnull=True,
            cohort__next_best=True,
        )

    def with_people(self) -> "IntroductionQuerySet":
        return self.select_related("cohort__program", "mentee__user", "mentor__user")

    def with_policy(self) -> "IntroductionQuerySet":
        """The policy of the run it came from, without the run's proof."""
        return self.select_related("run").defer("run__prices", "run__floor")


class Introduction(PublicModel):
    """Two who were brought together and have not begun yet: each says yes or no by a deadline.

    With both yes it becomes a match. Until then a place of the mentor is kept for it, unless a
    mentee asked for it: a mentor may be asked more often than they have places.
    """

    class Origin(models.TextChoices):
        RUN = "run", _("Matching run")
        NEXT = "next", _("Next best")
        HAND = "hand", _("By hand")
        ASK = "ask", _("The mentee asked")

    class Status(models.TextChoices):
        OPEN = "open", _("Waiting for an answer")
        AGREED = "agreed", _("Both said yes")
        DECLINED = "declined", _("Declined")
        LAPSED = "lapsed", _("No answer in time")
        WITHDRAWN = "withdrawn", _("Taken back")

    MOVES: Mapping[str, frozenset[str]] = {
        Status.OPEN: frozenset({Status.AGREED, Status.DECLINED, Status.LAPSED, Status.WITHDRAWN}),
        Status.AGREED: frozenset(),
        Status.DECLINED: frozenset(),
        Status.LAPSED: frozenset(),
        Status.WITHDRAWN: frozenset(),
    }

    # How often in a row the next best is introduced before a coordinator decides.
    MOST_IN_A_ROW = 3
    # What came to nothing longer ago is not gone on from by itself.
    GOES_ON_WITHIN = timedelta(days=14)

    # Two of whom it came to this are not brought together again by the matching.
    CAME_TO_NOTHING = (Status.DECLINED, Status.LAPSED)

    cohort = models.ForeignKey(
        Cohort, on_delete=models.PROTECT, related_name="introductions", verbose_name=_("cohort")
    )
    mentee = models.ForeignKey(
        Participant, on_delete=models.PROTECT, related_name="+", verbose_name=_("mentee")
    )
    mentor = models.ForeignKey(
        Participant, on_delete=models.PROTECT, related_name="+", verbose_name=_("mentor")
    )
    run = models.ForeignKey(
        MatchingRun, on_delete=models.PROTECT, null=True, related_name="introductions"
    )
    origin = models.CharField(
        _("how it came"), max_length=10, choices=Origin.choices, default=Origin.RUN
    )
    # The one that did not work out and that this one follows.
    follows = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, related_name="followed_by"
    )
    status = models.CharField(
        _("status"), max_length=10, choices=Status.choices, default=Status.OPEN
    )
    score = models.PositiveIntegerField(_("points"), default=0)
    reasons = models.JSONField(_("reasons"), default=list)
    # What a mentee wrote to the mentor they ask.
    message = models.TextField(_("message"), max_length=1000, blank=True)
    made_at = models.DateTimeField(_("introduced"))
    # The last instant of the deadline.
    answer_by = models.DateTimeField(_("answer by"))
    mentee_answer = models.CharField(max_length=3, choices=Answer, blank=True)
    mentee_answered_at = models.DateTimeField(null=True, editable=False)
    mentor_answer = models.CharField(max_length=3, choices=Answer, blank=True)
    mentor_answered_at = models.DateTimeField(null=True, editable=False)
    # Why somebody said no: read by coordinators only, never by the other.
    decline_reason = models.TextField(_("reason of a no"), max_length=1000, blank=True)
    closed_at = models.DateTimeField(_("closed"), null=True, editable=False)
    # The coordinator who took it back; None where it follows from something else.
    withdrawn_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, related_name="+", editable=False
    )
    # When whoever had not answered was reminded.
    reminded_at = models.DateTimeField(null=True, editable=False)
    # The run that looks for the next best after it came to nothing.
    next_run = models.ForeignKey(
        MatchingRun, on_delete=models.PROTECT, null=True, related_name="goes_on_from"
    )
    match = models.OneToOneField(
        Match, on_delete=models.PROTECT, null=True, related_name="introduction"
    )
    holds_place = models.BooleanField(default=True)
    # Copied from the cohort, so that the database can hold "one at a time".
    is_exclusive = models.BooleanField(default=True)

    objects = IntroductionQuerySet.as_manager()

    # Set by pages of one person: their side, the other's, and what they said.
    me: Participant
    other: Participant
    my_answer: str

    class Meta:
        ordering = ("-made_at", "-id")
        verbose_name = _("introduction")
        verbose_name_plural = _("introductions")
        constraints = (
            models.UniqueConstraint(
                fields=("mentee", "mentor"),
                condition=Q(status="open"),
                name="introduction_one_open_per_pair",
            ),
            models.UniqueConstraint(
                fields=("mentee",),
                condition=Q(status="open", holds_place=True, is_exclusive=True),
                name="introduction_one_open_per_mentee",
            ),
            models.CheckConstraint(condition=~Q(mentee=F("mentor")), name="introduction_of_two"),
            models.CheckConstraint(
                condition=Q(status="open", closed_at__isnull=True)
                | (~Q(status="open") & Q(closed_at__isnull=False)),
                name="introduction_closed_has_its_time",
            ),
            models.CheckConstraint(
                condition=(
                    Q(
                        status="agreed",
                        match__isnull=False,
                        mentee_answer="yes",
                        mentor_answer="yes",
                    )
                    | (~Q(status="agreed") & Q(match__isnull=True))
                ),
                name="introduction_agreed_is_a_match",
            ),
            models.CheckConstraint(
                condition=~Q(status="declined") | Q(mentee_answer="no") | Q(mentor_answer="no"),
                name="introduction_declined_by_somebody",
            ),
            models.CheckConstraint(
                condition=(
                    Q(mentee_answer="", mentee_answered_at__isnull=True)
                    | (~Q(mentee_answer="") & Q(mentee_answered_at__isnull=False))
                ),
                name="introduction_mentee_answer_has_its_time",
            ),
            models.CheckConstraint(
                condition=(
                    Q(mentor_answer="", mentor_answered_at__isnull=True)
                    | (~Q(mentor_answer="") & Q(mentor_answered_at__isnull=False))
                ),
                name="introduction_mentor_answer_has_its_time",
            ),
        )
        indexes = (models.Index(fields=("status", "answer_by"), name="introduction_due"),)

    def __str__(self) -> str:
        return f"{self.mentee.user} · {self.mentor.user}"

    def can_move_to(self, status: str) -> bool:
        return status in self.MOVES[self.status]

    @property
    def is_open(self) -> bool:
        return self.status == self.Status.OPEN

    @property
    def is_ask(self) -> bool:
        return self.origin == self.Origin.ASK

    def is_seen_by(self, user: "User | AnonymousUser") -> bool:
        """Twin of `IntroductionQuerySet.of`; asks the database."""
        return Introduction.objects.of(user).filter(pk=self.pk).exists()

    def is_due(self, at: datetime) -> bool:
        """Twin of `IntroductionQuerySet.due`."""
        return self.is_open and self.answer_by < at

    def side_of(self, user: "User | AnonymousUser") -> Participant | None:
        """The participant this person is here; None for somebody else."""
        sides = (self.mentee, self.mentor)
        return next((one for one in sides if one.user_id == user.pk), None)

    def other_than(self, participant: Participant) -> Participant:
        """The other of the two."""
        return self.mentor if participant.pk == self.mentee_id else self.mentee

    def answer_of(self, role: str) -> str:
        """What the side in this role said; empty for nothing yet."""
        return self.mentee_answer if role == Role.MENTEE else self.mentor_answer

    def as_seen_by(self, user: "User | AnonymousUser") -> "Introduction":
        """Knows `me`, `other` and `my_answer` of one of the two. Raises ValueError for others."""
        me = self.side_of(user)
        if me is None:
            raise ValueError(f"{user} is not introduced here")
        self.me, self.other, self.my_answer = me, self.other_than(me), self.answer_of(me.role)
        return self

    @property
    def waited_for(self) -> list[Participant]:
        """Whose answer is missing."""
        return [one for one in (self.mentee, self.mentor) if not self.answer_of(one.role)]

    @property
    def said_no(self) -> list[Participant]:
        """Who said no; for coordinators only."""
        sides = (self.mentee, self.mentor)
        return [one for one in sides if self.answer_of(one.role) == Answer.NO]

    @property
    def is_wanted_by_both(self) -> bool:
        return self.mentee_answer == self.mentor_answer == Answer.YES

    @property
    def let_down(self) -> Participant | None:
        """The mentee, when it did not work out through no doing of theirs; else None.

        Whoever said no, or did not answer, is not let down. What a coordinator took back is the
        coordinator's to go on with.
        """
        by_the_mentor = self.status == self.Status.DECLINED and self.mentee_answer != Answer.NO
        by_silence = self.status == self.Status.LAPSED and self.mentee_answer == Answer.YES
        by_itself = self.status == self.Status.WITHDRAWN and self.withdrawn_by_id is None
        return self.mentee if by_the_mentor or by_silence or by_itself else None

    @property
    def goes_on(self) -> bool:
        """Whether the next best is looked for, for its mentee."""
        return self.is_proposed and self.cohort.next_best and not self.was_often

    @property
    def is_proposed(self) -> bool:
        """Came from a run, and its mentee was let down."""
        came_from = (self.Origin.RUN, self.Origin.NEXT)
        return self.origin in came_from and self.let_down is not None

    @property
    def was_often(self) -> bool:
        """Whether the next best was introduced so often in a row that a coordinator decides."""
        one: Introduction | None = self
        for _n in range(self.MOST_IN_A_ROW):
            if one is None or one.origin != self.Origin.NEXT:
                return False
            one = one.follows
        return True
