from collections import Counter
from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from matching.fitting import Card

# A list to choose from that is longer than this helps nobody.
_MOST_OFFERED = 200


class FindForm(forms.Form):
    """Narrow down whom one looks at, by what they show."""

    q = forms.CharField(label=_("Words"), max_length=100, required=False)
    skill = forms.ChoiceField(label=_("Skill"), required=False)
    language = forms.ChoiceField(label=_("Language"), required=False)

    def __init__(self, *args: Any, cards: Iterable[Card], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        shown = list(cards)
        self._offer("skill", (skill for card in shown for skill in card.skills))
        self._offer("language", (word for card in shown for word in card.seen.languages))

    def _offer(self, name: str, words: Iterable[str]) -> None:
        often = [word for word, _count in Counter(words).most_common(_MOST_OFFERED)]
        offered = [(word, word) for word in sorted(often, key=str.casefold)]
        self.fields[name] = forms.ChoiceField(
            label=self.fields[name].label, choices=[("", _("Any")), *offered], required=False
        )

    def narrow(self, cards: Iterable[Card]) -> list[Card]:
        """Those who fit what was asked; a field that makes no sense asks nothing."""
        asked = self.cleaned_data if self.is_bound and self.is_valid() else {}
        q, skill, language = (asked.get(name, "") for name in ("q", "skill", "language"))
        return [
            card
            for card in cards
            if (not q or card.holds(q))
            and (not skill or skill in card.skills)
            and (not language or language in card.seen.languages)
        ]


class NameForm(forms.Form):
    """Look for somebody by a word of what they show."""

    q = forms.CharField(label=_("Name, or a word they write about themselves"), max_length=100)


class _OneButton(forms.Form):
    """What to do about whom, and to which part of the list one goes back."""

    other = forms.CharField(max_length=20)
    back = forms.CharField(max_length=500, required=False)


class WishForm(_OneButton):
    do = forms.ChoiceField(choices=[(do, do) for do in ("choose", "up", "down", "drop")])


class AvoidForm(_OneButton):
    do = forms.ChoiceField(choices=[(do, do) for do in ("avoid", "allow")])


class AskForm(forms.Form):
    """What a mentee writes to the mentor they ask."""

    message = forms.CharField(
        label=_("Your message"),
        help_text=_("Who you are, what you would like to learn, and why from them."),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 7}),
    )
