"""Who reads what: evenly, and never against a conflict of interest."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from programs.assigning import Desk, organisation, share_out

PEOPLE = ("ann", "ben", "cem", "dee")
PAIRS = st.frozensets(st.tuples(st.integers(0, 30), st.sampled_from(PEOPLE)), max_size=40)


@given(count=st.integers(0, 31), each=st.integers(1, 4))
def test_without_conflicts_nobody_reads_more_than_one_more_than_another(count, each):
    share = share_out(Desk(range(count), PEOPLE, each))
    loads = Counter(dict.fromkeys(PEOPLE, 0))
    loads.update(reviewer for _application, reviewer in share.pairs)
    assert max(loads.values()) - min(loads.values()) <= 1
    assert set(Counter(application for application, _ in share.pairs).values()) <= {each}
    assert share.short == []


@given(count=st.integers(0, 31), each=st.integers(1, 4), barred=PAIRS, given_=PAIRS)
def test_nobody_reads_what_they_may_not_nor_anything_twice(count, each, barred, given_):
    share = share_out(Desk(range(count), PEOPLE, each, barred=barred, given=given_))
    assert not barred & set(share.pairs)
    assert not given_ & set(share.pairs)
    assert len(set(share.pairs)) == len(share.pairs)
    held = Counter(application for application, _ in [*share.pairs, *given_])
    for application in range(count):
        free = [p for p in PEOPLE if (application, p) not in barred | given_]
        is_short = application in share.short
        assert is_short == (held[application] < each)
        if is_short:
            assert all((application, p) in set(share.pairs) for p in free)


def test_who_works_there_is_asked_only_when_nobody_else_is_left():
    unwanted = frozenset({(1, "ann"), (2, "ann")})
    share = share_out(Desk((1, 2), ("ann", "ben"), 1, unwanted=unwanted))
    assert {reviewer for _, reviewer in share.pairs} == {"ben"}
    share = share_out(Desk((1,), ("ann", "ben"), 2, unwanted=unwanted))
    assert {reviewer for _, reviewer in share.pairs} == {"ann", "ben"}


def test_who_read_much_already_gets_less():
    share = share_out(Desk(range(4), ("ann", "ben"), 1, loads={"ann": 4}))
    assert Counter(reviewer for _, reviewer in share.pairs) == {"ben": 4}


@pytest.mark.parametrize(
    "address, host",
    [
        ("a@Firm.example.co", "firm.example.co"),
        ("a@gmail.com", ""),
        ("a@example.org", ""),
        ("odd", "odd"),
    ],
)
def test_an_address_tells_an_organisation_or_nothing(address, host):
    assert organisation(address) == host
