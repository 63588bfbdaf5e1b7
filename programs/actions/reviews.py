"""Reading and scoring: who reads what, handing back, saving, handing in."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from django.db import transaction
from django.db.models import Count, Max
from django.utils.translation import gettext as _

from mentorship.shared.audit.models import record
from mentorship.shared.base import clock
from mentorship.shared.base.rules import RuleBroken
from mentorship.shared.base.zones import local
from mentorship.shared.notifications.outbox import notify_many
from programs import rubric
from programs.assigning import Desk, Share, organisation, share_out
from programs.models import Application, Assignment, Cohort, Membership, Review, User
from programs.models.reviews import HIGHEST, LOWEST
from programs.notifications import ReviewsAssigned

Status = Application.Status

# An application can be scored until the answer is given.
OPEN = Application.UNDECIDED


def possible_reviewers(cohort: Cohort) -> list[User]:
    """Who may be given applications: the program's reviewers and coordinators."""
    roles = (Membership.Role.REVIEWER, Membership.Role.COORDINATOR)
    held = Membership.objects.filter(program=cohort.program, role__in=roles)
    return list(
        User.objects.filter(pk__in=held.values("user"), is_active=True).order_by("name", "pk")
    )


@transaction.atomic
def assign(cohort: Cohort, *, reviewers: Sequence[User], by: User) -> Share:
    """Give each application that waits its readers, evenly; conflicts of interest are kept out.

    Nobody reads their own application, one for the role in this cohort that they apply for
    themselves, or one they handed back. Who works where the applicant does, as the addresses
    tell, is asked only when nobody else is left. What was given out before stays.
    Each who got something hears of it by mail, once a day.
    Returns what was given, as (application, reviewer) pairs of primary keys, and what lacks
    readers. Raises RuleBroken when nobody may read.
    """
    cohort = Cohort.objects.select_for_update(no_key=True).get(pk=cohort.pk)
    allowed = {one.pk for one in possible_reviewers(cohort)}
    reviewers = [one for one in reviewers if one.pk in allowed]
    if not reviewers:
        raise RuleBroken(_("Choose at least one person who reads."))
    waiting = list(Application.objects.filter(cohort=cohort).waiting().select_related("applicant"))
    share = share_out(_desk(cohort, waiting, reviewers))
    Assignment.objects.bulk_create(
        [
            Assignment(application_id=application, reviewer_id=reviewer, assigned_by=by)
            for application, reviewer in share.pairs
        ],
        batch_size=500,
    )
    give_numbers(cohort)
    if share.pairs:
        record(
            by=by,
            verb="applications.assigned",
            subject=cohort,
            program=cohort.program,
            count=len(share.pairs),
        )
    _tell_readers(cohort, share, reviewers, by=by)
    return share


def _tell_readers(cohort: Cohort, share: Share, reviewers: Sequence[User], *, by: User) -> None:
    """One mail a day to each who was given something; whoever gives knows it already."""
    given = {reviewer for _application, reviewer in share.pairs}
    told = [one for one in reviewers if one.pk in given and one.pk != by.pk]
    notify_many(
        [(ReviewsAssigned(cohort), one) for one in told],
        occasion=local(clock.now(), cohort.time_zone).date().isoformat(),
        program=cohort.program,
    )


def _desk(cohort: Cohort, waiting: Sequence[Application], reviewers: Sequence[User]) -> Desk:
    held = Assignment.objects.filter(application__cohort=cohort)
    standing = held.standing()
    applied = Application.objects.filter(cohort=cohort, applicant__in=reviewers)
    roles = set(applied.exclude(status=Status.WITHDRAWN).values_list("applicant", "role"))
    loads = Counter(dict(standing.order_by().values_list("reviewer").annotate(count=Count("pk"))))
    barred = set(held.exclude(handed_back_at=None).values_list("application", "reviewer"))
    unwanted = set()
    works_at = {one.pk: organisation(one.email) for one in reviewers}
    for application in waiting:
        host = organisation(application.applicant.email)
        for one in reviewers:
            if one.pk == application.applicant_id or (one.pk, application.role) in roles:
                barred.add((application.pk, one.pk))
            if host and host == works_at[one.pk]:
                unwanted.add((application.pk, one.pk))
    return Desk(
        applications=[one.pk for one in waiting],
        reviewers=[one.pk for one in reviewers],
        each=cohort.reviews_each,
        barred=frozenset(barred),
        unwanted=frozenset(unwanted),
        given=frozenset(standing.values_list("application", "reviewer")),
        loads=loads,
    )


def give_numbers(cohort: Cohort) -> None:
    """Number what has no number yet, in the order of the codes, which tells nothing of anybody.

    The caller holds the cohort's lock.
    """
    rows = Application.objects.filter(cohort=cohort)
    last = rows.aggregate(last=Max("number"))["last"] or 0
    nameless = list(rows.sent_in().filter(number__isnull=True).order_by("code"))
    for number, application in enumerate(nameless, start=last + 1):
        application.number = number
    Application.objects.bulk_update(nameless, ["number"], batch_size=500)


@transaction.atomic
def hand_back(application: Application, *, by: User, reason: str) -> Assignment:
    """The reviewer does not read it: they know the person, or have another reason.

    A draft of a review goes with it; one that was handed in stays, and is told.
    Raises RuleBroken when it is not theirs any more, or their review is in.
    """
    assignment = (
        Assignment.objects.select_for_update().filter(application=application, reviewer=by).first()
    )
    if assignment is None or assignment.handed_back_at is not None:
        raise RuleBroken(_("This application is not on your list any more."))
    review = Review.objects.filter(application=application, reviewer=by).first()
    if review is not None and review.is_handed_in:
        raise RuleBroken(_("Your review is in already, so this stays with you."))
    if review is not None:
        review.delete()
    assignment.handed_back_at = clock.now()
    assignment.reason = Assignment.Reason(reason)
    assignment.save(update_fields=["handed_back_at", "reason"])
    record(
        by=by,
        verb="application.returned",
        subject=application,
        program=application.cohort.program,
    )
    return assignment


def step_aside(application: Application) -> int:
    """Whoever applies reads none of those who apply for the same; how many were handed back.

    Drafts of reviews go with it; those that were handed in stay for the coordinators to weigh.
    The caller is in a transaction.
    """
    applicant, cohort = application.applicant, application.cohort
    given = Assignment.objects.standing().select_for_update(of=("self",))
    rivals = list(
        given.filter(
            reviewer=applicant, application__cohort=cohort, application__role=application.role
        ).select_related("application")
    )
    for assignment in rivals:
        assignment.handed_back_at = clock.now()
        assignment.reason = Assignment.Reason.INVOLVED
        assignment.save(update_fields=["handed_back_at", "reason"])
        record(
            by=applicant,
            verb="application.returned",
            subject=assignment.application,
            program=cohort.program,
        )
    drafts = Review.objects.filter(reviewer=applicant, submitted_at__isnull=True)
    drafts.filter(application__in=[one.application_id for one in rivals]).delete()
    return len(rivals)


def _applies_for_the_same(person: User, application: Application) -> bool:
    sent_in = Application.objects.of(person).sent_in().exclude(status=Status.WITHDRAWN)
    return sent_in.filter(cohort=application.cohort, role=application.role).exists()


@transaction.atomic
def save(
    application: Application,
    *,
    by: User,
    scores: Mapping[str, int],
    note: str = "",
    flags: Iterable[str] = (),
    flag_words: str = "",
    advice: str = "",
    hand_in: bool = False,
) -> Review:
    """Keep one's review; `hand_in` shows it to the coordinators, who see no drafts.

    A review that was handed in stays so, and can be changed until the decision.
    Raises RuleBroken after the decision, for whoever applies for the same role themselves, or
    when a review to be handed in lacks a score or a recommendation.
    """
    application = _locked(application)
    if application.status not in OPEN:
        raise RuleBroken(_("This application is decided. Your review stays as it is."))
    if _applies_for_the_same(by, application):
        raise RuleBroken(_("You apply for this role yourself, so somebody else reads this one."))
    criteria = rubric.criteria_for(application.cohort, application.role)
    review, _is_new = Review.objects.select_for_update().get_or_create(
        application=application, reviewer=by
    )
    review.scores = _valid(scores, {one.key for one in criteria})
    review.note, review.advice = note, advice
    review.flags, review.flag_words = list(flags), flag_words
    review.is_flagged = bool(review.flags or flag_words)
    if hand_in or review.is_handed_in:
        if len(review.scores) < len(criteria) or not advice:
            raise RuleBroken(_("Give a score on every line and a recommendation first."))
        review.score = rubric.weighted(review.scores, criteria)
        if not review.is_handed_in:
            review.submitted_at = clock.now()
            record(
                by=by,
                verb="application.reviewed",
                subject=application,
                program=application.cohort.program,
            )
    review.save()
    return review


def _valid(scores: Mapping[str, int], keys: set[str]) -> dict[str, int]:
    return {
        key: score for key, score in scores.items() if key in keys and LOWEST <= score <= HIGHEST
    }


def _locked(application: Application) -> Application:
    return (
        Application.objects.select_for_update(of=("self",))
        .select_related("cohort__program")
        .get(pk=application.pk)
    )
