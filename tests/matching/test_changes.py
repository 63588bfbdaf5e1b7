"""Drafts that coordinators change by hand: each change is a draft of its own, proven anew."""

import json

import pytest
from django.core.management import call_command

from matching import runs
from matching.actions import changes, inquiries, matching_runs
from matching.engine import Policy
from matching.models import (
    Exclusion,
    Inquiry,
    LoggedDecision,
    MatchingRun,
    RunInput,
)
from mentorship.shared.base.rules import RuleBroken
from mentorship.shared.notifications.models import OutboxMessage
from tests.factories.programs import UserFactory
from tests.matching.people import asked, person

pytestmark = pytest.mark.django_db


@pytest.fixture
def by(db):
    return UserFactory(name="Cora")


@pytest.fixture
def people(cohort):
    """Ada fits Grace best and Alan next; Bob fits Grace a little; nobody fits Cem."""
    return {
        "grace": _mentor(cohort, "Grace", ["Go", "SQL", "Rust"]),
        "alan": _mentor(cohort, "Alan", ["Go"]),
        "ada": _mentee(cohort, "Ada", ["Go", "SQL", "Rust"]),
        "bob": _mentee(cohort, "Bob", ["Go"]),
    }


def _mentor(cohort, name, skills, **fields):
    user = UserFactory(name=name)
    return person(cohort, "mentor", user=user, answers={"skills_offered": skills}, **fields)


def _mentee(cohort, name, skills):
    return person(cohort, user=UserFactory(name=name), answers={"skills_wanted": skills})


@pytest.fixture
def draft(cohort, people):
    run = asked(cohort)
    runs.carry_out(run.pk)
    OutboxMessage.objects.all().delete()
    return MatchingRun.objects.get(pk=run.pk)


def pairs_of(run):
    return set(run.suggestions.values_list("mentee__user__name", "mentor__user__name"))


def make(run, by, kind, mentee, mentor=None, reason="Both asked for it.", **more):
    return changes.make(run, by=by, kind=kind, mentee=mentee, mentor=mentor, reason=reason, **more)


def replay(run):
    call_command("check_run", run.code)
    call_command("replay_run", run.code)


def test_a_lock_makes_a_draft_of_its_own(draft, by, people) -> None:
    child = make(draft, by, "lock", people["ada"], people["grace"])
    assert (child.status, child.kind, child.parent) == ("done", "changed", draft)
    assert child.locked == [[people["ada"].code, people["grace"].code]]
    assert pairs_of(child) == pairs_of(draft) == {("Ada", "Grace"), ("Bob", "Alan")}
    replay(child)


def test_a_prohibition_moves_both_and_counts_in_later_runs(draft, by, people, cohort) -> None:
    child = make(draft, by, "forbid", people["ada"], people["grace"])
    assert pairs_of(child) == {("Ada", "Alan"), ("Bob", "Grace")}
    assert child.score < draft.score
    assert child.gap == 0
    told = Exclusion.objects.values("mentee", "mentor", "reason", "by").get()
    assert told == {
        "mentee": people["ada"].pk,
        "mentor": people["grace"].pk,
        "reason": "Both asked for it.",
        "by": by.pk,
    }
    replay(child)
    later = asked(cohort)
    runs.carry_out(later.pk)
    assert pairs_of(later) == pairs_of(child)


def test_a_pair_by_hand_is_as_the_question_foretold(draft, by, people) -> None:
    told = inquiries.ask(
        draft, Inquiry.Kind.WHY_NOT, mentee=people["ada"], mentor=people["alan"], by=by
    ).answer
    child = make(draft, by, "pair", people["ada"], people["alan"])
    assert (child.matched, child.score) == (told["cost"]["matched"], told["cost"]["score"])
    assert pairs_of(child) == {("Ada", "Alan"), ("Bob", "Grace")}
    assert [(m["mentee"], m["after"]) for m in told["cost"]["moves"]] == [
        (people["bob"].code, people["grace"].code)
    ]
    replay(child)


def test_a_change_of_a_change_holds_too(draft, by, people) -> None:
    child = make(draft, by, "forbid", people["ada"], people["grace"])
    grandchild = make(child, by, "lock", people["bob"], people["grace"])
    assert pairs_of(grandchild) == pairs_of(child)
    assert grandchild.locked == [[people["bob"].code, people["grace"].code]]
    replay(grandchild)


def test_the_draft_itself_stays_as_it_was(draft, by, people) -> None:
    before = MatchingRun.objects.filter(pk=draft.pk).values().get()
    make(draft, by, "forbid", people["ada"], people["grace"])
    assert MatchingRun.objects.filter(pk=draft.pk).values().get() == before
    assert pairs_of(draft) == {("Ada", "Grace"), ("Bob", "Alan")}
    replay(draft)


def test_a_second_click_makes_no_second_draft(draft, by, people) -> None:
    once = make(draft, by, "lock", people["ada"], people["grace"])
    twice = make(draft, by, "lock", people["ada"], people["grace"])
    assert once == twice
    assert draft.changes.count() == LoggedDecision.objects.count() == 1


def test_two_coordinators_make_two_drafts(draft, by, people) -> None:
    one = make(draft, by, "lock", people["ada"], people["grace"])
    other = make(draft, UserFactory(), "forbid", people["ada"], people["grace"])
    assert one.parent == other.parent == draft
    assert pairs_of(one) != pairs_of(other)


def test_each_decision_is_in_the_log_with_its_reason(draft, by, people) -> None:
    child = make(draft, by, "forbid", people["ada"], people["grace"], "They are cousins.")
    decision = LoggedDecision.objects.get()
    assert (decision.kind, decision.by_code, decision.reason.text) == (
        "pair.forbidden",
        by.code,
        "They are cousins.",
    )
    assert decision.facts == {
        "run": draft.code,
        "draft": child.code,
        "kind": "forbid",
        "mentee": people["ada"].code,
        "mentor": people["grace"].code,
    }
    assert set(decision.reason.about.all()) == {people["ada"].user, people["grace"].user}


@pytest.mark.parametrize("kind", ["lock", "pair", "forbid"])
def test_a_change_without_a_reason_is_refused(draft, by, people, kind) -> None:
    with pytest.raises(RuleBroken, match="reason"):
        make(draft, by, kind, people["ada"], people["grace"], " ")
    assert not draft.changes.exists()


def test_a_published_run_changes_no_more(draft, by, people) -> None:
    matching_runs.publish(draft, by=by)
    draft.refresh_from_db()
    with pytest.raises(RuleBroken, match="published"):
        make(draft, by, "lock", people["ada"], people["grace"])
    assert not draft.changes.exists()


def test_a_forgotten_run_changes_no_more(draft, by, people) -> None:
    RunInput.objects.all().delete()
    with pytest.raises(RuleBroken, match="no longer kept"):
        make(draft, by, "lock", people["ada"], people["grace"])


def test_a_draft_whose_question_goes_before_the_worker_comes_says_so(
    draft, by, people, monkeypatch
) -> None:
    monkeypatch.setattr(MatchingRun, "AT_ONCE", 0)
    child = make(draft, by, "lock", people["ada"], people["grace"])
    RunInput.objects.all().delete()
    runs.carry_out(child.pk)
    child.refresh_from_db()
    assert child.status == "failed"
    assert "no longer kept" in child.failure


def test_a_worker_makes_the_changes_of_large_programs(draft, by, people, monkeypatch) -> None:
    monkeypatch.setattr(MatchingRun, "AT_ONCE", 0)
    child = make(draft, by, "forbid", people["ada"], people["grace"])
    assert (child.status, child.mentees) == ("queued", 2)
    runs.carry_out(child.pk)
    child.refresh_from_db()
    assert child.status == "done"
    assert [m.kind for m in OutboxMessage.objects.all()] == ["run_finished"]


def test_who_waited_for_a_change_gets_no_mail(draft, by, people) -> None:
    make(draft, by, "lock", people["ada"], people["grace"])
    assert not OutboxMessage.objects.exists()


def test_what_is_settled_is_not_settled_otherwise(draft, by, people) -> None:
    child = make(draft, by, "lock", people["ada"], people["grace"])
    with pytest.raises(RuleBroken, match="Ada is settled with Grace"):
        make(child, by, "pair", people["ada"], people["alan"])
    with pytest.raises(RuleBroken, match="settled in this draft"):
        make(child, by, "forbid", people["ada"], people["grace"])


def test_no_pair_by_hand_goes_beyond_the_places(draft, by, people) -> None:
    child = make(draft, by, "lock", people["ada"], people["grace"])
    with pytest.raises(RuleBroken, match="Every place of Grace is settled"):
        make(child, by, "pair", people["bob"], people["grace"])


def test_a_pair_that_was_forbidden_meanwhile_is_not_put_together(draft, by, people) -> None:
    make(draft, by, "forbid", people["ada"], people["grace"])
    with pytest.raises(RuleBroken, match="Allow them again"):
        make(draft, UserFactory(), "lock", people["ada"], people["grace"])


def test_undo_goes_back_and_lifts_what_went_with_it(draft, by, people) -> None:
    child = make(draft, by, "forbid", people["ada"], people["grace"])
    assert changes.undo(child, by=by) == draft
    assert changes.undo(child, by=by) == draft  # the second click
    assert not Exclusion.objects.exists()
    kinds = [one.kind for one in LoggedDecision.objects.order_by("number")]
    assert kinds == ["pair.forbidden", "change.undone"]
    # and the same can be done again
    assert make(draft, by, "forbid", people["ada"], people["grace"]) != child


def test_an_older_prohibition_stays_when_a_change_is_undone(draft, by, people) -> None:
    Exclusion.objects.create(mentee=people["ada"], mentor=people["grace"], by=UserFactory())
    child = make(draft, by, "forbid", people["ada"], people["grace"])
    changes.undo(child, by=by)
    assert Exclusion.objects.count() == 1


def test_a_run_that_changes_none_is_not_undone(draft, by) -> None:
    with pytest.raises(RuleBroken, match="nothing to take back"):
        changes.undo(draft, by=by)


def test_a_prohibition_can_be_lifted(draft, by, people) -> None:
    make(draft, by, "forbid", people["ada"], people["grace"])
    changes.allow(Exclusion.objects.get(), by=by)
    assert not Exclusion.objects.exists()
    assert LoggedDecision.objects.latest("number").kind == "pair.allowed"


# --- What would place somebody --------------------------------------------------------------------


@pytest.fixture
def short(cohort, by):
    """Two mentees for one place, and a mentor without common ground by the policy's must."""
    policy = Policy.from_dict(
        {
            "name": "Skills",
            "objective": "most-mentees-then-total",
            "criterion": [
                {
                    "name": "skills",
                    "label": "Skills",
                    "kind": "overlap",
                    "mentee": "skills_wanted",
                    "mentor": "skills_offered",
                    "points": 30,
                    "must": True,
                }
            ],
        }
    )
    cohort.policy = policy.to_dict()
    cohort.save()
    people = {
        "grace": _mentor(cohort, "Grace", ["Go"]),
        "alan": _mentor(cohort, "Alan", ["Cobol"]),
        "ada": _mentee(cohort, "Ada", ["Go"]),
        "bob": _mentee(cohort, "Bob", ["Go"]),
    }
    run = asked(cohort)
    runs.carry_out(run.pk)
    run.refresh_from_db()
    left = run.left_over.get().mentee
    return run, left, people


def remedies_of(run, mentee, by):
    told = inquiries.ask(run, Inquiry.Kind.WHY_UNMATCHED, mentee=mentee, by=by).answer
    return {one["kind"]: one for one in told["changes"]}


def test_one_more_place_places_whoever_lacked_it(short, by) -> None:
    run, left, people = short
    remedy = remedies_of(run, left, by)["seat"]
    child = make(run, by, "seat", left, people["grace"], "")
    assert (child.matched, child.score) == (remedy["matched"], remedy["score"]) == (2, 60)
    assert not child.left_over.exists()
    replay(child)


def test_a_must_eased_in_a_draft_leaves_the_cohorts_policy_alone(short, by, cohort) -> None:
    run, left, _people = short
    remedy = remedies_of(run, left, by)["must"]
    before = cohort.policy
    child = make(run, by, "must", left, None, "", criterion=remedy["criterion"])
    assert child.matched == 2
    assert child.policy["criterion"][0]["must"] is False
    cohort.refresh_from_db()
    assert cohort.policy == before
    replay(child)


def test_a_must_eased_for_later_too_is_eased_in_the_cohorts_policy(short, by, cohort) -> None:
    run, left, _people = short
    make(run, by, "must", left, None, "", criterion="skills", also_later=True)
    cohort.refresh_from_db()
    assert cohort.policy["criterion"][0]["must"] is False


def test_what_rules_a_pair_out_is_said(short, by) -> None:
    run, left, people = short
    with pytest.raises(RuleBroken, match="“Skills” rules them out: the mentee said Go, the"):
        make(run, by, "pair", left, people["alan"])
    assert not run.changes.exists()


def test_an_exclusion_lifted_places_whoever_it_kept_out(cohort, by) -> None:
    grace, ada = _mentor(cohort, "Grace", ["Go"]), _mentee(cohort, "Ada", ["Go"])
    Exclusion.objects.create(mentee=ada, mentor=grace, by=by, reason="Too near.")
    run = asked(cohort)
    runs.carry_out(run.pk)
    run.refresh_from_db()
    assert "exclusion" in remedies_of(run, ada, by)
    child = make(run, by, "exclusion", ada, grace, "")
    assert pairs_of(child) == {("Ada", "Grace")}
    assert not Exclusion.objects.exists()
    replay(child)
    changes.undo(child, by=by)
    assert Exclusion.objects.count() == 1


def test_replay_says_what_it_compares_in_a_changed_draft(draft, by, people, capsys) -> None:
    child = make(draft, by, "forbid", people["ada"], people["grace"])
    call_command("replay_run", child.code)
    report = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert report["same"]
    assert report["total"]
    assert report["digest"]
