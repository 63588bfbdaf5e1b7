"""A program's own colours and words: always readable, only where they belong."""

import re

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from mentorship.shared.audit.models import AuditEvent
from programs.colours import (
    DARK_GROUNDS,
    ENOUGH,
    LIGHT_GROUNDS,
    WHITE,
    contrast,
    is_colour,
    least_contrast,
    readable,
    shades,
)
from programs.forms.look import LookForm
from programs.models import Program
from programs.vocabulary import Vocabulary
from tests.cast import Troupe

colours = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


class TestColours:
    @pytest.mark.parametrize(
        "one, other, expected",
        [
            ("#000000", "#ffffff", 21.0),
            ("#777777", "#ffffff", 4.48),  # the well-known grey that just fails
            ("#767676", "#ffffff", 4.54),  # and the one that just passes
            ("#ff0000", "#ffffff", 4.0),
        ],
    )
    def test_contrast_is_that_of_wcag(self, one, other, expected):
        assert contrast(one, other) == contrast(other, one) == pytest.approx(expected, abs=0.01)

    @given(colours)
    def test_every_pair_of_a_palette_can_be_read(self, colour):
        for name, grounds in (("light", LIGHT_GROUNDS), ("dark", DARK_GROUNDS)):
            one = shades(colour)[name]
            ink = {"light": "#22292b", "dark": "#ebe8e1"}[name]
            assert least_contrast(one.plain, (*grounds, one.wash)) >= ENOUGH
            assert least_contrast(one.strong, grounds) >= ENOUGH
            assert least_contrast(one.on, (one.plain, one.strong)) >= ENOUGH
            assert contrast(ink, one.wash) >= ENOUGH
            assert contrast(WHITE, one.band) >= 7
            assert contrast(one.band_soft, one.band) >= ENOUGH

    @given(colours)
    def test_what_is_proposed_can_be_read_and_is_the_colour_where_that_can(self, colour):
        near = readable(colour)
        assert least_contrast(near) >= ENOUGH
        assert (near == colour) == (least_contrast(colour) >= ENOUGH)

    @given(st.text(max_size=9))
    def test_only_six_digits_are_a_colour(self, text):
        assert is_colour(text) == bool(re.fullmatch(r"#[0-9a-fA-F]{6}", text))

    def test_no_colour_has_no_shades(self):
        with pytest.raises(ValueError, match="no colour"):
            shades("red;}")


class TestWords:
    def test_the_usual_words_stand_where_there_are_no_own(self):
        words = Vocabulary.of({"mentor": "advisor", "mentors": "advisors"})
        assert (words.a_role("mentor"), words.mentors, words.a_role("mentee")) == (
            "an advisor",
            "advisors",
            "a mentee",
        )

    def test_roles_are_told_by_the_words(self):
        words = Vocabulary.of({"mentee": "buddy", "mentees": "buddies"})
        assert [words.role("mentee"), words.roles("mentee"), words.role("mentor")] == [
            "buddy",
            "buddies",
            "mentor",
        ]


@pytest.mark.django_db
class TestForm:
    def asked(self, **data: str) -> LookForm:
        return LookForm(data, instance=Program(name="P", purpose="p"))

    def test_a_pale_colour_is_refused_with_one_that_can_be_read(self):
        form = self.asked(colour="#ffdd00")
        assert not form.is_valid()
        assert readable("#ffdd00") in form.errors["colour"][0]
        assert self.asked(colour=readable("#ffdd00")).is_valid()

    @pytest.mark.parametrize("colour", ["red", "#12", "#12345g", "}body{", "#1b5e52;"])
    def test_what_is_no_colour_is_refused(self, colour):
        assert "colour" in self.asked(colour=colour).errors

    def test_a_word_of_two_lines_is_refused(self):
        """It would stand in the subject of a mail."""
        form = self.asked(checkin="call\nYou won", checkins="calls")
        assert set(form.errors) == {"checkin"}

    def test_a_word_comes_with_its_plural(self):
        assert set(self.asked(mentor="coach").errors) == {"mentors"}
        assert set(self.asked(mentors="coaches").errors) == {"mentor"}
        form = self.asked(mentor="coach", mentors="coaches")
        assert form.is_valid()
        assert form.own_words() == {"mentor": "coach", "mentors": "coaches"}


class TestPalette:
    """A palette always says some colour; only one that somebody changed counts."""

    @pytest.mark.parametrize(
        "was, text, palette, kept",
        [
            ("", "", "#1b5e52", ""),  # nobody touched it: the colours of the site
            ("", "", "#7a3558", "#7a3558"),
            ("", "#7A3558", "#1b5e52", "#7a3558"),
            ("#7a3558", "#7a3558", "#7a3558", "#7a3558"),
            ("#7a3558", "#7a3558", "#224466", "#224466"),
            ("#7a3558", "", "#7a3558", ""),  # taken out of the text
            ("#7a3558", "#224466", "#663311", "#224466"),  # both changed: what was written
            (None, "#7a3558", "#224466", "#7a3558"),
            ("odd", "odd", "#1b5e52", None),
        ],
    )
    def test_the_text_counts_unless_only_the_palette_was_changed(self, was, text, palette, kept):
        sent = {"colour": text, "colour-palette": palette}
        form = LookForm(sent if was is None else sent | {"colour-was": was}, instance=Program())
        assert form.is_valid() is (kept is not None)
        assert form.cleaned_data.get("colour") == kept

    def test_the_palette_shows_the_colour_and_can_be_read_out(self):
        page = str(LookForm(instance=Program(colour="#7a3558"))["colour"])
        assert 'value="#7a3558"' in page
        assert 'aria-label="Pick the colour"' in page
        assert 'value="#1b5e52"' in str(LookForm(instance=Program())["colour"])


class TestPages:
    def test_a_coordinator_gives_the_program_its_look(self, here: Troupe, as_coordinator: Client):
        address = reverse("desk-look", args=[here.program.code])
        sent = {"colour": "#7A3558", "mentor": "coach", "mentors": "coaches"}
        assert as_coordinator.post(address, sent).status_code == 302
        here.program.refresh_from_db()
        assert here.program.colour == "#7a3558"
        assert here.program.words.mentors == "coaches"
        event = AuditEvent.objects.filter(verb="program.changed").latest("pk")
        assert event.details == {"fields": "colour, own_words"}

    def test_a_refused_form_shows_the_look_as_it_is(self, here: Troupe, as_coordinator: Client):
        address = reverse("desk-look", args=[here.program.code])
        answer = as_coordinator.post(address, {"colour": "#ffff00"})
        assert answer.status_code == 422
        assert "hard to read" in answer.content.decode()

    def test_the_stylesheet_holds_the_shades_and_nothing_else(self, here: Troupe, client: Client):
        here.program.colour = "#7a3558"
        here.program.save()
        answer = client.get(reverse("program-look", args=[here.program.code]))
        text = answer.content.decode()
        assert answer["Content-Type"].startswith("text/css")
        assert shades("#7a3558")["light"].plain in text
        assert shades("#7a3558")["dark"].wash in text
        assert "--plum" not in text

    def test_the_program_page_has_the_stylesheet_only_when_there_are_colours(
        self, here: Troupe, client: Client
    ):
        address = reverse("program-detail", args=[here.program.code])
        sheet = reverse("program-look", args=[here.program.code])
        assert sheet not in client.get(address).content.decode()
        here.program.colour = "#7a3558"
        here.program.save()
        assert sheet in client.get(address).content.decode()

    def test_nobody_sees_the_look_of_a_program_that_is_not_open(self, here: Troupe, client: Client):
        hidden = Program.objects.create(name="Hidden", purpose="Soon.")
        assert client.get(reverse("program-look", args=[hidden.code])).status_code == 404
