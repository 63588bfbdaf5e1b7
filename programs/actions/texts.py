"""Texts that people have to read: written, written anew, retired, and read."""

from django.db import transaction
from django.utils.translation import gettext as _

from mentorship.shared.audit.models import record
from mentorship.shared.base import clock
from mentorship.shared.base.rules import RuleBroken
from programs.actions.applications import acted_in
from programs.models import Cohort, Consent, GateItem, RequiredText, TextVersion, User


@transaction.atomic
def write(
    cohort: Cohort,
    *,
    by: User,
    kind: str,
    title: str,
    body: str,
    role: str = "",
    is_for_program: bool = False,
    is_asked: bool = False,
) -> RequiredText:
    """A new text, in its first version, of this cohort or of its whole program.

    `role` is "mentor", "mentee" or "" for both. With `is_asked` this cohort's gate asks for it.
    Raises ValidationError for a value the models do not take.
    """
    text = RequiredText(
        program=cohort.program if is_for_program else None,
        cohort=None if is_for_program else cohort,
        kind=kind,
        role=role,
        title=title,
    )
    text.full_clean()
    text.save()
    _add_version(text, by=by, number=1, body=body, asks_again=True)
    if is_asked:
        GateItem.objects.create(cohort=cohort, key=GateItem.TEXT, text=text)
    record(by=by, verb="text.written", subject=text, program=cohort.program, title=title)
    return text


@transaction.atomic
def rewrite(
    text: RequiredText, *, by: User, title: str, body: str, asks_again: bool
) -> TextVersion:
    """A new version of the text; earlier ones stay as they are.

    With `asks_again` everybody reads it again; without, who has read an earlier one that still
    counts is left alone. Nothing happens when nothing changed and nobody is asked again.
    Raises RuleBroken for a retired text, ValidationError for a value the models do not take.
    """
    text = _locked(text)
    if text.retired_at is not None:
        raise RuleBroken(_("This text is retired. Please write a new one instead."))
    latest = text.versions.get(number=text.newest)
    if (latest.title, latest.body) == (title, body) and not asks_again:
        return latest
    text.title, text.newest = title, text.newest + 1
    if asks_again:
        text.consent_from = text.newest
    text.full_clean()
    text.save(update_fields=["title", "newest", "consent_from"])
    version = _add_version(text, by=by, number=text.newest, body=body, asks_again=asks_again)
    record(
        by=by,
        verb="text.rewritten",
        subject=text,
        program=text.of_program,
        title=title,
        version=version.number,
    )
    return version


@transaction.atomic
def retire(text: RequiredText, *, by: User) -> RequiredText:
    """Ask nobody for this text any more; whoever read it can still read it again.

    One that is retired already stays as it is.
    """
    text = _locked(text)
    if text.retired_at is None:
        text.retired_at = clock.now()
        text.save(update_fields=["retired_at"])
        GateItem.objects.filter(text=text).delete()
        record(by=by, verb="text.retired", subject=text, program=text.of_program, title=text.title)
    return text


@transaction.atomic
def agree(version: TextVersion, *, by: User) -> Consent:
    """Keep that this person has read this version; a second time changes nothing.

    Raises RuleBroken when the text has a newer version by now, or is retired.
    """
    version = TextVersion.objects.select_related("text").get(pk=version.pk)
    if not version.is_current:
        raise RuleBroken(_("This text has changed since. Please read the newest version of it."))
    if version.text.retired_at is not None:
        raise RuleBroken(_("This text is no longer in use, so you need not read it."))
    consent, is_new = Consent.objects.get_or_create(user=by, version=version)
    if is_new:
        program = version.text.of_program
        # whoever promises something to a program has come to it themself
        acted_in(program, by)
        record(
            by=by,
            verb="text.read",
            subject=version.text,
            program=program,
            title=version.title,
            version=version.number,
        )
    return consent


def _locked(text: RequiredText) -> RequiredText:
    return RequiredText.objects.select_for_update(of=("self",)).get(pk=text.pk)


def _add_version(
    text: RequiredText, *, by: User, number: int, body: str, asks_again: bool
) -> TextVersion:
    version = TextVersion(
        text=text,
        number=number,
        title=text.title,
        body=body,
        written_by=by,
        asks_again=asks_again,
    )
    version.full_clean()
    version.save()
    return version
