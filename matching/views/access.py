"""Who is reading: somebody logged in, or somebody who came by a link in a mail."""

from typing import NamedTuple

from django.http import Http404, HttpRequest

from matching.models import Introduction, PlaceAsk
from mentorship.shared.notifications.tokens import link_in
from programs.models import Participant, User


class Reader(NamedTuple):
    """`user` may read and answer as `me`; `by_link` says that no log-in was needed."""

    user: User
    me: Participant
    by_link: bool


def reader_of_introduction(request: HttpRequest, code: str) -> tuple[Introduction, Reader]:
    """The introduction and who reads it. 404 for whoever is neither of the two."""
    link = link_in(request, view="introduction-detail", subject_code=code)
    if link is not None:
        introduction = _introduction(link.user, code)
        if introduction is not None:
            return introduction, _reader(introduction, link.user, by_link=True)
    if request.user.is_authenticated:
        introduction = _introduction(request.user, code)
        if introduction is not None:
            return introduction, _reader(introduction, request.user, by_link=False)
    raise Http404


def _introduction(user: User, code: str) -> Introduction | None:
    mine = Introduction.objects.of(user).with_people().with_policy()
    return mine.filter(code=code).first()


def _reader(introduction: Introduction, user: User, *, by_link: bool) -> Reader:
    me = introduction.side_of(user)
    if me is None:
        raise Http404
    return Reader(user, me, by_link)


def reader_of_place_ask(request: HttpRequest, code: str) -> tuple[PlaceAsk, Reader]:
    """The ask for one more place and the mentor who reads it. 404 for everybody else."""
    link = link_in(request, view="place-ask", subject_code=code)
    for user, by_link in ((link.user if link else None, True), (request.user, False)):
        if user is not None and user.is_authenticated:
            asked = PlaceAsk.objects.of(user).with_people().filter(code=code).first()
            if asked is not None:
                return asked, Reader(user, asked.mentor, by_link)
    raise Http404
