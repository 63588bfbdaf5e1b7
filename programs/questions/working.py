"""Ready-made questions about how somebody likes to work with another: talk, tools, time."""

from django.utils.translation import gettext_lazy as _

from mentorship.shared.questions.kinds import Kind
from programs.models.roles import Pace, Role
from programs.questions.specs import QuestionSpec

WORKING: tuple[QuestionSpec, ...] = (
    QuestionSpec(
        key="skills_teach",
        kind=Kind.SKILLS,
        label=_("Which skills can you teach, and how well do you know each?"),
        help=_("Leave the level wanted open where you want to learn no more."),
        fact="skills_offered",
        roles=(Role.MENTOR,),
    ),
    QuestionSpec(
        key="skills_learn",
        kind=Kind.SKILLS,
        label=_("Which skills do you want to learn?"),
        help=_("Say how well you know each now, and where you want to be."),
        fact="skills_wanted",
        roles=(Role.MENTEE,),
    ),
    QuestionSpec(
        key="communication",
        kind=Kind.SEVERAL_OF,
        label=_("How do you like to talk about work?"),
        choices=(
            "straight to the point",
            "with stories and examples",
            "with time to think before I answer",
            "thinking aloud together",
            "in writing",
            "with a drawing or something to try",
        ),
        fact="communication",
    ),
    QuestionSpec(
        key="feedback_style",
        kind=Kind.ONE_OF,
        label=_("How do you like to give or to hear criticism?"),
        choices=(
            "at once and plainly",
            "gently and with examples",
            "in writing, with time to think",
        ),
        fact="feedback_style",
    ),
    QuestionSpec(
        key="tools",
        kind=Kind.SEVERAL_OF,
        label=_("What do you have for meeting online?"),
        choices=(
            "a computer",
            "a phone",
            "a tablet",
            "a camera",
            "a headset or a microphone",
            "a quiet place",
        ),
        fact="tools",
    ),
    QuestionSpec(
        key="connection",
        kind=Kind.ONE_OF,
        label=_("How good is your internet connection?"),
        choices=(
            "good enough for video",
            "good enough for voice",
            "good enough for text and mail",
            "it comes and goes",
        ),
        fact="connection",
    ),
    QuestionSpec(
        key="pace",
        kind=Kind.ONE_OF,
        label=_("Which pace suits you?"),
        help=_(
            "Usual: as planned for everybody. Flexible: no fixed hours and fewer meetings, "
            "for example because you care for somebody or your connection is slow."
        ),
        choices=(Pace.USUAL.value, Pace.FLEXIBLE.value),
        fact="pace",
    ),
    QuestionSpec(
        key="hours",
        kind=Kind.HOURS,
        label=_("When can you usually meet?"),
        help=_("In your own time. Tick parts of days, or single hours."),
        fact="hours",
    ),
)
