"""A short validated personality form: the Mini-IPIP, twenty sentences for five traits, four each.

Source: M. B. Donnellan, F. L. Oswald, B. M. Baird, R. E. Lucas, "The Mini-IPIP scales:
tiny-yet-effective measures of the Big Five factors of personality", Psychological Assessment 18
(2006), pages 192 to 203. The sentences are from the International Personality Item Pool
(ipip.ori.org), which is in the public domain: they may be copied, translated and used for any
purpose without permission or fee. Their wording, order, answers from 1 (very inaccurate) to 5
(very accurate) and the key are those of the source.

The answers are sensitive and tell the matching nothing: nobody is matched or refused by a trait.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from mentorship.shared.questions.kinds import Kind
from programs.questions.specs import QuestionSpec

LOWEST, HIGHEST = 1, 5


class Trait(TextChoices):
    """What the form measures; imagination is also called openness or intellect."""

    EXTRAVERSION = "extraversion", _("Extraversion")
    AGREEABLENESS = "agreeableness", _("Agreeableness")
    CONSCIENTIOUSNESS = "conscientiousness", _("Conscientiousness")
    NEUROTICISM = "neuroticism", _("Neuroticism")
    IMAGINATION = "imagination", _("Imagination")


@dataclass(frozen=True, slots=True)
class Item:
    """One sentence. A reversed one speaks against its trait."""

    text: Promise
    trait: Trait
    is_reversed: bool = False

    def points(self, answer: int) -> int:
        """What an answer from 1 to 5 adds to the trait."""
        return LOWEST + HIGHEST - answer if self.is_reversed else answer


ITEMS: tuple[Item, ...] = (
    Item(_("Am the life of the party."), Trait.EXTRAVERSION),
    Item(_("Sympathize with others' feelings."), Trait.AGREEABLENESS),
    Item(_("Get chores done right away."), Trait.CONSCIENTIOUSNESS),
    Item(_("Have frequent mood swings."), Trait.NEUROTICISM),
    Item(_("Have a vivid imagination."), Trait.IMAGINATION),
    Item(_("Don't talk a lot."), Trait.EXTRAVERSION, is_reversed=True),
    Item(_("Am not interested in other people's problems."), Trait.AGREEABLENESS, is_reversed=True),
    Item(
        _("Often forget to put things back in their proper place."),
        Trait.CONSCIENTIOUSNESS,
        is_reversed=True,
    ),
    Item(_("Am relaxed most of the time."), Trait.NEUROTICISM, is_reversed=True),
    Item(_("Am not interested in abstract ideas."), Trait.IMAGINATION, is_reversed=True),
    Item(_("Talk to a lot of different people at parties."), Trait.EXTRAVERSION),
    Item(_("Feel others' emotions."), Trait.AGREEABLENESS),
    Item(_("Like order."), Trait.CONSCIENTIOUSNESS),
    Item(_("Get upset easily."), Trait.NEUROTICISM),
    Item(_("Have difficulty understanding abstract ideas."), Trait.IMAGINATION, is_reversed=True),
    Item(_("Keep in the background."), Trait.EXTRAVERSION, is_reversed=True),
    Item(_("Am not really interested in others."), Trait.AGREEABLENESS, is_reversed=True),
    Item(_("Make a mess of things."), Trait.CONSCIENTIOUSNESS, is_reversed=True),
    Item(_("Seldom feel blue."), Trait.NEUROTICISM, is_reversed=True),
    Item(_("Do not have a good imagination."), Trait.IMAGINATION, is_reversed=True),
)


def key_of(number: int) -> str:
    """The key of the question about the sentence of this number, counted from 1."""
    return f"personality_{number:02}"


PERSONALITY: tuple[QuestionSpec, ...] = tuple(
    QuestionSpec(
        key=key_of(number),
        kind=Kind.SCALE,
        label=item.text,
        section=_("How you are") if number == 1 else "",
        help=(
            _(
                "How accurately does each sentence describe you, as you generally are now? There "
                "is no right answer. Only coordinators read it, and you may leave it open."
            )
            if number == 1
            else ""
        ),
        minimum=LOWEST,
        maximum=HIGHEST,
        lowest_words=_("very inaccurate"),
        highest_words=_("very accurate"),
        is_sensitive=True,
    )
    for number, item in enumerate(ITEMS, start=1)
)


def scores(answers: Mapping[str, Any]) -> dict[Trait, int]:
    """The points of each trait, from 4 to 20; a trait with an open sentence is left out."""
    points: dict[Trait, list[int]] = {trait: [] for trait in Trait}
    for number, item in enumerate(ITEMS, start=1):
        answer = answers.get(key_of(number))
        if type(answer) is int and LOWEST <= answer <= HIGHEST:
            points[item.trait].append(item.points(answer))
    whole = len(ITEMS) // len(Trait)
    return {trait: sum(given) for trait, given in points.items() if len(given) == whole}
