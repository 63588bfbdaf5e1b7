"""Skills with the level one has and the level one wants, as a form field of rows."""

from collections.abc import Iterable, Mapping
from typing import Any, NotRequired, TypedDict

from django import forms
from django.db.models import IntegerChoices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

MOST_SKILLS, LONGEST_NAME = 30, 80
SPARE_ROWS = 3


class Level(IntegerChoices):
    """How well somebody knows something."""

    NONE = 0, gettext_lazy("none yet")
    BEGINNER = 1, gettext_lazy("beginner")
    WORKING = 2, gettext_lazy("working knowledge")
    STRONG = 3, gettext_lazy("strong")
    EXPERT = 4, gettext_lazy("expert")


class Skill(TypedDict):
    """One row as it is stored; both levels are numbers of `Level`.

    `teaches` is there where the field asks who can teach the skill.
    """

    name: str
    now: int
    wanted: int
    teaches: NotRequired[bool]


class SkillsWidget(forms.Widget):
    """A row for each skill and a few empty ones; saving gives new empty rows.

    `suggestions` are offered while one types a name; any other name may be typed.
    """

    template_name = "questions/skills.html"
    use_fieldset = True
    suggestions: tuple[str, ...] = ()
    asks_teaching = False
    most = MOST_SKILLS

    def id_for_label(self, id_: str) -> str:
        return ""  # rows of inputs, none of which is the field

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return False

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[dict[str, Any]]:
        """The rows that say something, as they were sent; a list is taken as rows already."""
        if not hasattr(data, "getlist") and isinstance(data.get(name), list):
            return list(data[name])
        sent = (
            {part: data.get(f"{name}-{at}-{part}", "") for part in (*_TOLD, "teaches")}
            for at in range(self.most)
        )
        return [row for row in sent if any(str(row[part]).strip() for part in _TOLD)]

    def format_value(self, value: Any) -> list[dict[str, Any]]:
        rows = [_shown(row) for row in value] if isinstance(value, list) else []
        return rows[: self.most]

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(name, value, attrs)
        filled = self.format_value(value)
        spare = min(SPARE_ROWS, self.most - len(filled))
        widget = context["widget"]
        widget["rows"] = filled + [_shown("") for _empty in range(spare)]
        widget["levels"] = [(str(level.value), level.label) for level in Level]
        widget["suggestions"] = self.suggestions
        widget["asks_teaching"] = self.asks_teaching
        widget["is_full"] = len(filled) == self.most
        widget["is_invalid"] = "is-invalid" in str(widget["attrs"].get("class", ""))
        return context


class SkillsField(forms.Field):
    """Skills by name, each with a level now and a level wanted. Cleans to a list of `Skill`.

    An empty list is no answer. Who leaves the wanted level open wants no more than they have.
    `suggestions` are names to choose from, `most` is how many skills one may name, and with
    `asks_teaching` each row has a box "I can teach it". Takes rows as they are stored, too.
    """

    widget = SkillsWidget
    default_error_messages = {
        "required": gettext_lazy("Please name at least one skill."),
        "invalid": gettext_lazy("Please name your skills in the rows."),
        "too_many": gettext_lazy("Please name at most %(most)d skills."),
        "no_name": gettext_lazy("Row %(row)d has a level and no skill. Name the skill."),
        "no_level": gettext_lazy("Say how well you know “%(name)s” now."),
        "no_such_level": gettext_lazy("Choose the levels of “%(name)s” from the list."),
        "too_long": gettext_lazy("“%(name)s…” is too long: at most %(most)d characters."),
        "odd": gettext_lazy("The name in row %(row)d has a character that cannot be kept."),
        "twice": gettext_lazy("“%(name)s” stands there twice. Keep one of the rows."),
    }

    def __init__(
        self,
        *,
        suggestions: Iterable[str] = (),
        asks_teaching: bool = False,
        most: int = MOST_SKILLS,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.asks_teaching, self.most = asks_teaching, most
        self.widget.suggestions = tuple(suggestions)
        self.widget.asks_teaching, self.widget.most = asks_teaching, most

    def clean(self, value: Any) -> list[Skill]:
        if value in self.empty_values:
            value = []
        if not isinstance(value, list):
            raise self._error("invalid")
        if len(value) > self.most:
            raise self._error("too_many", most=self.most)
        skills = [self._skill(at, row) for at, row in enumerate(value, start=1)]
        names = [skill["name"].casefold() for skill in skills]
        for at, name in enumerate(names):
            if name in names[:at]:
                raise self._error("twice", name=skills[at]["name"])
        if self.required and not skills:
            raise self._error("required")
        return skills

    def has_changed(self, initial: Any, data: Any) -> bool:
        return list(map(_shown, initial or [])) != list(map(_shown, data or []))

    def _skill(self, at: int, row: Any) -> Skill:
        if not isinstance(row, Mapping):
            raise self._error("invalid")
        name = " ".join(str(row.get("name") or "").split())
        if not name:
            raise self._error("no_name", row=at)
        if not name.isprintable():
            raise self._error("odd", row=at)
        if len(name) > LONGEST_NAME:
            raise self._error("too_long", name=name[:30], most=LONGEST_NAME)
        now = self._level(name, row.get("now"))
        if now is None:
            raise self._error("no_level", name=name)
        wanted = self._level(name, row.get("wanted"))
        skill: Skill = {"name": name, "now": now, "wanted": now if wanted is None else wanted}
        if self.asks_teaching:
            skill["teaches"] = bool(row.get("teaches"))
        return skill

    def _level(self, name: str, value: Any) -> int | None:
        text = "" if value is None else str(value).strip()
        if not text:
            return None
        if text not in _LEVELS:
            raise self._error("no_such_level", name=name)
        return _LEVELS[text]

    def _error(self, code: str, **params: Any) -> forms.ValidationError:
        return forms.ValidationError(self.error_messages[code], code=code, params=params)


def levels_now(skills: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """The level of each skill that somebody has to some extent, from 1 to 4."""
    return {skill["name"]: skill["now"] for skill in skills if skill["now"] > 0}


def steps_to_go(skills: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """How many levels are missing to what is wanted, from 1 to 4; skills without a gap are out."""
    gaps = {skill["name"]: skill["wanted"] - skill["now"] for skill in skills}
    return {name: gap for name, gap in gaps.items() if gap > 0}


def gap_in_words(now: int, wanted: int) -> str:
    """How far it is from one level to another: "two steps to go", empty for no gap."""
    few = {1: _("one step to go"), 2: _("two steps to go"), 3: _("three steps to go")}
    steps = wanted - now
    if steps <= 0:
        return ""
    return few.get(steps) or ngettext("%d step to go", "%d steps to go", steps) % steps


def in_words(value: Any) -> str:
    """Stored skills as a text for people: "Python: beginner, wants strong (two steps to go)"."""
    return "; ".join(
        _in_words(row) for row in map(_shown, value if isinstance(value, list) else [])
    )


_TOLD = ("name", "now", "wanted")
_LEVELS = {str(level.value): level.value for level in Level}


def _shown(row: Any) -> dict[str, Any]:
    """A row as the page and the words show it, whatever was stored or sent for it."""
    table = row if isinstance(row, Mapping) else {"name": row}
    name, now, wanted = ("" if table.get(p) is None else str(table[p]) for p in _TOLD)
    gap = ""
    if now in _LEVELS and wanted in _LEVELS:
        gap = gap_in_words(_LEVELS[now], _LEVELS[wanted])
    teaches = bool(table.get("teaches"))
    return {"name": name, "now": now, "wanted": wanted, "gap": gap, "teaches": teaches}


def _in_words(row: Mapping[str, Any]) -> str:
    if row["now"] not in _LEVELS:
        return str(row["name"])
    now = Level(_LEVELS[row["now"]]).label
    if not row["gap"]:
        return f"{row['name']}: {now}"
    return _("%(name)s: %(now)s, wants %(wanted)s (%(gap)s)") % {
        "name": row["name"],
        "now": now,
        "wanted": Level(_LEVELS[row["wanted"]]).label,
        "gap": row["gap"],
    }
