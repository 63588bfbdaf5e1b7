"""Which criteria a cohort can use: those over facts that its people are asked for."""

from collections import defaultdict
from collections.abc import Mapping

from matching.engine import Criterion
from mentorship.shared.questions.models import Question
from programs.facts import SKILLS_HAVE, SKILLS_WANTED
from programs.models import Choice, Cohort, Role

# What everybody may tell in the profile, and what follows from place, day and earlier rounds.
_OF_EVERYBODY = frozenset(
    {"languages", "skills_offered", "skills_wanted", "styles", "hours", "time_zone", "utc_offset"}
)
_OF_MENTEES = frozenset({"priority"})


def facts_asked(cohort: Cohort) -> Mapping[str, frozenset[str]]:
    """What the matching may come to know of the people of this cohort, by role: one query."""
    forms = {Role.MENTOR: cohort.mentor_questions_id, Role.MENTEE: cohort.mentee_questions_id}
    questions = Question.objects.filter(questionnaire__in=forms.values()).exclude(fact="")
    asked: dict[int, set[str]] = defaultdict(set)
    for form, fact in questions.values_list("questionnaire", "fact"):
        asked[form].add(fact)
        if fact == SKILLS_WANTED:
            asked[form].add(SKILLS_HAVE)
    return {
        Role.MENTOR: _OF_EVERYBODY | asked[forms[Role.MENTOR]],
        Role.MENTEE: _OF_EVERYBODY | _OF_MENTEES | asked[forms[Role.MENTEE]],
    }


def missing_facts(
    criterion: Criterion, asked: Mapping[str, frozenset[str]], choice: str
) -> tuple[str, ...]:
    """The facts a criterion reads that nobody is asked for; empty when the cohort can use it.

    Whom people chose is known only where they choose; the missing "fact" is then "choices".
    """
    if criterion.kind.name == "ranks":
        return () if choice == Choice.RANKED else ("choices",)
    of_mentee = {name for name in (criterion.mentee, criterion.when) if name}
    of_mentor = {criterion.mentor} - {""}
    lacking = (of_mentee - asked[Role.MENTEE]) | (of_mentor - asked[Role.MENTOR])
    return tuple(sorted(lacking))
