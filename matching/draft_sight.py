"""What a reviewer reads of a draft: the one place that knows what is hidden from them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from matching.models import MatchingRun, Suggestion
from matching.reasons import sentences
from mentorship.shared.questions.models import Question
from programs.models import Application, Cohort, Participant, Profile
from programs.visibility import Viewer


@dataclass(frozen=True, slots=True)
class SeenPair:
    """A proposed match as a reviewer sees it."""

    mentee: str
    mentor: str
    reasons: list[str]


def seen_pairs(run: MatchingRun, suggestions: Iterable[Suggestion]) -> list[SeenPair]:
    """The pairs by name, or by number where names are hidden, with what a reviewer may read.

    No private reason, no sensitive answer, none that tells who it is where names are hidden, and
    nothing that one of the two shows to their match or to coordinators only. No points either:
    private reasons are in them. The same number of queries for any number of pairs.
    """
    pairs = list(suggestions)
    people = [person for pair in pairs for person in (pair.mentee, pair.mentor)]
    profiles = Profile.objects.by_user([person.user for person in people])
    names = _names(run.cohort, people)
    secret = _secret_facts(run.cohort)
    seen = []
    for pair in pairs:
        hidden = secret.union(
            *(
                profiles[person.user_id].seen_by(Viewer.COHORT).hidden_facts
                for person in (pair.mentee, pair.mentor)
            )
        )
        told = sentences(pair.reasons, run.policy, hidden=hidden)
        seen.append(SeenPair(names[pair.mentee_id], names[pair.mentor_id], told))
    return seen


def _secret_facts(cohort: Cohort) -> frozenset[str]:
    """Facts of sensitive answers, and of those that tell who it is where names are hidden.

    A form that was answered is never changed, so what the forms of earlier applications hide is
    hidden too, as on the review desk.
    """
    forms = Application.objects.filter(cohort=cohort).values("questionnaire")
    asked = Question.objects.filter(
        Q(questionnaire__in=forms)
        | Q(questionnaire__in=(cohort.mentor_questions_id, cohort.mentee_questions_id))
    )
    secret = Q(is_sensitive=True)
    if cohort.is_blind:
        secret |= Q(is_identifying=True)
    return frozenset(asked.filter(secret).exclude(fact="").values_list("fact", flat=True))


def _names(cohort: Cohort, people: Iterable[Participant]) -> Mapping[int, str]:
    """What stands for each person: the name, or the number of the application."""
    if not cohort.is_blind:
        return {person.pk: person.user.name for person in people}
    known: dict[tuple[int, str], Any] = {
        (one.applicant_id, one.role): one.blind_name
        for one in Application.objects.filter(
            cohort=cohort, applicant__in=[person.user_id for person in people]
        ).defer("answers")
    }
    return {
        person.pk: known.get((person.user_id, person.role), f"#{person.code[-4:].upper()}")
        for person in people
    }
