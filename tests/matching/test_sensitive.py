"""What a form calls sensitive stays with the coordinators, in reasons and on the match page."""

import pytest
from django.test import Client
from django.urls import reverse

from matching.actions import matching_runs
from mentorship.shared.questions.models import Question
from tests.cast import Troupe

pytestmark = pytest.mark.django_db

POLICY = {
    "name": "By country",
    "objective": "most-mentees-then-total",
    "criterion": [
        {
            "name": "country",
            "label": "The same country",
            "kind": "same",
            "mentee": "country",
            "mentor": "country",
            "points": 5,
        }
    ],
}


def ask_for_the_country(here: Troupe, *, sensitive: bool) -> None:
    Question.objects.create(
        questionnaire=here.cohort.mentor_questions,
        position=9,
        key="country",
        kind="short_text",
        label="Where do you live?",
        fact="country",
        is_sensitive=sensitive,
    )
    here.mentor.facts["country"] = "Utopia"
    here.mentor.save()


@pytest.mark.parametrize("sensitive", [True, False])
def test_the_other_reads_only_what_is_not_sensitive(here: Troupe, sensitive: bool) -> None:
    ask_for_the_country(here, sensitive=sensitive)
    client = Client()
    client.force_login(here.mentee.user)
    page = client.get(reverse("match-detail", args=[here.match.code])).content.decode()
    assert ("Utopia" in page) is not sensitive


@pytest.mark.parametrize("sensitive", [True, False])
def test_a_criterion_over_a_sensitive_answer_is_private(here: Troupe, sensitive: bool) -> None:
    ask_for_the_country(here, sensitive=sensitive)
    here.cohort.runs.all().delete()
    run = matching_runs.start(here.cohort, by=here.coordinator, policy=POLICY)
    assert [criterion["private"] for criterion in run.policy["criterion"]] == [sensitive]
