"""Small made-up programs with several criteria, musts, hours, exclusions and private wishes."""

import random
from collections.abc import Mapping

from hypothesis import settings

from matching.engine import Fact, Input, Mentee, Mentor, PairOfIds, Policy

often = settings(max_examples=60, deadline=None)

SKILLS = {
    "name": "skills",
    "label": "Skills to learn",
    "kind": "overlap",
    "mentee": "skills_wanted",
    "mentor": "skills_offered",
    "points": 12,
}
LANGUAGE = {
    "name": "language",
    "label": "A common language",
    "kind": "same",
    "mentee": "languages",
    "mentor": "languages",
    "points": 3,
    "must": True,
}
ORGANISATION = {
    "name": "organisation",
    "label": "Not the same organisation",
    "kind": "different",
    "mentee": "organisation",
    "mentor": "organisation",
    "must": True,
}
HOURS = {
    "name": "hours",
    "label": "Common hours",
    "kind": "hours",
    "mentee": "hours",
    "mentor": "hours",
    "points": 8,
    "full_hours": 4,
    "least_hours": 3,
    "must": True,
}
WISH = {
    "name": "wish",
    "label": "A mentor as wished",
    "kind": "wish",
    "mentee": "identity_wished",
    "mentor": "identities",
    "when": "identity_matters",
    "points": 5,
}


def policy(*criteria: Mapping[str, object], objective: str = "most-mentees-then-total") -> Policy:
    return Policy.from_dict({"name": "made up", "objective": objective, "criterion": [*criteria]})


def free(hours: float) -> dict[str, Fact]:
    """The first so many hours of the week, on a clock that is UTC."""
    half_hours = int(2 * hours)
    return {"hours": "1" * half_hours + "0" * (336 - half_hours), "utc_offsets": (0,)}


def made_up(seed: int, objective: str = "most-mentees-then-total") -> Input:
    """Up to 6 mentees and 4 mentors; often too few seats, musts and barred pairs in the way."""
    rng = random.Random(seed)

    def some(values: str, most: int) -> frozenset[str]:
        return frozenset(rng.sample(values.split(), rng.randint(0, most)))

    def facts(skills: str) -> dict[str, Fact]:
        return {
            skills: some("Go Rust Java SQL", 3),
            "languages": some("English French", 2),
            "organisation": rng.choice(("Alpha", "Beta", None)),
            **free(rng.choice((1, 2, 3, 4.5))),
        }

    mentors = [
        Mentor(f"m{j}", rng.choice((0, 1, 1, 2)), facts("skills_offered"))
        for j in range(rng.randint(1, 4))
    ]
    mentees = [Mentee(f"e{i}", facts("skills_wanted")) for i in range(rng.randint(1, 6))]
    every = [(e.id, m.id) for e in mentees for m in mentors]

    def few() -> frozenset[PairOfIds]:
        return frozenset(pair for pair in every if rng.random() < 0.15)

    return Input(
        tuple(mentors),
        tuple(mentees),
        policy(SKILLS, LANGUAGE, ORGANISATION, HOURS, objective=objective),
        excluded=few(),
        avoided=few(),
        seed=rng.randint(0, 9),
    )
