"""Applying page by page: nothing typed is lost, whoever else writes and whenever it ends."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail
from django.urls import reverse

from mentorship.shared.audit.models import AuditEvent
from mentorship.shared.base import clock
from mentorship.shared.base.rules import RuleBroken
from mentorship.shared.notifications import delivery
from mentorship.shared.notifications.models import OutboxMessage
from mentorship.shared.questions.kinds import Kind
from mentorship.shared.questions.models import Question
from programs import tasks
from programs.actions import applications, drafts
from programs.models import Application
from programs.progress import carried_over, fingerprint, missing, next_open, pages_of
from tests.factories.programs import (
    ApplicationFactory,
    CohortFactory,
    ProgramFactory,
    QuestionnaireFactory,
    UserFactory,
)


def in_steps():
    """A form of three pages; the last one asks only those who said yes on the first."""
    form = QuestionnaireFactory(
        asks=[
            ("motivation", Kind.LONG_TEXT),
            ("has_experience", Kind.YES_NO),
            ("goal", Kind.SHORT_TEXT),
            ("years", Kind.NUMBER),
        ]
    )
    for key, fields in {
        "motivation": {"section": "About you"},
        "goal": {"section": "Where to", "required": True},
        "years": {
            "section": "Experience",
            "required": True,
            "shown_if": "has_experience",
            "shown_if_answers": ["yes"],
        },
    }.items():
        Question.objects.filter(questionnaire=form, key=key).update(**fields)
    return form


@pytest.fixture
def cohort(db):
    return CohortFactory(mentee_questions=in_steps())


@pytest.fixture
def applicant(client, db):
    person = UserFactory(time_zone="America/New_York")
    client.force_login(person)
    client.person = person
    return client


@pytest.fixture
def draft(cohort, applicant):
    return ApplicationFactory(
        cohort=cohort, applicant=applicant.person, status="draft", answers={"motivation": "mine"}
    )


def page_url(application, step):
    return reverse("application-edit", args=[application.code]) + f"?step={step}"


def text_of(answer):
    return " ".join(answer.content.decode().split())


# --- How far somebody is ------------------------------------------------------------------


def test_the_pages_say_what_is_open_and_leave_out_what_is_not_asked(cohort):
    form = cohort.mentee_questions
    pages = pages_of(form, {"motivation": "m"})
    assert [(page.number, page.place, page.title) for page in pages] == [
        (1, 1, "About you"),
        (2, 2, "Where to"),
        (3, 0, "Experience"),
    ]
    assert [[question.key for question in page.missing] for page in pages] == [[], ["goal"], []]
    assert next_open(pages).number == 2
    told = {"motivation": "m", "has_experience": True, "goal": "g"}
    assert [page.place for page in pages_of(form, told)] == [1, 2, 3]
    assert [question.key for question in missing(form, told)] == ["years"]
    assert next_open(pages_of(form, told | {"years": 3})) is None


def test_a_form_without_questions_has_one_page_and_nothing_open(db):
    (page,) = pages_of(QuestionnaireFactory(), {})
    assert (page.place, next_open([page]), page.keys) == (1, None, frozenset())


def test_an_optional_page_that_was_passed_over_is_not_gone_back_to(db, applicant):
    keys = ("first", "second", "third", "fourth")
    form = QuestionnaireFactory(asks=[(key, Kind.SHORT_TEXT) for key in keys])
    for key in keys:
        Question.objects.filter(questionnaire=form, key=key).update(
            section=key, required=key in ("first", "fourth")
        )
    assert next_open(pages_of(form, {})).number == 1
    assert next_open(pages_of(form, {"first": "1", "third": "3"})).number == 4
    assert next_open(pages_of(form, {"third": "3", "fourth": "4"})).number == 1
    assert next_open(pages_of(form, {"first": "1", "fourth": "4"})) is None
    draft = ApplicationFactory(
        cohort=CohortFactory(mentee_questions=form),
        applicant=applicant.person,
        status="draft",
        answers={"first": "1", "third": "3"},
    )
    detail = text_of(applicant.get(reverse("application-detail", args=[draft.code])))
    assert "Go on with step 4 of 4" in detail
    way = text_of(applicant.get(page_url(draft, 4)))
    assert "optional" in way
    assert "not filled in yet" not in way


def test_a_fingerprint_tells_other_answers_and_no_other_order():
    assert fingerprint({"a": 1, "b": [2]}) == fingerprint({"b": [2], "a": 1})
    assert fingerprint({"a": 1}) != fingerprint({"a": "1"})


# --- From page to page --------------------------------------------------------------------


def test_somebody_goes_through_the_pages_and_sends_in(applicant, cohort):
    new = reverse("application-new", args=[cohort.code, "mentee"])
    first = applicant.get(new)
    assert "Step 1 of 2" in text_of(first)
    assert list(first.context["form"].fields) == ["motivation", "has_experience"]
    answer = applicant.post(
        new, {"action": "next", "motivation": "to learn", "has_experience": "yes"}
    )
    application = Application.objects.get()
    assert answer["Location"] == page_url(application, 2)
    assert "Step 2 of 3" in text_of(applicant.get(answer["Location"]))
    answer = applicant.post(answer["Location"], {"action": "next", "goal": "lead"})
    assert answer["Location"] == page_url(application, 3)
    answer = applicant.post(answer["Location"], {"action": "next", "years": "4"})
    review = reverse("application-review", args=[application.code])
    assert answer["Location"] == review
    assert "to learn" in text_of(applicant.get(review))
    sent = applicant.post(review, {"heard_from": "linkedin"})
    assert sent["Location"] == reverse("application-detail", args=[application.code])
    application.refresh_from_db()
    assert (application.status, application.heard_from, application.heard_words) == (
        "submitted",
        "linkedin",
        "LinkedIn",
    )
    assert application.answers == {
        "motivation": "to learn",
        "has_experience": True,
        "goal": "lead",
        "years": 4,
    }
    assert application.questionnaire.frozen_at is not None


def test_a_page_that_is_not_asked_is_passed_over(applicant, draft):
    answer = applicant.post(page_url(draft, 2), {"action": "next", "goal": "lead"})
    assert answer["Location"] == reverse("application-review", args=[draft.code])


def test_the_way_on_leads_to_the_first_page_that_is_open(applicant, draft):
    detail = text_of(applicant.get(reverse("application-detail", args=[draft.code])))
    assert "Go on with step 2 of 2" in detail
    edit = reverse("application-edit", args=[draft.code])
    assert applicant.get(edit).context["page"].number == 2
    for nonsense in ("0", "9", "-1", "two", "1e9", "\uff19", "", "1" * 400):
        assert applicant.get(edit, {"step": nonsense}).context["page"].number == 2


def test_a_draft_that_is_filled_in_goes_on_where_it_is_sent_in(applicant, draft):
    Application.objects.filter(pk=draft.pk).update(answers={"motivation": "m", "goal": "g"})
    review = reverse("application-review", args=[draft.code])
    assert applicant.get(reverse("application-edit", args=[draft.code]))["Location"] == review
    assert applicant.get(page_url(draft, 1)).status_code == 200


def test_the_review_lists_what_is_missing_with_links_and_offers_no_button(applicant, draft):
    page = text_of(applicant.get(reverse("application-review", args=[draft.code])))
    assert f"{page_url(draft, 2)}#id_goal" in page
    assert "Send in" not in page


def test_an_incomplete_application_is_not_sent_in_by_any_way(draft):
    with pytest.raises(RuleBroken, match="missing"):
        applications.submit(draft, by=draft.applicant)


def test_answers_to_what_is_not_asked_any_more_are_let_go_when_sent_in(draft):
    draft.answers = {"motivation": "m", "has_experience": False, "goal": "g", "years": 9}
    draft.save()
    applications.submit(draft, by=draft.applicant)
    draft.refresh_from_db()
    assert "years" not in draft.answers


def test_a_changed_answer_after_sending_in_may_ask_for_another_one(applicant, cohort):
    application = ApplicationFactory(
        cohort=cohort, applicant=applicant.person, answers={"motivation": "m", "goal": "g"}
    )
    fields = {"motivation": "m", "has_experience": "yes"}
    answer = applicant.post(page_url(application, 1), fields)
    assert answer["Location"] == page_url(application, 3)
    assert applicant.post(page_url(application, 3), {"years": ""}).status_code == 422
    done = applicant.post(page_url(application, 3), {"years": "2"})
    assert done["Location"] == reverse("application-detail", args=[application.code])


def test_a_review_of_what_was_sent_in_is_the_page_itself(applicant, cohort):
    application = ApplicationFactory(cohort=cohort, applicant=applicant.person)
    answer = applicant.get(reverse("application-review", args=[application.code]))
    assert answer["Location"] == reverse("application-detail", args=[application.code])


@pytest.mark.parametrize(
    "fields, kept",
    [
        ({}, ""),
        ({"heard_from": "other"}, ""),
        ({"heard_from": "other", "elsewhere": "the radio"}, "the radio"),
        ({"heard_from": "meetup"}, "meetup"),
    ],
)
def test_where_somebody_heard_of_it_is_told_or_not(applicant, draft, fields, kept):
    Application.objects.filter(pk=draft.pk).update(answers={"motivation": "m", "goal": "g"})
    applicant.post(reverse("application-review", args=[draft.code]), fields)
    draft.refresh_from_db()
    assert (draft.status, draft.heard_from) == ("submitted", kept)


@pytest.mark.parametrize(
    "fields",
    [
        {"heard_from": "nowhere"},
        {"heard_from": "other", "elsewhere": "x" * 81},
        {"heard_from": "other", "elsewhere": "a\u2028b"},
        {"heard_from": "a\0"},
    ],
)
def test_no_wrong_word_of_where_is_kept(applicant, draft, fields):
    Application.objects.filter(pk=draft.pk).update(answers={"motivation": "m", "goal": "g"})
    answer = applicant.post(reverse("application-review", args=[draft.code]), fields)
    assert answer.status_code == 422
    draft.refresh_from_db()
    assert draft.status == "draft"


# --- Two devices, and the deadline --------------------------------------------------------


def test_pages_saved_on_two_devices_are_both_kept(draft):
    one, two = pages_of(draft.questionnaire, draft.answers)[:2]
    before = {page: drafts.answers_on(page, draft.answers) for page in (one, two)}
    for page, answers in ((one, {"motivation": "new"}), (two, {"goal": "far"})):
        kept = drafts.save_page(
            draft,
            by=draft.applicant,
            page=page,
            answers=answers,
            seen=fingerprint(before[page]),
        )
        assert not kept.refused
    draft.refresh_from_db()
    assert draft.answers == {"motivation": "new", "goal": "far"}


def test_the_second_of_two_devices_on_one_page_sees_both_and_decides(applicant, draft):
    url = page_url(draft, 1)
    seen = applicant.get(url).context["seen"]
    applicant.post(url, {"action": "save", "seen": seen, "motivation": "from the phone"})
    second = applicant.post(url, {"action": "save", "seen": seen, "motivation": "from the desk"})
    assert second.status_code == 409
    page = text_of(second)
    assert "from the phone" in page
    assert "from the desk" in page
    draft.refresh_from_db()
    assert draft.answers["motivation"] == "from the phone"
    again = {"action": "save", "seen": second.context["seen"], "motivation": "from the desk"}
    assert applicant.post(url, again).status_code == 302
    draft.refresh_from_db()
    assert draft.answers["motivation"] == "from the desk"


def test_the_same_answers_from_two_devices_are_no_conflict(applicant, draft):
    url = page_url(draft, 1)
    seen = applicant.get(url).context["seen"]
    for _ in range(2):
        fields = {"action": "save", "seen": seen, "motivation": "same"}
        assert applicant.post(url, fields).status_code == 302


def last_second(cohort):
    return cohort.apply_deadline


def test_the_last_second_counts_and_the_next_one_does_not(applicant, draft):
    url = page_url(draft, 1)
    last = last_second(draft.cohort)
    with clock.at(last + timedelta(milliseconds=999)):
        assert applicant.post(url, {"action": "save", "motivation": "just so"}).status_code == 302
    with clock.at(last + timedelta(seconds=1)):
        late = applicant.post(url, {"action": "save", "motivation": "too late"})
    assert late.status_code == 409
    assert "too late" in text_of(late)
    assert "closed" in text_of(late)
    draft.refresh_from_db()
    assert draft.answers["motivation"] == "just so"
    draft.cohort.apply_until += timedelta(days=2)
    draft.cohort.save()
    with clock.at(last + timedelta(seconds=1)):
        assert applicant.post(url, {"action": "save", "motivation": "too late"}).status_code == 302
    draft.refresh_from_db()
    assert draft.answers["motivation"] == "too late"


def test_a_first_page_after_the_deadline_shows_what_was_typed(applicant):
    cohort = CohortFactory(stage="matching")
    new = reverse("application-new", args=[cohort.code, "mentee"])
    late = applicant.post(new, {"action": "next", "motivation": "hours of work"})
    assert late.status_code == 409
    assert "hours of work" in text_of(late)
    assert not Application.objects.exists()


def test_a_decided_application_keeps_what_somebody_typed_on_the_page_only(applicant, cohort):
    application = ApplicationFactory(cohort=cohort, applicant=applicant.person, status="accepted")
    answer = applicant.post(page_url(application, 1), {"motivation": "new words"})
    assert answer.status_code == 409
    assert "new words" in text_of(answer)
    application.refresh_from_db()
    assert application.answers == {"motivation": "I want to."}


def test_the_deadline_is_told_in_both_zones_and_its_attribute_is_exact(applicant):
    with clock.at(datetime(2026, 6, 1, 12, tzinfo=UTC)):
        draft = ApplicationFactory(
            cohort=CohortFactory(apply_until=datetime(2026, 6, 12).date()),
            applicant=applicant.person,
            status="draft",
        )
        page = text_of(applicant.get(page_url(draft, 1)))
        there = "the end of Friday 12 June 2026 (Berlin time; 17:59 on 12 June where you are)"
        assert there in page
        raw = applicant.get(page_url(draft, 1)).content.decode()
        assert 'datetime="2026-06-12T21:59:59+00:00"' in raw
        public = text_of(applicant.get(reverse("program-detail", args=[draft.cohort.program.code])))
        assert there in public
        applicant.person.time_zone = applicant.person.NO_ZONE
        applicant.person.save()
        untold = applicant.get(page_url(draft, 1)).content.decode()
        assert "the end of Friday 12 June 2026 (Berlin time)<" in untold
        assert 'data-zone="Europe/Berlin"' in untold


def test_the_words_above_the_form_are_markdown_and_stand_on_the_first_step(applicant, cohort):
    cohort.program.apply_words = "Read **this** first. <b>raw</b>"
    cohort.program.save()
    draft = ApplicationFactory(cohort=cohort, applicant=applicant.person, status="draft")
    first = applicant.get(page_url(draft, 1)).content.decode()
    assert "Read <strong>this</strong> first. &lt;b&gt;raw" in first
    assert "Read <strong>" not in applicant.get(page_url(draft, 2)).content.decode()


# --- An earlier application -----------------------------------------------------------------


def test_answers_are_copied_when_asked_and_only_those_that_fit(applicant, cohort):
    earlier = ApplicationFactory(
        cohort=CohortFactory(program=ProgramFactory(name="Before")),
        applicant=applicant.person,
        answers={"motivation": "as then", "skills_wanted": ["Go"], "time_zone": "UTC"},
    )
    new = reverse("application-new", args=[cohort.code, "mentee"])
    page = text_of(applicant.get(new))
    assert "Copy 1 answer" in page
    assert "as then" not in page
    copy = reverse("application-copy", args=[cohort.code, "mentee"])
    answer = applicant.post(copy, {"application": earlier.code})
    made = Application.objects.get(cohort=cohort)
    assert answer["Location"] == reverse("application-edit", args=[made.code])
    assert (made.status, made.answers) == ("draft", {"motivation": "as then"})
    again = ApplicationFactory(applicant=applicant.person, answers={"motivation": "other"})
    applicant.post(copy, {"application": again.code})
    made.refresh_from_db()
    assert made.answers == {"motivation": "as then"}


@pytest.mark.parametrize("whose", ["another's", "nobody's", ""])
def test_nothing_is_copied_from_somebody_else(applicant, cohort, whose):
    other = ApplicationFactory()
    code = {"another's": other.code, "nobody's": "2222222222222b"}.get(whose, "")
    copy = reverse("application-copy", args=[cohort.code, "mentee"])
    assert applicant.post(copy, {"application": code}).status_code == 404
    assert not Application.objects.filter(cohort=cohort).exists()


def test_only_answers_that_can_still_be_chosen_are_carried_over(db):
    def form(**fields):
        made = QuestionnaireFactory(asks=[("size", Kind.ONE_OF), ("years", Kind.NUMBER)])
        for key, changed in fields.items():
            Question.objects.filter(questionnaire=made, key=key).update(**changed)
        return made

    then = form(size={"choices": ["small", "large"]})
    now = form(size={"choices": ["small"]}, years={"maximum": 5})
    assert carried_over(now, then, {"size": "small", "years": 5}) == {"size": "small", "years": 5}
    assert carried_over(now, then, {"size": "large", "years": 6}) == {}
    other_kind = form(years={"kind": Kind.SHORT_TEXT})
    assert carried_over(other_kind, then, {"years": 3}) == {}


def test_whoever_withdrew_begins_again_on_the_form_as_it_is_now(applicant, cohort):
    application = ApplicationFactory(
        cohort=cohort,
        applicant=applicant.person,
        status="withdrawn",
        answers={"motivation": "once", "goal": "far"},
    )
    cohort.mentee_questions = in_steps()
    cohort.save()
    detail = text_of(applicant.get(reverse("application-detail", args=[application.code])))
    assert "Apply again" in detail
    new = reverse("application-new", args=[cohort.code, "mentee"])
    applicant.post(new, {"action": "next", "motivation": "twice"})
    application.refresh_from_db()
    assert application.questionnaire == cohort.mentee_questions
    assert application.answers == {"motivation": "twice", "goal": "far"}


# --- The reminder ---------------------------------------------------------------------------


def old_draft(days_left, **fields):
    now = clock.now()
    cohort = CohortFactory(apply_until=(now + timedelta(days=days_left)).date())
    with clock.at(now - timedelta(days=4)):
        return ApplicationFactory(cohort=cohort, status="draft", **fields)


def test_a_draft_is_reminded_of_once_some_days_before_the_deadline(db):
    near, far = old_draft(2), old_draft(9)
    sent_in = ApplicationFactory(cohort=near.cohort)
    fresh = ApplicationFactory(cohort=near.cohort, status="draft")
    assert [tasks.tend_applying() for _ in range(3)] == [1, 0, 0]
    rows = OutboxMessage.objects.values_list("kind", "subject_code")
    assert list(rows) == [("application_unfinished", near.code)]
    assert AuditEvent.objects.get(verb="application.reminded").subject_code == near.code
    delivery.deliver_due()
    (sent,) = mail.outbox
    assert reverse("application-edit", args=[near.code]) in sent.body
    assert {far.code, sent_in.code, fresh.code}.isdisjoint(sent.body.split("/"))


def test_a_reminder_is_not_sent_to_who_sent_in_or_wants_none_or_too_late(db, settings):
    sent_in, late = old_draft(2), old_draft(1)
    tasks.tend_applying()
    applications.submit(sent_in, by=sent_in.applicant)
    with clock.at(late.cohort.apply_deadline + timedelta(seconds=1)):
        delivery.deliver_due()
    states = dict(
        OutboxMessage.objects.filter(kind="application_unfinished").values_list(
            "subject_code", "state"
        )
    )
    assert states == {sent_in.code: "skipped", late.code: "skipped"}
    settings.DRAFT_REMINDER_DAYS = 0
    old_draft(2)
    assert tasks.tend_applying() == 0


def test_a_draft_of_a_cohort_that_is_always_on_is_reminded_of_after_a_week(db):
    now = clock.now()
    cohort = CohortFactory(is_always_on=True, apply_until=None, ends_on=None, match_weeks=12)
    with clock.at(now - timedelta(days=8)):
        ApplicationFactory(cohort=cohort, status="draft")
    assert tasks.tend_applying() == 1
