"""A colour as text with a palette beside it; both work without a script."""

from typing import Any

from django import forms

from programs.colours import is_colour


class ColourInput(forms.TextInput):
    """The text counts, or the palette where only that was changed.

    A palette always holds a colour: `usual` while the text is empty. So the page also sends the
    text as it was (`<name>-was`), and a palette nobody touched says nothing. `palette` is what a
    screen reader calls it.
    """

    template_name = "programs/colour.html"

    def __init__(self, *, usual: str, palette: Any) -> None:
        super().__init__(attrs={"autocomplete": "off", "spellcheck": "false"})
        self.usual, self.palette = usual, palette

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        text = super().value_from_datadict(data, files, name)
        was, picked = data.get(f"{name}-was"), data.get(f"{name}-palette")
        if picked and text == was and picked != _shown(was, self.usual):
            return picked
        return text

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(name, value, attrs)
        widget = context["widget"]
        widget["palette"] = self.palette
        widget["was"] = widget["value"] or ""
        widget["shown"] = _shown(widget["was"], self.usual)
        return context


def _shown(text: str, usual: str) -> str:
    """What the palette shows beside this text; a browser takes six digits in small letters only."""
    return text.lower() if is_colour(text.lower()) else usual
