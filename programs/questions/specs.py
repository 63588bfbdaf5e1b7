"""A question as data, before it is a row."""

from dataclasses import dataclass

from django.utils.functional import Promise

from mentorship.shared.questions.kinds import Kind
from mentorship.shared.questions.models import Question
from programs.models.roles import Role

BOTH = (Role.MENTOR, Role.MENTEE)


@dataclass(frozen=True, slots=True)
class QuestionSpec:
    """A question as data, before it is a row. `fact` names what it tells the matching, if at all.

    `roles` are the sides it makes sense for; `required` holds in the portal only: a list that a
    coordinator brings may leave anything open. `shown_if` holds where that question stands on the
    same form.
    """

    key: str
    kind: Kind
    label: str | Promise
    help: str | Promise = ""
    section: str | Promise = ""
    choices: tuple[str, ...] = ()
    minimum: int | None = None
    maximum: int | None = None
    lowest_words: str | Promise = ""
    highest_words: str | Promise = ""
    fact: str = ""
    is_sensitive: bool = False
    is_identifying: bool = False
    required: bool = False
    shown_if: str = ""
    shown_if_answers: tuple[str, ...] = ()
    roles: tuple[Role, ...] = BOTH

    @classmethod
    def of(cls, question: Question) -> "QuestionSpec":
        """The data of a question that stands on a form."""
        return cls(
            key=question.key,
            kind=Kind(question.kind),
            label=question.label,
            help=question.help,
            section=question.section,
            choices=tuple(question.choices),
            minimum=question.minimum,
            maximum=question.maximum,
            lowest_words=question.lowest_words,
            highest_words=question.highest_words,
            fact=question.fact,
            is_sensitive=question.is_sensitive,
            is_identifying=question.is_identifying,
            required=question.required,
            shown_if=question.shown_if,
            shown_if_answers=tuple(question.shown_if_answers),
        )
