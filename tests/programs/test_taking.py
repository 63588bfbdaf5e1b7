"""What a profile takes from an application: what is open, never what the person wrote."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from mentorship.shared.privacy.export import everything_about
from mentorship.shared.questions.kinds import Kind
from mentorship.shared.questions.models import Question
from programs import taking
from programs.actions import applications, corrections, drafts, people
from programs.models import Application, Cohort, Profile, User
from programs.progress import pages_of
from tests.factories.programs import (
    ApplicationFactory,
    CohortFactory,
    MembershipFactory,
    QuestionnaireFactory,
    UserFactory,
)

GO = {"name": "Go", "now": 3, "wanted": 3}
RUST = {"name": "Rust", "now": 1, "wanted": 4}
ANSWERS: dict[str, Any] = {
    "motivation": "I want to.",
    "time_zone": "Europe/Kyiv",
    "languages": ["Ukrainian", "English"],
    "skills_offered": [GO],
    "skills_wanted": [RUST],
    "styles": ["books"],
    "interests": ["chess"],
    "hours": [16, 17],
}
ASKS = [
    ("motivation", Kind.LONG_TEXT),
    ("time_zone", Kind.ZONE),
    ("languages", Kind.ITEMS),
    ("skills_offered", Kind.SKILLS),
    ("skills_wanted", Kind.SKILLS),
    ("styles", Kind.ITEMS),
    ("interests", Kind.ITEMS),
    ("hours", Kind.HOURS),
]


@pytest.fixture
def cohort(db: None) -> Cohort:
    found: Cohort = CohortFactory(
        mentor_questions=QuestionnaireFactory(asks=ASKS),
        mentee_questions=QuestionnaireFactory(asks=ASKS),
    )
    return found


@pytest.fixture
def ada(db: None, client: Client) -> User:
    user: User = UserFactory()
    client.force_login(user)
    return user


def sent_in(cohort: Cohort, person: User, role: str = "mentee", **answers: Any) -> Application:
    draft = ApplicationFactory(
        cohort=cohort, applicant=person, role=role, status="draft", answers=ANSWERS | answers
    )
    return applications.submit(draft, by=person)


def profile_of(person: User) -> Profile:
    return Profile.objects.select_related("user").get(user=person)


# --- What is taken ------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["mentor", "mentee"])
def test_an_application_sent_in_fills_an_empty_profile(
    cohort: Cohort, ada: User, role: str
) -> None:
    application = sent_in(cohort, ada, role)
    profile = profile_of(ada)
    assert {name: profile.told(name) for name in taking.FIELDS} == {
        "time_zone": "Europe/Kyiv",
        "languages": ["Ukrainian", "English"],
        "skills": [GO | {"teaches": True}, RUST | {"teaches": False}],
        "styles": ["books"],
        "interests": ["chess"],
        "hours": [16, 17],
    }
    assert [set(parts) for parts in profile.taken_from().values()] == [set(taking.FIELDS)]
    assert profile.taken_from().keys() == {application.code}
    profile.full_clean()


def test_what_the_person_wrote_stays(cohort: Cohort, ada: User) -> None:
    people.update_profile(ada, by=ada, languages=["French"], time_zone="Asia/Tokyo")
    application = sent_in(cohort, ada)
    profile = profile_of(ada)
    assert (profile.languages, profile.user.time_zone) == (["French"], "Asia/Tokyo")
    assert set(profile.taken_from()[application.code]) == {"skills", "styles", "interests", "hours"}


def test_a_draft_is_told_nobody(cohort: Cohort, ada: User) -> None:
    draft = ApplicationFactory(cohort=cohort, applicant=ada, status="draft", answers={})
    applications.save(draft, by=ada, answers=ANSWERS)
    assert not Profile.objects.exists()


def test_an_answer_for_coordinators_only_stays_with_them(cohort: Cohort, ada: User) -> None:
    Question.objects.filter(key="languages").update(is_sensitive=True)
    sent_in(cohort, ada)
    assert profile_of(ada).languages == []


def test_an_answer_that_was_not_asked_is_not_taken(cohort: Cohort, ada: User) -> None:
    Question.objects.filter(key="styles").update(shown_if="motivation", shown_if_answers=["other"])
    sent_in(cohort, ada)
    assert profile_of(ada).styles == []


def test_a_list_of_names_makes_up_no_levels() -> None:
    asked = [("a", Kind.ITEMS, "skills_wanted"), ("b", Kind.SHORT_TEXT, "languages")]
    assert taking.for_profile(asked, {"a": ["Go"], "b": "English"}) == {}


def test_a_skill_in_two_answers_stands_once_with_the_most_of_each() -> None:
    asked = [("teach", Kind.SKILLS, "skills_offered"), ("learn", Kind.SKILLS, "skills_wanted")]
    told = {"teach": [GO], "learn": [{"name": "go", "now": 2, "wanted": 4}]}
    assert taking.for_profile(asked, told) == {
        "skills": [{"name": "Go", "now": 3, "wanted": 4, "teaches": True}]
    }


# --- What follows, and what does not --------------------------------------------------------------


def test_what_nobody_has_looked_at_follows_the_application(cohort: Cohort, ada: User) -> None:
    application = sent_in(cohort, ada)
    applications.save(application, by=ada, answers=ANSWERS | {"languages": ["Polish"]})
    assert profile_of(ada).languages == ["Polish"]
    page = pages_of(application.questionnaire, application.answers)[0]
    kept = drafts.save_page(
        application, by=ada, page=page, answers=ANSWERS | {"languages": ["Czech"]}, seen=""
    )
    assert not kept.refused
    assert profile_of(ada).languages == ["Czech"]


def test_what_the_person_took_out_is_not_filled_in_again(cohort: Cohort, ada: User) -> None:
    application = sent_in(cohort, ada)
    people.update_profile(ada, by=ada, languages=[], hours=[1])
    applications.save(application, by=ada, answers=ANSWERS | {"hours": [5]})
    sent_in(cohort, ada, "mentor")
    profile = profile_of(ada)
    assert (profile.languages, profile.hours) == ([], [1])
    assert set(profile.taken_from()[application.code]) == {
        "time_zone",
        "skills",
        "styles",
        "interests",
    }


def test_a_second_application_changes_nothing_that_is_told(cohort: Cohort, ada: User) -> None:
    first = sent_in(cohort, ada)
    sent_in(cohort, ada, "mentor", languages=["Polish"])
    profile = profile_of(ada)
    assert profile.languages == ANSWERS["languages"]
    assert profile.taken_from().keys() == {first.code}


def test_a_list_that_coordinators_brought_writes_into_no_profile(cohort: Cohort, ada: User) -> None:
    brought = ApplicationFactory(cohort=cohort, applicant=ada, answers=ANSWERS)
    Application.objects.filter(pk=brought.pk).update(brought_at=brought.created_at)
    applications.accept(brought, by=UserFactory())
    assert not Profile.objects.exists()


def test_a_corrected_part_is_not_called_taken_any_more(cohort: Cohort, ada: User) -> None:
    coordinator = MembershipFactory(program=cohort.program).user
    application = sent_in(cohort, ada)
    applications.accept(application, by=coordinator)
    profile = profile_of(ada)
    corrections.correct_profile(
        ada,
        by=coordinator,
        program=cohort.program,
        languages=["German"],
        styles=profile.styles,
    )
    parts = profile_of(ada).taken_from()[application.code]
    assert ("languages" in parts, "styles" in parts) == (False, True)


# --- What the person sees -------------------------------------------------------------------------


def test_the_person_hears_before_what_is_filled_and_afterwards_where_from(
    cohort: Cohort, ada: User, client: Client
) -> None:
    draft = ApplicationFactory(cohort=cohort, applicant=ada, status="draft", answers=ANSWERS)
    page = client.get(reverse("application-review", args=[draft.code])).content.decode()
    assert "Time zone, Languages, Skills, Ways of learning or teaching" in page
    assert "Taken from" not in client.get(reverse("profile")).content.decode()
    client.post(reverse("application-review", args=[draft.code]), {"heard_from": ""})
    page = client.get(reverse("profile")).content.decode()
    assert f"Taken from your application for {cohort.program.name}, {cohort.name}" in page
    Profile.objects.update(taken={"languages": "gone"})
    page = client.get(reverse("profile")).content.decode()
    assert "Taken from an application of yours" in page


def test_saving_the_profile_makes_everything_the_persons_own_word(
    cohort: Cohort, ada: User, client: Client
) -> None:
    sent_in(cohort, ada)
    sent = {"name": "Ada", "time_zone": "Europe/Kyiv", "languages": "Polish", "capacity": "1"}
    assert client.post(reverse("profile"), sent).status_code == 302
    profile = profile_of(ada)
    assert (profile.languages, profile.skills) == (["Polish"], [])
    assert profile.taken_from() == {}
    assert "Taken from" not in client.get(reverse("profile")).content.decode()


def test_my_data_names_the_parts_that_were_taken(cohort: Cohort, ada: User) -> None:
    sent_in(cohort, ada)
    assert "Languages" in str(everything_about(ada))
