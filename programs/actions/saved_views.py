"""A person's own views of the queue. Nobody else sees them, so the audit log does not either."""

from programs.models import Cohort, SavedView, User


def keep_view(cohort: Cohort, *, user: User, name: str, query: str) -> SavedView:
    """Keep a filter under a name; one of that name is replaced."""
    view, _is_new = SavedView.objects.update_or_create(
        cohort=cohort, user=user, name=name, defaults={"query": query}
    )
    return view


def forget_view(view: SavedView) -> None:
    """Let a view go."""
    view.delete()
