"""The runs of a cohort as coordinators think of them: drafts, each with its versions."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Count
from django.db.models.fields.json import KeyTextTransform

from matching.models import MatchingRun
from programs.models import Cohort

Kind = MatchingRun.Kind


@dataclass(frozen=True, slots=True)
class Draft:
    """A run that somebody asked for, and what was changed on it by hand, the newest first."""

    versions: list[MatchingRun]

    @property
    def run(self) -> MatchingRun:
        """How it stands: the newest version."""
        return self.versions[0]

    @property
    def earlier(self) -> list[MatchingRun]:
        return self.versions[1:]

    @property
    def name(self) -> str:
        """What coordinators call it: a change keeps the name of what it changes."""
        return next((run.name for run in self.versions if run.name), "")

    @property
    def changed(self) -> int:
        """How often it was changed."""
        return len(self.versions) - 1


def page_of_drafts(cohort: Cohort, number: Any, size: int) -> Page[Draft]:
    """A page of a cohort's drafts, the one that was changed last first: two queries.

    Only the numbers of all runs are looked at, the rest of those on the page.
    """
    ids = MatchingRun.objects.filter(cohort=cohort).order_by("-created_at", "-id")
    chains = _chains(ids.values_list("pk", "parent_id", "kind"))
    page: Page[Any] = Paginator(chains, size).get_page(number)
    named = [pk for chain in page.object_list for pk in chain]
    rows = MatchingRun.objects.without_proof().annotate(
        comments_made=Count("comments"), policy_name=KeyTextTransform("name", "policy")
    )
    runs: Mapping[int, MatchingRun] = rows.defer("policy", "locked").in_bulk(named)
    page.object_list = [
        Draft([runs[pk] for pk in chain if pk in runs])
        for chain in page.object_list
        if any(pk in runs for pk in chain)
    ]
    return page


def _chains(runs: Iterable[tuple[int, int | None, str]]) -> list[list[int]]:
    """Runs, the newest first, as chains of changes; in the order of each chain's newest."""
    rows = list(runs)
    parents = {pk: parent for pk, parent, kind in rows if kind == Kind.CHANGED and parent}
    roots: dict[int, int] = {}
    for pk, _parent, _kind in reversed(rows):  # a change is younger than what it changes
        above = parents.get(pk)
        roots[pk] = pk if above is None else roots.get(above, above)
    chains: dict[int, list[int]] = defaultdict(list)
    for pk, _parent, _kind in rows:
        chains[roots[pk]].append(pk)
    return list(chains.values())
