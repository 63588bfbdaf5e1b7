"""The words and pictures that templates are made of."""

from datetime import UTC, date, datetime
from types import SimpleNamespace
from xml.etree import ElementTree

import pytest
from django.template import Context, Template
from django.utils import timezone, translation

from mentorship.shared.base import clock
from mentorship.shared.base.templatetags import charts, words
from programs.models import Cohort

NOON = datetime(2026, 3, 3, 12, 0, tzinfo=UTC)


def rendered(text: str, **context: object) -> str:
    return Template("{% load words charts %}" + text).render(Context(context)).strip()


def people(*names: str) -> list[SimpleNamespace]:
    return [SimpleNamespace(user=SimpleNamespace(name=name)) for name in names]


def cohort_of(*days: date) -> Cohort:
    names = ("apply_from", "apply_until", "starts_on", "ends_on")
    return Cohort(time_zone="Europe/Berlin", **dict(zip(names, days, strict=True)))


@pytest.mark.parametrize(
    "zone,said",
    [
        ("Europe/Berlin", "Berlin time"),
        ("America/Argentina/Buenos_Aires", "Buenos Aires time"),
        ("UTC", "UTC"),
    ],
)
def test_a_zone_is_said_as_people_say_it(zone: str, said: str) -> None:
    assert words.zone_words(zone) == said


def test_an_instant_stays_in_the_zone_that_is_asked_for() -> None:
    with timezone.override("America/New_York"):
        html = rendered("{% when moment 'Asia/Tokyo' %}", moment=NOON)
    assert html == ('<time datetime="2026-03-03T12:00+00:00">Tuesday 3 March 2026, 21:00</time>')


def test_an_instant_is_in_the_readers_zone_when_none_is_asked_for() -> None:
    with timezone.override("America/New_York"):
        assert rendered("{% when_text moment %}", moment=NOON) == "Tuesday 3 March 2026, 07:00"


def test_an_instant_can_be_short() -> None:
    html = rendered("{% when moment 'UTC' short=True %}", moment=NOON)
    assert ">Tue 3 Mar 2026, 12:00<" in html


def test_a_day_is_a_day_whatever_the_zone() -> None:
    with timezone.override("Pacific/Kiritimati"):
        html = rendered("{% day on %}", on=date(2026, 3, 3))
        assert html == '<time datetime="2026-03-03">3 March 2026</time>'
        assert rendered("{% day_text on %}", on=date(2026, 3, 3)) == "3 March 2026"


@pytest.mark.parametrize(
    "told,said",
    [
        ([], ""),
        (["Ada"], "Ada"),
        (["Ada", "Grace"], "Ada and Grace"),
        (["Ada", "Grace", "Joan"], "Ada, Grace and Joan"),
    ],
)
def test_names_read_as_a_sentence(told: list[str], said: str) -> None:
    assert words.names(people(*told)) == said


def test_names_of_dicts_are_found_too_and_are_escaped() -> None:
    others = [{"user": SimpleNamespace(name="<b>Ada</b>")}]
    assert rendered("{{ others|names }}", others=others) == "&lt;b&gt;Ada&lt;/b&gt;"


@pytest.mark.parametrize(
    "name,letters",
    [("Ada Lovelace", "AL"), ("Ada", "A"), ("Ana María de la Cruz", "AC"), ("", "")],
)
def test_initials_are_two_letters_at_most(name: str, letters: str) -> None:
    assert words.initials(name) == letters


def test_a_status_nobody_knows_has_no_colour() -> None:
    assert [words.tone(s) for s in ("accepted", "declined", "odd")] == ["good", "bad", "plain"]


def test_a_bar_chart_says_its_numbers_and_draws_them() -> None:
    html = rendered(
        "{% bar_chart rows 'Matches by points' 'Matches' %}", rows=[("60 to 69", 1), ("70", 4)]
    )
    table = ElementTree.fromstring(html)
    assert table.findtext("caption") == "Matches by points"
    assert [cell.text for cell in table.findall("./tbody/tr/td[@class='number']")] == ["1", "4"]
    bars = [rect.get("width") for rect in table.iter("rect") if rect.get("class") == "bar-fill"]
    assert bars == ["25%", "100%"]


def test_a_bar_chart_of_nothing_draws_nothing() -> None:
    assert charts.bar_chart([("none", 0)], "c")["bars"] == [
        {"label": "none", "count": 0, "width": "0%"}
    ]
    assert charts.bar_chart([], "c")["bars"] == []


def test_a_line_chart_has_the_same_numbers_as_a_table() -> None:
    html = rendered("{% line_chart points 'Held' 'Week' %}", points=[("1", 1.0), ("2", 0.25)])
    figure = ElementTree.fromstring(html)
    cells = [cell.text for cell in figure.findall(".//tbody/tr/td")]
    assert cells == ["100%", "25%"]
    assert figure.find("svg").get("aria-hidden") == "true"


@pytest.mark.parametrize("count", [0, 1, 2, 60])
def test_a_line_chart_labels_few_points_and_always_the_last(count: int) -> None:
    dots = charts.line_chart([(str(n), 0.5) for n in range(count)], "c", "h")["dots"]
    labelled = [dot["label"] for dot in dots if dot["is_labelled"]]
    assert len(labelled) <= 6
    assert not dots or labelled[-1] == str(count - 1)


def test_a_share_beyond_its_bounds_stays_in_the_picture() -> None:
    assert charts.meter(1.4) == {"width": "100%"}
    assert charts.meter(-1) == {"width": "0%"}


def test_positions_keep_their_point_in_languages_with_a_decimal_comma() -> None:
    with translation.override("de"):
        assert rendered("{{ share|percent }}", share=0.125) == "12.5%"


def test_the_span_of_a_cohort_shows_today_in_the_cohorts_zone() -> None:
    cohort = cohort_of(date(2026, 3, 1), date(2026, 3, 11), date(2026, 3, 21), date(2026, 4, 10))
    with clock.at(datetime(2026, 3, 10, 23, 30, tzinfo=UTC)):
        span = charts.cohort_span(cohort)
    assert span["today"] == "25%"
    assert [(part["start"], part["width"]) for part in span["parts"]] == [
        ("0%", "25%"),
        ("25%", "25%"),
        ("50%", "50%"),
    ]


def test_the_span_of_a_cohort_that_is_over_shows_no_today() -> None:
    cohort = cohort_of(date(2026, 1, 1), date(2026, 1, 11), date(2026, 1, 21), date(2026, 2, 10))
    with clock.at(NOON):
        assert charts.cohort_span(cohort)["today"] == ""
