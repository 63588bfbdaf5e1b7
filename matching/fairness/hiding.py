"""Which groups of a table stay hidden, so that nobody can be told by subtraction.

The reader we think of knows how many people a run asked about and how many of them it matched
(both stand on the run's page), every group there might be, and this rule.

The usual companion of a lone hidden group is the next smallest. That gives a reader who knows the
rule an upper bound for the companion, and so sometimes the exact number: of 44 people 20 women are
shown, the other 24 are men and "not told"; whichever is the companion has at most 20, so the other
has 4. Here the companion is chosen by name alone, and says nothing about any size. Hiding by a
rule that looks at what it hides is known to leak: R. C.-W. Wong, A. W.-C. Fu, K. Wang and J. Pei,
Minimality attack in privacy preserving data publishing, VLDB 2007, 543-554. Hiding companions at
all: L. H. Cox, Suppression methodology and statistical disclosure control, J. Am. Stat. Assoc. 75
(1980) 377-385.
"""

from collections.abc import Iterable, Mapping
from typing import Final

SMALLEST_GROUP: Final = 5
"""No figure over fewer people than this is shown."""

GroupName = str | None
"""What people call themselves; None are those who told nothing."""


def order(groups: Iterable[GroupName]) -> list[GroupName]:
    """Those who told nothing first, then by name: the order in which groups become companions."""
    return sorted(groups, key=lambda group: (group is not None, group or ""))


def hide(
    sizes: Mapping[GroupName, int], *, hidden_before: frozenset[GroupName] = frozenset()
) -> frozenset[GroupName]:
    """The groups of which a figure may not be shown; `sizes` are the people it tells of.

    These are the groups below SMALLEST_GROUP and those already hidden in a figure that this one
    is part of. Where one of them has anybody in it, the first group in order is hidden too,
    and further ones until at least two groups with SMALLEST_GROUP people together are. Then
    what all totals leave over is one number for several groups, and any of them might have
    another number of people under the same table.

    The names of the hidden and how many groups they are must stay hidden as well: of five
    groups with five people together each would have one.
    """
    hidden = hidden_before | {group for group, size in sizes.items() if size < SMALLEST_GROUP}
    if not any(sizes[group] for group in hidden):
        return hidden
    first, *others = order(sizes)
    hidden |= {first}
    for companion in others:
        if len(hidden) > 1 and sum(sizes[group] for group in hidden) >= SMALLEST_GROUP:
            break
        hidden |= {companion}
    return hidden
