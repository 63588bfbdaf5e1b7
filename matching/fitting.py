"""How well others fit one person who chooses, told from nothing but what the others show.

A card says what fits in words, and the best come first. Both read only the parts of a profile
that everybody in the cohort may see: neither sentence nor order tells anything that is not shown.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _

from matching import engine
from matching.asking import as_fact, facts_with_levels
from matching.policies import keep_private, policy_of
from matching.reasons import sentences
from mentorship.shared.base.zones import known_zones, local, offset_minutes
from mentorship.shared.questions.models import Question
from programs.facts import ASKED, facts_of, facts_of_profile
from programs.models import Application, Cohort, Participant, Profile, Role, Seen
from programs.visibility import Viewer

# A card says so much and no more.
MOST_SENTENCES = 4


@dataclass(slots=True)
class Card:
    """Somebody to choose, as everybody in the cohort may see them."""

    participant: Participant
    seen: Seen
    points: int = 0
    reasons: list[str] = field(default_factory=list)
    # What the one who looks has done about them, in words.
    place: str = ""
    # Whether the one who looks has met them at a meet-and-greet.
    is_met: bool = False

    @property
    def code(self) -> str:
        return self.participant.code

    @property
    def label(self) -> str:
        """The name, or words for somebody who shows it to their matches only."""
        if self.seen.name:
            return self.seen.name
        if self.participant.role == Role.MENTOR:
            return _("A mentor who shows no name yet")
        return _("A mentee who shows no name yet")

    def holds(self, text: str) -> bool:
        """Whether what is shown has this text in it, whatever its case."""
        seen = self.seen
        words = (seen.name, seen.headline, seen.story, *seen.languages, *seen.interests)
        told = "\n".join((*words, *self.skills, *seen.styles))
        return text.casefold() in told.casefold()

    @property
    def skills(self) -> list[str]:
        return [str(skill["name"]) for skill in self.seen.skills]


def cards(people: Iterable[Participant]) -> list[Card]:
    """A card for each of these people, in their order, without what fits.

    Their `user` and the user's profile are loaded.
    """
    return [Card(other, seen_in_cohort(other)) for other in people]


def seen_in_cohort(other: Participant) -> Seen:
    """What everybody in the cohort sees of somebody whose user and profile are loaded."""
    profile = getattr(other.user, "profile", None) or Profile(user=other.user)
    return profile.seen_by(Viewer.COHORT)


@dataclass(slots=True)
class Look:
    """One person who looks at others, with all they told themself and what of the policy counts.

    Without a policy that can be used nobody fits better than another; a coordinator reads why
    where they start a run.
    """

    one: Participant
    policy: engine.Policy | None
    facts: Mapping[str, engine.Fact]
    with_levels: frozenset[str]
    first: date
    offsets: dict[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, one: Participant, at: datetime) -> "Look":
        """As this person looks at the instant `at`, in four queries."""
        cohort = one.cohort
        try:
            policy = _readable(keep_private(policy_of(cohort), cohort.sensitive_facts()))
        except engine.EngineError:
            policy = None
        levels = facts_with_levels(policy) if policy else frozenset()
        first = max(cohort.starts_on, local(at, cohort.time_zone).date())
        look = cls(one, policy, {}, levels, first)
        look.facts = look._engine_facts(_facts_told(one, cohort), one.time_zone)
        return look

    def in_order(self, shown: Iterable[Card]) -> list[Card]:
        """Whoever fits best first, without those whom a rule over what is shown keeps apart.

        Where two fit alike, chance decides, for each reader otherwise and always the same, so that
        nobody comes first everywhere.
        """
        fitting = [card for card in shown if self._fits(card)]
        return sorted(fitting, key=lambda card: (-card.points, self._lot(card)))

    def explain(self, shown: Iterable[Card]) -> None:
        """Say on each of these cards what fits."""
        if self.policy is not None:
            table = self.policy.to_dict()
            for card in shown:
                told = [asdict(reason) for reason in self._reasons(card)]
                card.reasons = sentences(told, table)[:MOST_SENTENCES]

    def _fits(self, card: Card) -> bool:
        """Note the points on the card; False where a must keeps the two apart."""
        card.points = sum(reason.points for reason in self._reasons(card))
        try:
            return self.policy is None or not engine.vetoes(*self._pair(card), self.policy)
        except engine.EngineError:
            return True

    def _reasons(self, card: Card) -> tuple[engine.Reason, ...]:
        try:
            return engine.reasons(*self._pair(card), self.policy) if self.policy else ()
        except engine.EngineError:  # a fact of a type that the policy cannot read
            return ()

    def _lot(self, card: Card) -> bytes:
        return hashlib.sha256(f"{self.one.code}\n{card.code}".encode()).digest()

    def _pair(self, card: Card) -> tuple[engine.Mentee, engine.Mentor]:
        theirs = self._engine_facts(_facts_shown(card.seen), card.seen.time_zone)
        if self.one.role == Role.MENTEE:
            return engine.Mentee(self.one.code, self.facts), engine.Mentor(card.code, 1, theirs)
        return engine.Mentee(card.code, theirs), engine.Mentor(self.one.code, 1, self.facts)

    def _engine_facts(self, told: Mapping[str, Any], zone: str) -> dict[str, engine.Fact]:
        """The facts as the engine takes them, with how far the clock of a zone goes ahead."""
        facts = {
            name: as_fact(name, value, has_levels=name in self.with_levels)
            for name, value in told.items()
        }
        if zone in known_zones():
            if zone not in self.offsets:
                self.offsets[zone] = offset_minutes(zone, self.first)
            facts["utc_offset"] = self.offsets[zone]
        return facts


def _readable(policy: engine.Policy) -> engine.Policy | None:
    """What of the policy a pair may read; what somebody does not show keeps nobody apart.

    Hours are counted in periods that both sides share, which one person's page does not know of
    all others, so they stay out of it.
    """
    criteria = tuple(
        replace(criterion, must_answer=False)
        for criterion in policy.criteria
        if not criterion.private and criterion.kind.name != "hours"
    )
    return replace(policy, criteria=criteria) if criteria else None


def _facts_shown(seen: Seen) -> dict[str, Any]:
    """The facts that the visible parts of a profile tell."""
    return facts_of_profile(
        list(seen.languages), list(seen.skills), list(seen.styles), list(seen.hours)
    )


def _facts_told(one: Participant, cohort: Cohort) -> dict[str, Any]:
    """All that somebody told themself, in profile and application, as a run would read it."""
    profile = Profile.objects.filter(user=one.user_id).first()
    applied = Application.objects.filter(
        cohort=cohort,
        applicant=one.user_id,
        role=one.role,
        status=Application.Status.ACCEPTED,
    ).first()
    told = profile.facts() if profile else {}
    if applied is not None:
        asked = Question.objects.filter(questionnaire=applied.questionnaire_id).exclude(fact="")
        told |= facts_of(asked.values_list(*ASKED), applied.answers)
    return told
