"""Reviewing: who is given what, what they see of it, what they may not see, and what they score."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from mentorship.shared.base import clock
from mentorship.shared.base.rules import RuleBroken
from mentorship.shared.notifications.delivery import compose
from mentorship.shared.notifications.models import OutboxMessage
from mentorship.shared.questions.kinds import Kind
from mentorship.shared.questions.models import Question
from programs import blind, rubric
from programs.actions import applications, questionnaires, reviews, rubrics
from programs.models import Application, Assignment, Cohort, Criterion, Review, Role
from programs.notifications import ReviewsAssigned
from tests.factories.programs import (
    ApplicationFactory,
    AssignmentFactory,
    CohortFactory,
    MembershipFactory,
    QuestionnaireFactory,
    ReviewFactory,
    UserFactory,
)

FULL = {"motivation": 5, "time": 3, "goals": 4, "brings": 2}


def member(cohort, role="reviewer", **user):
    return MembershipFactory(program=cohort.program, role=role, user=UserFactory(**user)).user


@pytest.fixture
def cohort(db):
    return CohortFactory(reviews_each=2)


@pytest.fixture
def by(cohort):
    return member(cohort, "coordinator")


def log_in(person):
    client = Client()
    client.force_login(person)
    return client


# --- Giving out -------------------------------------------------------------------------------


def test_applications_are_given_out_evenly_and_twice_is_once(cohort, by):
    people = [member(cohort) for _ in range(3)]
    for _ in range(9):
        ApplicationFactory(cohort=cohort)
    ApplicationFactory(cohort=cohort, status="accepted")
    share = reviews.assign(cohort, reviewers=people, by=by)
    assert (len(share.pairs), share.short) == (18, [])
    assert [Assignment.objects.filter(reviewer=one).count() for one in people] == [6, 6, 6]
    assert reviews.assign(cohort, reviewers=people, by=by).pairs == []
    numbers = Application.objects.filter(cohort=cohort, status="submitted").values_list("number")
    assert len(set(numbers)) == 9


def test_conflicts_of_interest_are_kept_out(cohort, by):
    own = member(cohort, email="own@gmail.com")
    rival = member(cohort, email="rival@gmail.com")
    colleague = member(cohort, email="one@firm.test")
    free = member(cohort, email="free@gmail.com")
    application = ApplicationFactory(cohort=cohort, applicant=own)
    ApplicationFactory(cohort=cohort, applicant=rival)
    worker = ApplicationFactory(
        cohort=cohort, applicant=UserFactory(email="two@Firm.test"), role="mentor"
    )
    reviews.assign(cohort, reviewers=[own, rival, colleague, free], by=by)
    readers = set(application.assignments.values_list("reviewer", flat=True))
    assert readers == {colleague.pk, free.pk}
    assert colleague.pk not in worker.assignments.values_list("reviewer", flat=True)


def test_whoever_has_no_duty_is_not_asked_to_read(cohort, by):
    ApplicationFactory(cohort=cohort)
    for nobody in (UserFactory(), member(cohort, "observer"), member(cohort, is_active=False)):
        with pytest.raises(RuleBroken, match="at least one"):
            reviews.assign(cohort, reviewers=[nobody], by=by)


def test_whoever_applies_later_reads_no_rival_any_more(cohort, by):
    reviewer = member(cohort)
    rivals = [ApplicationFactory(cohort=cohort) for _ in range(2)]
    mentor = ApplicationFactory(cohort=cohort, role="mentor")
    reviews.assign(cohort, reviewers=[reviewer], by=by)
    reviews.save(rivals[0], by=reviewer, scores=FULL, note="Not yet", advice="no")
    done = reviews.save(rivals[1], by=reviewer, scores=FULL, advice="yes", hand_in=True)
    own = ApplicationFactory(
        cohort=cohort, applicant=reviewer, status="draft", answers={"motivation": "Because"}
    )
    applications.submit(own, by=reviewer)
    standing = Assignment.objects.of(reviewer).values_list("application", flat=True)
    assert list(standing) == [mentor.pk]
    reasons = Assignment.objects.exclude(handed_back_at=None).values_list("reason", flat=True)
    assert list(reasons) == ["involved"] * 2
    # a draft goes; what was handed in stays, with its reason not to be asked again beside it
    assert list(Review.objects.filter(reviewer=reviewer)) == [done]
    answer = log_in(reviewer).post(
        reverse("desk-review", args=[rivals[0].code]), {"action": "save", "note": "bad"}
    )
    assert answer.status_code == 404
    for application in (rivals[0], own):
        with pytest.raises(RuleBroken, match="somebody else reads"):
            reviews.save(application, by=reviewer, scores=FULL)
    reviews.save(mentor, by=reviewer, scores=FULL)
    applications.withdraw(own, by=reviewer)
    reviews.save(rivals[1], by=reviewer, scores=FULL, advice="maybe")


def test_what_was_handed_back_is_not_given_to_the_same_person_again(cohort, by):
    one, other = member(cohort), member(cohort)
    application = ApplicationFactory(cohort=cohort)
    reviews.assign(cohort, reviewers=[one], by=by)
    reviews.save(application, by=one, scores={"motivation": 1})
    reviews.hand_back(application, by=one, reason="knows")
    assert not Review.objects.exists()
    assert not Application.objects.assigned_to(one).exists()
    share = reviews.assign(cohort, reviewers=[one, other], by=by)
    assert share.pairs == [(application.pk, other.pk)]
    assert share.short == [application.pk]
    with pytest.raises(RuleBroken, match="not on your list"):
        reviews.hand_back(application, by=one, reason="knows")


def test_a_review_that_is_in_is_not_handed_back(cohort):
    one = member(cohort)
    review = ReviewFactory(application=ApplicationFactory(cohort=cohort), reviewer=one)
    AssignmentFactory(application=review.application, reviewer=one)
    with pytest.raises(RuleBroken, match="in already"):
        reviews.hand_back(review.application, by=one, reason="other")


def test_who_loses_the_duty_loses_the_applications(cohort):
    one = member(cohort)
    application = AssignmentFactory(
        application=ApplicationFactory(cohort=cohort), reviewer=one
    ).application
    assert list(Application.objects.assigned_to(one)) == [application]
    one.memberships.all().delete()
    assert not Application.objects.assigned_to(one).exists()
    assert not Assignment.objects.of(one).exists()


# --- Scoring ----------------------------------------------------------------------------------


def test_a_review_is_a_draft_until_it_is_handed_in(cohort):
    one, application = member(cohort), ApplicationFactory(cohort=cohort)
    draft = reviews.save(application, by=one, scores={"motivation": 5, "nothing": 4, "time": 9})
    assert (draft.scores, draft.score, draft.is_handed_in) == ({"motivation": 5}, None, False)
    for lacking in ({"scores": {"motivation": 5}, "advice": "yes"}, {"scores": FULL}):
        with pytest.raises(RuleBroken, match="every line"):
            reviews.save(application, by=one, hand_in=True, **lacking)
    review = reviews.save(
        application, by=one, scores=FULL, advice="yes", flags=["sales"], hand_in=True
    )
    # motivation and goals count twice
    assert review.score == pytest.approx((5 * 2 + 3 + 4 * 2 + 2) / 6)
    assert (review.pk, review.is_flagged) == (draft.pk, True)
    changed = reviews.save(application, by=one, scores=FULL | {"time": 5}, advice="no")
    assert changed.is_handed_in
    assert changed.score > review.score


def test_after_the_decision_a_review_stays_as_it_is(cohort, by):
    application = ApplicationFactory(cohort=cohort)
    applications.decline(application, by=by)
    with pytest.raises(RuleBroken, match="decided"):
        reviews.save(application, by=member(cohort), scores=FULL, advice="no", hand_in=True)


# --- The rubric -------------------------------------------------------------------------------


def line(title, key="", **more):
    return {"key": key, "title": title, "low": "", "high": "", "weight": 1, "role": ""} | more


def test_a_cohort_without_a_rubric_of_its_own_has_the_usual_one(cohort, by):
    assert [one.key for one in rubric.criteria_for(cohort, "mentor")] == list(FULL)
    assert not Criterion.objects.exists()
    kept = rubrics.keep(
        cohort,
        lines=[line("Time first", "time", weight=3), line("Teaches", role="mentor")],
        by=by,
    )
    assert [one.title for one in rubric.criteria_for(cohort, "mentee")] == ["Time first"]
    assert [one.key for one in rubric.criteria_for(cohort, "mentor")] == [one.key for one in kept]
    with pytest.raises(RuleBroken, match="at least one"):
        rubrics.keep(cohort, lines=[], by=by)


def test_after_the_first_review_words_and_weights_change_and_the_scores_follow(cohort, by):
    application = ApplicationFactory(cohort=cohort)
    review = reviews.save(application, by=member(cohort), scores=FULL, advice="yes", hand_in=True)
    lines = [line(key.title(), key, weight=5 if key == "brings" else 1) for key in FULL]
    rubrics.keep(cohort, lines=lines, by=by)
    review.refresh_from_db()
    assert review.score == pytest.approx((5 + 3 + 4 + 2 * 5) / 8)
    with pytest.raises(RuleBroken, match="no criterion comes or goes"):
        rubrics.keep(cohort, lines=lines[1:], by=by)
    with pytest.raises(RuleBroken, match="no criterion comes or goes"):
        rubrics.keep(cohort, lines=[*lines, line("New")], by=by)


def test_a_coordinator_edits_the_rubric(here, as_coordinator):
    url = reverse("desk-rubric", args=[here.cohort.code])
    page = as_coordinator.get(url)
    assert "Motivation" in page.content.decode()
    fields = {"line-TOTAL_FORMS": "2", "line-INITIAL_FORMS": "1", "reviews_each": "3",
              "offer_days": "9", "is_blind": "on", "line-0-key": "time", "line-0-title": "Hours",
              "line-0-weight": "2", "line-1-title": "", "line-1-weight": "1"}  # fmt: skip
    assert as_coordinator.post(url, fields).status_code == 302
    here.cohort.refresh_from_db()
    assert (here.cohort.reviews_each, here.cohort.offer_days, here.cohort.is_blind) == (3, 9, True)
    assert [(one.key, one.title, one.weight) for one in here.cohort.criteria.all()] == [
        ("time", "Hours", 2)
    ]
    wrong = as_coordinator.post(url, fields | {"line-0-weight": "9", "reviews_each": "0"})
    assert wrong.status_code == 422
    assert "Please look at this again" in wrong.content.decode()


# --- The reviewer's desk ----------------------------------------------------------------------


@pytest.fixture
def asked(cohort):
    """A form with a question of each kind of secrecy, and somebody who reads the answers."""
    form = QuestionnaireFactory(
        asks=[
            ("motivation", Kind.LONG_TEXT),
            ("link", Kind.SHORT_TEXT),
            ("health", Kind.SHORT_TEXT),
        ]
    )
    Question.objects.filter(key="link").update(is_identifying=True)
    Question.objects.filter(key="health").update(is_sensitive=True)
    Cohort.objects.filter(pk=cohort.pk).update(mentee_questions=form)
    cohort.refresh_from_db()
    applicant = UserFactory(name="Zebulon Quartz", email="zebulon@quartz.test")
    application = ApplicationFactory(
        cohort=cohort,
        applicant=applicant,
        answers={"motivation": "Because", "link": "quartz.test/z", "health": "a secret"},
    )
    reviewer = member(cohort)
    reviews.assign(cohort, reviewers=[reviewer], by=member(cohort, "coordinator"))
    application.refresh_from_db()
    return application, reviewer


def every_page(application, reviewer):
    """Everything the reviewer can get: pages, where they lead and what their headers say."""
    client = log_in(reviewer)
    review = reverse("desk-review", args=[application.code])
    answers = [
        client.get(reverse("admin:index")),
        client.get(reverse("desk-my-reviews")),
        client.get(review),
        client.post(review, {"action": "hand_in"}),
        client.post(review, {"action": "save", "note": "n"}, follow=True),
        client.get(reverse("my-data")),
    ]
    return "\n".join(
        f"{answer.content.decode()} {dict(answer.headers)} {answer.request['PATH_INFO']}"
        for answer in answers
    )


def test_a_reviewer_reads_the_name_but_nothing_sensitive(asked):
    text = every_page(*asked)
    for shown in ("Zebulon Quartz", "Because", "quartz.test/z"):
        assert shown in text
    assert "a secret" not in text


def test_names_are_hidden_everywhere_when_the_cohort_asks_for_it(asked):
    application, reviewer = asked
    Cohort.objects.update(is_blind=True)
    text = every_page(application, reviewer)
    for shown in ("Applicant 1", "Because", "Free text may still tell"):
        assert shown in text
    for hidden in ("Zebulon", "Quartz", "quartz", "a secret", application.applicant.code):
        assert hidden not in text


@pytest.mark.parametrize("flag, key", [("is_identifying", "motivation"), ("is_sensitive", "link")])
def test_a_secret_that_is_noticed_later_is_hidden_in_what_was_answered(asked, flag, key):
    application, reviewer = asked
    Cohort.objects.update(is_blind=flag == "is_identifying")
    application.questionnaire.freeze(clock.now())
    cohort = Cohort.objects.get(pk=application.cohort_id)
    coordinator = member(cohort, "coordinator")
    questionnaires.change(cohort, role=Role.MENTEE, key=key, by=coordinator, **{flag: True})
    application.refresh_from_db()
    assert application.is_on_earlier_form
    assert application.answers[key] not in every_page(application, reviewer)
    # and what the form itself kept secret stays so when the newer one does not
    Question.objects.exclude(questionnaire=application.questionnaire).update(is_sensitive=False)
    assert "a secret" not in every_page(application, reviewer)


def test_the_order_of_a_blind_list_tells_nothing(cohort):
    Cohort.objects.update(is_blind=True)
    reviewer = member(cohort)
    people = [
        ApplicationFactory(cohort=cohort, applicant=UserFactory(name=f"{letter} Name"))
        for letter in "ABCDEFGHIJ"
    ]
    reviews.assign(cohort, reviewers=[reviewer], by=member(cohort, "coordinator"))
    shown = log_in(reviewer).get(reverse("desk-my-reviews")).context["page_obj"]
    by_code = sorted(people, key=lambda application: application.code)
    assert [one.application_id for one in shown] == [one.pk for one in by_code]
    assert [one.name for one in shown] == [f"Applicant {n}" for n in range(1, 11)]


def test_one_review_leads_to_the_next_and_at_last_back_to_the_list(cohort):
    reviewer = member(cohort)
    first, second = sorted(
        (ApplicationFactory(cohort=cohort) for _ in range(2)), key=lambda one: one.code
    )
    reviews.assign(cohort, reviewers=[reviewer], by=member(cohort, "coordinator"))
    client = log_in(reviewer)
    assert (
        "2 applications wait for your review" in client.get(reverse("admin:index")).content.decode()
    )
    filled = {f"score_{key}": score for key, score in FULL.items()}
    filled |= {"advice": "maybe", "action": "hand_in"}
    there = client.post(reverse("desk-review", args=[first.code]), filled)
    assert there["Location"] == reverse("desk-review", args=[second.code])
    there = client.post(reverse("desk-review", args=[second.code]), filled)
    assert there["Location"] == reverse("desk-my-reviews")
    assert "2 of 2 done" in client.get(reverse("desk-my-reviews")).content.decode()


def test_a_review_that_lacks_a_score_names_the_line(asked):
    application, reviewer = asked
    page = log_in(reviewer).post(
        reverse("desk-review", args=[application.code]), {"action": "hand_in", "score_time": "3"}
    )
    assert page.status_code == 422
    lacking = {"score_motivation", "score_goals", "score_brings", "advice"}
    assert set(page.context["form"].errors) == lacking
    assert not Review.objects.exists()


def test_a_reviewer_sees_nothing_else(here, elsewhere):
    client = log_in(here.reviewer)
    other = ApplicationFactory(cohort=here.next_cohort)
    for url in (
        reverse("desk-review", args=[other.code]),
        reverse("desk-review", args=[elsewhere.application.code]),
        reverse("desk-application", args=[here.application.code]),
        reverse("desk-applications", args=[here.next_cohort.code]),
        reverse("desk-reviewers", args=[here.next_cohort.code]),
        reverse("desk-waiting", args=[here.next_cohort.code, "mentee"]),
        reverse("desk-supply", args=[here.next_cohort.code]),
    ):
        assert client.get(url).status_code == 404


def test_coordinators_see_all_reviews_and_where_they_differ(here, as_coordinator):
    for scores, flags in (({"motivation": 5}, []), ({"motivation": 2}, ["copied"])):
        ReviewFactory(
            application=here.application, scores=scores, score=3.5, flags=flags, note="A thought"
        )
    ReviewFactory(
        application=here.application, note="Half a thought", score=None, submitted_at=None
    )
    page = as_coordinator.get(reverse("desk-application", args=[here.application.code]))
    text = page.content.decode()
    assert "differ by up to 3 points" in text
    assert "The text is not their own" in text
    assert "Half a thought" not in text
    assert page.context["reviews"]["mean"] == 3.5


def test_coordinators_give_out_and_see_how_far_it_is(here, as_coordinator):
    url = reverse("desk-reviewers", args=[here.next_cohort.code])
    ApplicationFactory(cohort=here.next_cohort)
    answer = as_coordinator.post(
        url, {"reviewers": [here.reviewer.code, here.coordinator.code]}, follow=True
    )
    assert "3 were given out." in answer.content.decode()
    for score in (2.0, 2.5):
        ReviewFactory(application=here.application, score=score)
    page = as_coordinator.get(url)
    assert page.context["compared"] == 1
    assert as_coordinator.post(url, {"reviewers": ["nobody"]}).status_code == 422


def test_what_somebody_sees_is_decided_in_one_place(asked):
    application, _reviewer = asked
    assert blind.for_coordinator(application).name == "Zebulon Quartz"
    keys = [q.key for q, _ in blind.for_coordinator(application).sections[0].answers]
    assert keys == ["motivation", "link", "health"]
    keys = [q.key for q, _ in blind.for_reviewer(application).sections[0].answers]
    assert keys == ["motivation", "link"]


def test_coordinators_see_when_a_reviewer_works_where_the_applicant_does(here, as_coordinator):
    application = ApplicationFactory(
        cohort=here.cohort, applicant=UserFactory(email="one@firm.test")
    )
    for address in ("two@firm.test", "three@gmail.com"):
        AssignmentFactory(application=application, reviewer=UserFactory(email=address))
    page = as_coordinator.get(reverse("desk-application", args=[application.code]))
    assert page.content.decode().count("Both at firm.test") == 1


def test_a_reviewer_hears_once_a_day_that_applications_were_given(cohort, by):
    reader = member(cohort)
    assert "Nothing to review yet" in log_in(reader).get("/admin/").content.decode()
    for _ in range(2):
        ApplicationFactory(cohort=cohort)
        reviews.assign(cohort, reviewers=[reader, by], by=by)
    [message] = OutboxMessage.objects.filter(kind="reviews_assigned")
    assert message.recipient == reader
    mail = compose(message, ReviewsAssigned(cohort))
    assert "2 applications wait for your review" in mail.body
    with clock.at(clock.now() + timedelta(days=1)):
        ApplicationFactory(cohort=cohort)
        reviews.assign(cohort, reviewers=[reader], by=by)
    assert OutboxMessage.objects.filter(kind="reviews_assigned").count() == 2
    step = log_in(reader).get("/").context["next_step"]
    assert (step.title, step.url) == ("3 applications to review", reverse("desk-my-reviews"))


def test_what_applicants_took_back_is_counted_nowhere(cohort, by):
    reader = member(cohort)
    wishes = [ApplicationFactory(cohort=cohort) for _ in range(3)]
    reviews.assign(cohort, reviewers=[reader], by=by)
    reviews.save(wishes[0], by=reader, scores=FULL, advice="yes", hand_in=True)
    for wish in wishes[:2]:
        applications.withdraw(wish, by=wish.applicant)
    mine = log_in(reader).get(reverse("desk-my-reviews")).context
    assert (mine["done"], mine["total"]) == (0, 1)
    assert log_in(reader).get("/admin/").context["to_review"] == 1
    [row] = log_in(by).get(reverse("desk-reviewers", args=[cohort.code])).context["people"]
    assert (row["done"], row["given"]) == (0, 1)
