"""Hypothesis fills in every form of the site: whatever it types, no answer is an error of ours.

The forms come from the pages themselves: every form object that a page shows is filled in with
values made for its fields, valid and odd ones mixed, and sent to the page's own address. What a
sent form did is taken back, so that every example finds the same world.
"""

import os
from typing import Any
from urllib.parse import urlencode

import pytest
from django import forms
from django.db import transaction
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from programs.forms.people import PreferencesForm
from tests.cast import Troupe
from tests.test_bad_requests import FORM, ROUTES, codes, everybody, url_of

__all__ = ["everybody"]  # a fixture

FULL = bool(os.environ.get("FULL"))
EXAMPLES = 500 if FULL else 8

words = st.text(st.characters(exclude_categories=["Cs"]), max_size=300)
numbers = st.one_of(st.integers(-3, 30), st.integers(), st.floats()).map(str)
days = st.one_of(
    st.dates().map(str), st.datetimes().map(lambda at: at.isoformat(" ")), st.times().map(str)
)
anything = st.one_of(words, numbers, days, st.just(""))


def values_for(field: forms.Field) -> st.SearchStrategy[list[str]]:
    """What might be sent for a field: what it asks for, or anything."""
    choices = [
        str(value)
        for value, _label in getattr(field, "choices", ())
        if not isinstance(_label, (list, tuple))
    ]
    if choices and len(choices) < 1_000:
        chosen = st.sampled_from(choices)
        if isinstance(field, forms.MultipleChoiceField):
            return st.lists(st.one_of(chosen, anything), max_size=6)
        return st.one_of(chosen, chosen, anything).map(lambda value: [value])
    likely: st.SearchStrategy[str] = words
    if isinstance(field, (forms.IntegerField, forms.FloatField)):
        likely = numbers
    elif isinstance(field, (forms.DateField, forms.DateTimeField, forms.TimeField)):
        likely = days
    elif isinstance(field, forms.BooleanField):
        return st.sampled_from([[], ["on"]])
    elif isinstance(field, forms.EmailField):
        likely = st.emails()
    return st.one_of(likely, anything).map(lambda value: [value])


def shown_forms(client: Client, url: str) -> list[forms.BaseForm]:
    """Every form object in what a page shows."""
    found: list[forms.BaseForm] = []
    for context in client.get(url).context or []:
        for layer in context.dicts if hasattr(context, "dicts") else [context]:
            for value in layer.values():
                form = getattr(value, "form", value)
                if isinstance(form, forms.BaseForm) and all(form is not one for one in found):
                    found.append(form)
    return found


def names_of(form: forms.BaseForm) -> dict[str, forms.Field]:
    """Every name that the form's widgets send, with the field it belongs to."""
    sent: dict[str, forms.Field] = {}
    for name, field in form.fields.items():
        prefixed = form.add_prefix(name)
        parts = getattr(field.widget, "widgets_names", None) or [""]
        for part in parts:
            sent[prefixed + part] = field
    return sent


@pytest.mark.django_db
@pytest.mark.parametrize("name", ROUTES)
def test_no_form_is_answered_with_an_error_of_ours(name: str, everybody: Client, here: Troupe):
    url = url_of(name, codes(here))
    for form in shown_forms(everybody, url):
        fields = names_of(form)
        if fields:
            _fill_in(everybody, url, fields)


def _fill_in(client: Client, url: str, fields: dict[str, forms.Field]) -> None:
    strategy = st.fixed_dictionaries(
        {}, optional={name: values_for(field) for name, field in fields.items()}
    )

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy, st.sampled_from(["", "save", "submit", "confirm"]))
    def sent(values: dict[str, list[str]], action: str) -> None:
        data: list[tuple[str, Any]] = [(n, v) for n, many in values.items() for v in many]
        body = urlencode([*data, ("action", action)])
        with transaction.atomic():
            try:
                answer = client.generic("POST", url, body, content_type=FORM)
            finally:
                transaction.set_rollback(True)
        assert answer.status_code < 500

    sent()


@pytest.mark.django_db
def test_the_net_has_no_hole(everybody: Client, here: Troupe, monkeypatch: pytest.MonkeyPatch):
    """A form that breaks on something odd is noticed."""

    def breaks(self: Any) -> dict[str, Any]:
        raise ZeroDivisionError

    monkeypatch.setattr(PreferencesForm, "clean", breaks)
    with pytest.raises(ZeroDivisionError):
        test_no_form_is_answered_with_an_error_of_ours("preferences", everybody, here)
