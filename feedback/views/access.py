"""Who is reading: somebody logged in, or somebody who came by a link in a mail."""

from typing import NamedTuple

from django.http import Http404, HttpRequest

from feedback.models import CheckIn, Invitation, Silence
from mentorship.shared.notifications.tokens import link_in
from programs.models import User


class Reader(NamedTuple):
    """`user` may read and answer the thing; `by_link` says that no log-in was needed."""

    user: User
    by_link: bool


def reader_of_checkin(request: HttpRequest, code: str) -> tuple[CheckIn, Reader]:
    """The check-in and who reads it. 404 for whoever does not meet there."""
    link = link_in(request, view="checkin-detail", subject_code=code)
    if link is not None:
        checkin = _checkin(link.user, code)
        if checkin is not None:
            return checkin, Reader(link.user, by_link=True)
    if request.user.is_authenticated:
        checkin = _checkin(request.user, code)
        if checkin is not None:
            return checkin, Reader(request.user, by_link=False)
    raise Http404


def reader_of_invitation(request: HttpRequest, code: str) -> tuple[Invitation, Reader]:
    """The invitation to a survey and who was invited. 404 for everybody else."""
    invitations = Invitation.objects.select_related("survey__cohort__program", "participant__user")
    link = link_in(request, view="survey-answer", subject_code=code)
    if link is not None:
        invitation = invitations.of(link.user).filter(code=code).first()
        if invitation is not None:
            return invitation, Reader(link.user, by_link=True)
    if request.user.is_authenticated:
        invitation = invitations.of(request.user).filter(code=code).first()
        if invitation is not None:
            return invitation, Reader(request.user, by_link=False)
    raise Http404


def reader_of_silence(request: HttpRequest, code: str) -> tuple[Silence, Reader]:
    """The question whether a match is in touch, and who is asked. 404 for everybody else."""
    link = link_in(request, view="silence-answer", subject_code=code)
    if link is not None:
        silence = _silence(link.user, code)
        if silence is not None:
            return silence, Reader(link.user, by_link=True)
    if request.user.is_authenticated:
        silence = _silence(request.user, code)
        if silence is not None:
            return silence, Reader(request.user, by_link=False)
    raise Http404


def _silence(user: User, code: str) -> Silence | None:
    return Silence.objects.of(user).with_people().filter(code=code).first()


def _checkin(user: User, code: str) -> CheckIn | None:
    return CheckIn.objects.of(user).with_people().filter(code=code).first()
