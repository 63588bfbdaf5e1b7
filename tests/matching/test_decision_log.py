import io
import json
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from matching.actions import decisions
from matching.decision_log import look_through
from matching.models import DecisionLog, DecisionReason, LoggedDecision
from programs.models import Cohort
from tests.factories.programs import CohortFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def cohort() -> Cohort:
    """A cohort with three decisions, two of them with a reason."""
    cohort = CohortFactory()
    nora = UserFactory(name="Nora")
    decisions.note(
        cohort,
        by=nora,
        kind="pair.locked",
        facts={"mentee": "e1", "mentor": "m1"},
        reason="Friends.",
    )
    decisions.note(cohort, by=None, kind="run.published", facts={"matches": 3})
    decisions.note(
        cohort, by=nora, kind="match.ended", facts={"mentee": "e1", "mentor": "m1"}, reason="Moved."
    )
    return cohort


def test_decisions_hang_on_each_other_in_the_order_they_were_made(cohort: Cohort) -> None:
    links = list(LoggedDecision.objects.filter(cohort=cohort).order_by("number"))
    assert [link.number for link in links] == [1, 2, 3]
    assert [link.previous for link in links] == ["", links[0].digest, links[1].digest]
    finding = look_through(cohort)
    assert (finding.decisions, finding.erased, finding.wrong) == (3, 0, ())
    assert finding.head == links[2].digest


def test_every_cohort_has_a_log_of_its_own(cohort: Cohort) -> None:
    other = CohortFactory()
    assert look_through(other) == type(look_through(other))(0, 0, "", ())
    decisions.note(other, by=None, kind="run.published", facts={"matches": 1})
    assert look_through(other).decisions == 1
    assert look_through(cohort).decisions == 3


def test_an_erased_reason_leaves_the_log_verifiable(cohort: Cohort) -> None:
    DecisionReason.objects.filter(decision__number=1).delete()
    finding = look_through(cohort)
    assert (finding.holds, finding.erased) == (True, 1)


def _changes(field: str, value: Any, number: int = 2) -> Any:
    def change(cohort: Cohort) -> None:
        LoggedDecision.objects.filter(cohort=cohort, number=number).update(**{field: value})

    return change


def _last_is_cut_off(cohort: Cohort) -> None:
    LoggedDecision.objects.filter(cohort=cohort, number=3).delete()


def _middle_is_cut_out(cohort: Cohort) -> None:
    LoggedDecision.objects.filter(cohort=cohort, number=2).delete()


def _reason_is_rewritten(cohort: Cohort) -> None:
    DecisionReason.objects.filter(decision__number=3).update(text="Something else.")


def _reason_is_put_beside_another(cohort: Cohort) -> None:
    reason = DecisionReason.objects.get(decision__number=1)
    reason.decision = LoggedDecision.objects.get(cohort=cohort, number=2)
    reason.save()


def _is_rewritten_with_its_own_digest(cohort: Cohort) -> None:
    link = LoggedDecision.objects.get(cohort=cohort, number=2)
    link.facts = {"matches": 4}
    link.digest = link.computed_digest()
    link.save()


@pytest.mark.parametrize(
    "tampers, fault",
    [
        (_changes("kind", "pair.forbidden"), ("changed", 2)),
        (_changes("by_code", "somebody"), ("changed", 2)),
        (_changes("facts", {"matches": 4}), ("changed", 2)),
        (_changes("at", "2020-01-01T00:00:00Z"), ("changed", 2)),
        (_changes("text_digest", "0" * 64), ("changed", 2)),
        (_changes("previous", "0" * 64), ("unlinked", 2)),
        (_changes("number", 7, number=3), ("missing", 3)),
        (_is_rewritten_with_its_own_digest, ("unlinked", 3)),
        (_last_is_cut_off, ("shortened", 3)),
        (_middle_is_cut_out, ("missing", 2)),
        (_reason_is_rewritten, ("reason", 3)),
        (_reason_is_put_beside_another, ("reason", 2)),
    ],
)
def test_any_change_is_found(cohort: Cohort, tampers: Any, fault: tuple[str, int]) -> None:
    tampers(cohort)
    assert fault in look_through(cohort).wrong


def test_a_new_chain_does_not_hold_the_digest_that_was_noted(cohort: Cohort) -> None:
    noted = look_through(cohort).head
    assert look_through(cohort, head=noted).holds
    LoggedDecision.objects.filter(cohort=cohort).delete()
    DecisionLog.objects.filter(cohort=cohort).delete()
    decisions.note(cohort, by=None, kind="run.published", facts={"matches": 9})
    assert look_through(cohort).holds
    assert look_through(cohort, head=noted).wrong == (("unknown-head", 1),)


def test_verify_log_says_what_was_changed_and_ends_with_1(cohort: Cohort) -> None:
    out = io.StringIO()
    call_command("verify_log", cohort.code, stdout=out)
    assert json.loads(out.getvalue().splitlines()[-1])[cohort.code]["holds"] is True
    _reason_is_rewritten(cohort)
    out = io.StringIO()
    with pytest.raises(CommandError, match="was changed"):
        call_command("verify_log", stdout=out)
    assert "The reason of decision 3 is not what was written" in out.getvalue()
    with pytest.raises(CommandError, match="no cohort with the code"):
        call_command("verify_log", "nobody")
    with pytest.raises(CommandError, match="Name the cohort"):
        call_command("verify_log", head="abc")


def test_a_kind_that_nobody_declared_is_refused(cohort: Cohort) -> None:
    with pytest.raises(KeyError):
        decisions.note(cohort, by=None, kind="weather.changed")
    assert look_through(cohort).decisions == 3
