"""Questions ready to be put on an application form, and how they get there.

A ready-made question has the name of the fact it tells the matching, so that a policy written for
one program reads the answers of another.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from mentorship.shared.questions.kinds import Kind
from mentorship.shared.questions.models import Question, Questionnaire
from programs.models.roles import Role

BOTH = (Role.MENTOR, Role.MENTEE)


@dataclass(frozen=True, slots=True)
class QuestionSpec:
    """A question as data, before it is a row. `fact` names what it tells the matching, if at all.

    `roles` are the sides it makes sense for; `required` holds in the portal only: a list that a
    coordinator brings may leave anything open.
    """

    key: str
    kind: Kind
    label: str | Promise
    help: str | Promise = ""
    choices: tuple[str, ...] = ()
    minimum: int | None = None
    maximum: int | None = None
    fact: str = ""
    is_sensitive: bool = False
    required: bool = False
    roles: tuple[Role, ...] = BOTH

    @classmethod
    def of(cls, question: Question) -> "QuestionSpec":
        """The data of a question that stands on a form."""
        return cls(
            key=question.key,
            kind=Kind(question.kind),
            label=question.label,
            help=question.help,
            choices=tuple(question.choices),
            minimum=question.minimum,
            maximum=question.maximum,
            fact=question.fact,
            is_sensitive=question.is_sensitive,
            required=question.required,
        )

    @classmethod
    def declared(cls, table: Mapping[str, Any]) -> "QuestionSpec":
        """A question from a table such as a mapping file holds.

        What the table leaves out comes from the ready-made question of that key; a new one needs
        `label` and `kind`, and tells the matching its key as a fact unless `fact` says otherwise.
        Raises KeyError for a missing or unknown entry, ValueError for an unknown kind.
        """
        known = {field.name for field in fields(cls)} - {"roles"}
        if unknown := table.keys() - known:
            raise KeyError(sorted(unknown)[0])
        values = dict(table)
        if "kind" in values:
            values["kind"] = Kind(values["kind"])
        if "choices" in values:
            values["choices"] = tuple(values["choices"])
        if (earlier := _BY_KEY.get(table["key"])) is not None:
            return replace(earlier, **values)
        return cls(
            **{"fact": table["key"], "label": table["label"], "kind": table["kind"]} | values
        )


_SENSITIVE = _("Only coordinators read your answer. You may leave it open.")
_LIST = _("Separate by commas.")

READY_MADE: tuple[QuestionSpec, ...] = (
    QuestionSpec(
        key="motivation",
        kind=Kind.LONG_TEXT,
        label=_("Why do you want to take part?"),
        help=_("A few sentences. The coordinators read them."),
        required=True,
    ),
    QuestionSpec(
        key="biography",
        kind=Kind.LONG_TEXT,
        label=_("A few words about yourself"),
        help=_("Your mentor or mentee reads them when you are matched."),
    ),
    QuestionSpec(
        key="capacity",
        kind=Kind.NUMBER,
        label=_("How many mentees can you take?"),
        minimum=1,
        maximum=20,
        fact="capacity",
        roles=(Role.MENTOR,),
    ),
    QuestionSpec(
        key="skills_offered",
        kind=Kind.ITEMS,
        label=_("Which skills can you teach?"),
        help=_LIST,
        fact="skills_offered",
        roles=(Role.MENTOR,),
    ),
    QuestionSpec(
        key="skills_wanted",
        kind=Kind.ITEMS,
        label=_("Which skills do you want to learn?"),
        help=_LIST,
        fact="skills_wanted",
        roles=(Role.MENTEE,),
    ),
    QuestionSpec(
        key="skills_have",
        kind=Kind.ITEMS,
        label=_("Which skills do you have already?"),
        help=_LIST,
        fact="skills_have",
        roles=(Role.MENTEE,),
    ),
    QuestionSpec(
        key="career_goal",
        kind=Kind.ONE_OF,
        label=_("What do you plan for the next years?"),
        choices=(
            "grow in the current career",
            "settle into a new career",
            "change career or industry",
            "explore a career change",
        ),
        fact="career_goal",
        roles=(Role.MENTEE,),
    ),
    QuestionSpec(
        key="styles",
        kind=Kind.SEVERAL_OF,
        label=_("How do you like to learn or teach?"),
        choices=(
            "documentation",
            "online communities",
            "Q&A",
            "video",
            "AI tools",
            "courses",
            "books",
            "blogs and podcasts",
            "on the job",
            "school",
            "challenges",
            "bootcamp",
        ),
        fact="styles",
    ),
    QuestionSpec(
        key="channels",
        kind=Kind.SEVERAL_OF,
        label=_("Which online communities do you use?"),
        choices=(
            "Stack Overflow",
            "GitHub (public projects, not private repos)",
            "YouTube",
            "Reddit",
            "Stack Exchange",
            "Discord",
            "LinkedIn",
            "Medium",
            "Hacker News",
            "X",
            "Slack (public channels, not work)",
            "Bluesky",
            "Twitch",
            "Dev.to",
            "Substack",
            "Company-sponsored forums",
            "Kaggle",
            "Hashnode",
        ),
        fact="channels",
    ),
    QuestionSpec(
        key="languages",
        kind=Kind.ITEMS,
        label=_("Which languages can you talk in?"),
        help=_LIST,
        fact="languages",
    ),
    QuestionSpec(
        key="time_zone",
        kind=Kind.ZONE,
        label=_("Which time zone do you live in?"),
        fact="time_zone",
    ),
    QuestionSpec(
        key="country",
        kind=Kind.SHORT_TEXT,
        label=_("Which country do you live in?"),
        fact="country",
    ),
    QuestionSpec(
        key="job_title", kind=Kind.SHORT_TEXT, label=_("What is your work?"), fact="job_title"
    ),
    QuestionSpec(
        key="years_experience",
        kind=Kind.NUMBER,
        label=_("How many years of work experience do you have?"),
        help=_("Whole years."),
        minimum=0,
        maximum=80,
        fact="years_experience",
    ),
    QuestionSpec(
        key="people_manager",
        kind=Kind.YES_NO,
        label=_("Do you lead people?"),
        fact="people_manager",
    ),
    QuestionSpec(
        key="grade",
        kind=Kind.SHORT_TEXT,
        label=_("What is your grade?"),
        help=_("As your organisation calls it."),
        fact="grade",
    ),
    QuestionSpec(
        key="profession",
        kind=Kind.SHORT_TEXT,
        label=_("What is your profession?"),
        fact="profession",
    ),
    QuestionSpec(
        key="organisation",
        kind=Kind.SHORT_TEXT,
        label=_("Which organisation do you work for?"),
        fact="organisation",
    ),
    QuestionSpec(
        key="organisation_size",
        kind=Kind.ONE_OF,
        label=_("How large is your organisation?"),
        choices=(
            "Just me - I am a freelancer, sole proprietor, etc.",
            "Less than 20 employees",
            "20 to 99 employees",
            "100 to 499 employees",
            "500 to 999 employees",
            "1,000 to 4,999 employees",
            "5,000 to 9,999 employees",
            "10,000 or more employees",
            "I don’t know",  # noqa: RUF001  the survey's own apostrophe
        ),
        fact="organisation_size",
    ),
    QuestionSpec(
        key="industry",
        kind=Kind.SHORT_TEXT,
        label=_("Which industry do you work in?"),
        fact="industry",
    ),
    QuestionSpec(
        key="work_mode",
        kind=Kind.ONE_OF,
        label=_("Where do you work?"),
        choices=("remote", "hybrid", "in person", "flexible"),
        fact="work_mode",
    ),
    QuestionSpec(
        key="caregiver",
        kind=Kind.YES_NO,
        label=_("Do you care for somebody, such as a child or a parent?"),
        help=_SENSITIVE,
        fact="caregiver",
        is_sensitive=True,
    ),
    QuestionSpec(
        key="identities",
        kind=Kind.ITEMS,
        label=_("Which identities may a mentee wish for in you?"),
        help=_SENSITIVE,
        fact="identities",
        is_sensitive=True,
        roles=(Role.MENTOR,),
    ),
    QuestionSpec(
        key="identity_matters",
        kind=Kind.YES_NO,
        label=_("Do you wish for a mentor who shares an identity with you?"),
        help=_SENSITIVE,
        fact="identity_matters",
        is_sensitive=True,
        roles=(Role.MENTEE,),
    ),
    QuestionSpec(
        key="identity_wished",
        kind=Kind.SHORT_TEXT,
        label=_("Which identity should your mentor share?"),
        help=_SENSITIVE,
        fact="identity_wished",
        is_sensitive=True,
        roles=(Role.MENTEE,),
    ),
)

_BY_KEY: Mapping[str, QuestionSpec] = {spec.key: spec for spec in READY_MADE}


def ready_made(key: str) -> QuestionSpec:
    """The ready-made question of this key. Raises KeyError when there is none."""
    return _BY_KEY[key]


def ready_made_for(role: str) -> tuple[QuestionSpec, ...]:
    """All ready-made questions that make sense for a role, in the order of a form."""
    return tuple(spec for spec in READY_MADE if role in spec.roles)


@transaction.atomic
def make_questionnaire(title: str, keys: Iterable[str], role: str) -> Questionnaire:
    """A new form of ready-made questions in this order.

    Raises KeyError for an unknown key, ValueError for a question the role is never asked.
    """
    questionnaire = Questionnaire.objects.create(title=title)
    for key in keys:
        spec = ready_made(key)
        if role not in spec.roles:
            raise ValueError(f"{key} is no question for a {role}")
        add_question(questionnaire, spec)
    return questionnaire


def add_question(
    questionnaire: Questionnaire,
    question: str | Mapping[str, Any] | QuestionSpec,
    *,
    required: bool | None = None,
) -> Question:
    """Put a question at the end of a form; one whose key stands there already is left as it is.

    `question` is the key of a ready-made one, a table (`QuestionSpec.declared`) or a spec.
    Labels are kept in English, as gettext knows them. Raises what `ready_made` and `declared` do.
    """
    if isinstance(question, str):
        spec = ready_made(question)
    elif isinstance(question, QuestionSpec):
        spec = question
    else:
        spec = QuestionSpec.declared(question)
    if (standing := questionnaire.questions.filter(key=spec.key).first()) is not None:
        return standing
    last = questionnaire.questions.aggregate(last=Max("position"))["last"]
    with translation.override(None):  # the words as they stand in the code
        return questionnaire.questions.create(
            position=0 if last is None else last + 1,
            key=spec.key,
            kind=spec.kind,
            label=str(spec.label),
            help=str(spec.help),
            required=spec.required if required is None else required,
            choices=list(spec.choices),
            minimum=spec.minimum,
            maximum=spec.maximum,
            fact=spec.fact,
            is_sensitive=spec.is_sensitive,
        )
