"""Ready-made questions about people, their skills and their work."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from mentorship.shared.questions.kinds import Kind
from programs.models.roles import Role
from programs.questions.specs import QuestionSpec

SENSITIVE: Final = _("Only coordinators read your answer. You may leave it open.")
# What an answer about oneself is for: the policy's wish for a shared identity, and nothing else.
_FOR_A_WISH: Final = _(
    "You give it for one purpose: the matching grants mentees' wishes for a mentor of an identity "
    "they share. Coordinators can read it, your match does not see it. You may leave it open."
)
LIST: Final = _("Separate by commas.")

USUAL: tuple[QuestionSpec, ...] = (
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
        help=LIST,
        fact="skills_offered",
        roles=(Role.MENTOR,),
    ),
    QuestionSpec(
        key="skills_wanted",
        kind=Kind.ITEMS,
        label=_("Which skills do you want to learn?"),
        help=LIST,
        fact="skills_wanted",
        roles=(Role.MENTEE,),
    ),
    QuestionSpec(
        key="skills_have",
        kind=Kind.ITEMS,
        label=_("Which skills do you have already?"),
        help=LIST,
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
        help=LIST,
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
        help=SENSITIVE,
        fact="caregiver",
        is_sensitive=True,
    ),
    QuestionSpec(
        key="identities",
        kind=Kind.ITEMS,
        label=_("Which identities may a mentee wish for in you?"),
        help=_FOR_A_WISH,
        fact="identities",
        is_sensitive=True,
        roles=(Role.MENTOR,),
    ),
    QuestionSpec(
        key="identity_matters",
        kind=Kind.YES_NO,
        label=_("Do you wish for a mentor who shares an identity with you?"),
        help=_FOR_A_WISH,
        fact="identity_matters",
        is_sensitive=True,
        roles=(Role.MENTEE,),
    ),
    QuestionSpec(
        key="identity_wished",
        kind=Kind.SHORT_TEXT,
        label=_("Which identity should your mentor share?"),
        help=_FOR_A_WISH,
        fact="identity_wished",
        is_sensitive=True,
        shown_if="identity_matters",
        shown_if_answers=("yes",),
        roles=(Role.MENTEE,),
    ),
)
