"""Supply and demand by skill while a cohort recruits, from what its applications say."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from mentorship.shared.questions.models import Question
from programs.facts import ASKED, SKILLS_WANTED, facts_of
from programs.models import Application, Cohort, Role

Status = Application.Status

# Whoever may still take part.
COUNTED = (Status.SUBMITTED, Status.WAITLISTED, Status.OFFERED, Status.ACCEPTED)
_MOST_SEATS = 20


@dataclass(frozen=True, slots=True)
class Skill:
    """One skill: how many seats mentors offer in it, and how many mentees wish for it."""

    name: str
    seats: int
    wishes: int

    @property
    def gap(self) -> int:
        """Wishes beyond the seats; below 0 seats are left."""
        return self.wishes - self.seats


@dataclass(frozen=True, slots=True)
class Market:
    """A cohort's supply and demand. `skills` are the most wished for, the largest gap first."""

    mentors: int
    mentees: int
    seats: int
    skills: list[Skill]
    # How many skills are named in all.
    named: int

    @property
    def short(self) -> list[Skill]:
        """Skills with more wishes than seats."""
        return [skill for skill in self.skills if skill.gap > 0]


def market_of(cohort: Cohort, *, most: int = 20) -> Market:
    """Count the skills in the cohort's applications: two queries, one pass over the answers.

    A mentor offers each of their skills with all their seats, as any of them may be the one that
    is used. Names are told apart without regard to case; each is written as most people do.
    """
    told = _facts(cohort)
    seats: Counter[str] = Counter()
    wishes: Counter[str] = Counter()
    written: dict[str, Counter[str]] = {}
    people: Counter[str] = Counter()
    all_seats = 0
    for role, facts in told:
        people[role] += 1
        if role == Role.MENTOR:
            capacity = _capacity(facts.get("capacity"))
            all_seats += capacity
            _count(seats, facts.get("skills_offered"), capacity, written)
        else:
            _count(wishes, facts.get(SKILLS_WANTED), 1, written)
    skills = [
        Skill(names.most_common(1)[0][0], seats[key], wishes[key])
        for key, names in written.items()
        if seats[key] or wishes[key]
    ]
    skills.sort(key=lambda skill: (-skill.wishes, -skill.seats, skill.name.casefold()))
    shown = sorted(skills[:most], key=lambda skill: (-skill.gap, skill.name.casefold()))
    return Market(people[Role.MENTOR], people[Role.MENTEE], all_seats, shown, len(skills))


def _facts(cohort: Cohort) -> Iterable[tuple[str, dict[str, Any]]]:
    rows = Application.objects.filter(cohort=cohort, status__in=COUNTED).order_by()
    forms = rows.values("questionnaire").distinct()
    asked: dict[int, list[tuple[str, str, str]]] = {}
    questions = Question.objects.filter(questionnaire__in=forms).exclude(fact="")
    for form, *question in questions.values_list("questionnaire", *ASKED):
        asked.setdefault(form, []).append(tuple(question))
    for form, role, answers in rows.values_list("questionnaire", "role", "answers").iterator():
        yield role, facts_of(asked.get(form, ()), answers)


def _count(counts: Counter[str], told: Any, amount: int, written: dict[str, Counter[str]]) -> None:
    """Add what somebody named, each skill once; `told` is a list of names or a table by name."""
    names = {
        " ".join(str(name).split()).casefold(): " ".join(str(name).split()) for name in told or ()
    }
    for key, name in names.items():
        counts[key] += amount
        written.setdefault(key, Counter())[name] += 1


def _capacity(told: Any) -> int:
    return min(max(told if isinstance(told, int) else 1, 1), _MOST_SEATS)
