import pytest
from django.core.exceptions import ValidationError

from mentorship.shared.questions.kinds import LONGEST_ITEM, MOST_ITEMS, ItemsField


@pytest.mark.parametrize(
    "written, items",
    [
        ("Python, Rust", ["Python", "Rust"]),
        ("Python; Rust ;", ["Python", "Rust"]),
        ("Python\nRust", ["Python", "Rust"]),
        ("GitHub (public, not private)\nReddit", ["GitHub (public, not private)", "Reddit"]),
        ("Go,  Go , Go", ["Go"]),
        ("", []),
        (["a, b", "c"], ["a, b", "c"]),
    ],
)
def test_a_list_is_read_as_people_write_it(written: object, items: list[str]) -> None:
    assert ItemsField(required=False).clean(written) == items


@pytest.mark.parametrize("items", [["Python", "Rust"], ["GitHub (public, not private)", "Go"]])
def test_a_list_survives_being_shown_and_sent_back(items: list[str]) -> None:
    field = ItemsField()
    assert field.clean(field.prepare_value(items)) == items


def test_a_list_has_its_limits() -> None:
    field = ItemsField()
    most = [str(n) for n in range(MOST_ITEMS)]
    assert field.clean("\n".join(most)) == most
    for too_much in ("\n".join([*most, "one more"]), "x" * (LONGEST_ITEM + 1), "a\x00b"):
        with pytest.raises(ValidationError):
            field.clean(too_much)
