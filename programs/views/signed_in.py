from django.http import HttpRequest

from programs.models import User


class SignedIn(HttpRequest):
    """A request whose `user` is a person: what `login_required` and the dashboard let through."""

    user: User
