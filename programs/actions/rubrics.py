"""How a cohort's applications are reviewed: its criteria and its choices."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils.crypto import get_random_string
from django.utils.translation import gettext as _

from mentorship.shared.audit.models import record
from mentorship.shared.base.rules import RuleBroken
from programs import rubric
from programs.models import Cohort, Criterion, Review, User

# Enough for a page; more cannot be weighed against each other.
MOST = 12


@transaction.atomic
def keep(
    cohort: Cohort, *, lines: Sequence[Mapping[str, Any]], by: User, changed: Iterable[str] = ()
) -> list[Criterion]:
    """Keep the criteria as `lines` say, in their order; `changed` names fields of the cohort.

    A line with the `key` of a criterion changes it, one without is new; what no line names is
    taken away. After the first review came in the words and weights can still be changed, and
    the scores are computed anew.
    Raises RuleBroken when a criterion would come or go after that, and for none or too many.
    """
    Cohort.objects.select_for_update(no_key=True).get(pk=cohort.pk)
    if not 0 < len(lines) <= MOST:
        raise RuleBroken(_("Keep at least one and at most %(most)d criteria.") % {"most": MOST})
    known = {one.key: one for one in rubric.criteria_of(cohort)}
    kept = [_line(cohort, known, place, line) for place, line in enumerate(lines)]
    before = {(one.key, one.role) for one in rubric.criteria_of(cohort)}
    is_used = Review.objects.handed_in().filter(application__cohort=cohort).exists()
    if is_used and {(one.key, one.role) for one in kept} != before:
        raise RuleBroken(
            _("Reviews are in: the words and weights can change, but no criterion comes or goes.")
        )
    cohort.criteria.exclude(key__in=[one.key for one in kept]).delete()
    for one in kept:
        one.save()
    if changed := list(changed):
        cohort.save(update_fields=changed)
    if is_used:
        _score_anew(cohort)
    record(by=by, verb="rubric.changed", subject=cohort, program=cohort.program)
    return kept


def _line(
    cohort: Cohort, known: Mapping[str, Criterion], place: int, line: Mapping[str, Any]
) -> Criterion:
    criterion = known.get(line.get("key") or "") or Criterion(
        cohort=cohort, key=f"c{get_random_string(8, 'abcdefghjkmnpqrstuvwxyz')}"
    )
    criterion.position = place
    for name in ("title", "low", "high", "weight", "role"):
        setattr(criterion, name, line[name])
    return criterion


def _score_anew(cohort: Cohort) -> None:
    reviews = list(
        Review.objects.handed_in().filter(application__cohort=cohort).select_related("application")
    )
    criteria = rubric.criteria_of(cohort)
    for review in reviews:
        asked = [one for one in criteria if one.role in ("", review.application.role)]
        review.score = rubric.weighted(review.scores, asked) or review.score
    Review.objects.bulk_update(reviews, ["score"], batch_size=500)
