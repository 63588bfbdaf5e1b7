"""Who has a place free, asked and kept under locks."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable

from matching.models import Introduction, Place, Seat
from programs.models import Participant


def lock(people: Iterable[Participant]) -> dict[int, Participant]:
    """These participants as they are now, by number, until the commit.

    Whoever leaves or is matched elsewhere at this moment waits, or we wait for them. Always in the
    order of their numbers, so that two of us cannot wait for each other.
    """
    return lock_numbers({person.pk for person in people})


def lock_numbers(numbers: Collection[int]) -> dict[int, Participant]:
    """The same by the participants' numbers, where nothing else is known of them yet."""
    rows = (
        Participant.objects.select_for_update(of=("self",))
        .filter(pk__in=numbers)
        .select_related("user")
        .order_by("pk")
    )
    return {person.pk: person for person in rows}


def free_seats(
    mentors: Iterable[Participant], *, besides: Collection[int] = ()
) -> dict[int, list[Seat]]:
    """The seats of each mentor on which nobody sits and which no open introduction keeps.

    By the mentor's number, the first last, so that `pop` takes them in order. `besides` are
    introductions (by number) whose own place counts as free. Seats are made to fit the capacity;
    the caller holds the mentors' locks.
    """
    capacity = {mentor.pk: mentor.capacity for mentor in mentors}
    _make_seats(capacity)
    occupied = set(
        Place.objects.open()
        .filter(seat__participant__in=capacity)
        .values_list("seat_id", flat=True)
    )
    free: dict[int, list[Seat]] = {pk: [] for pk in capacity}
    rows = Seat.objects.select_for_update().filter(participant__in=capacity)
    for seat in rows.order_by("-number"):
        if seat.pk not in occupied and seat.number <= capacity[seat.participant_id]:
            free[seat.participant_id].append(seat)
    kept = held_by_introductions(capacity, besides=besides)
    # those that are kept are the last in line, so that the first seats are taken first
    return {pk: seats[kept[pk] :] for pk, seats in free.items()}


def free_for(mentor: Participant, introduction: Introduction | None) -> list[Seat]:
    """The seats of a mentor that are free for this introduction, or for a pair without one.

    One that a place is kept for may have any seat on which nobody sits: should more be kept than
    there are by now, whoever agrees first has it. The caller holds the mentor's lock.
    """
    besides: list[int] = []
    if introduction is not None:
        kept = Introduction.objects.holding_a_place().filter(mentor=mentor)
        besides = [*kept.values_list("pk", flat=True)] if introduction.holds_place else []
    return free_seats([mentor], besides=besides)[mentor.pk]


def held_by_introductions(
    people: Collection[int], *, besides: Collection[int] = ()
) -> "Counter[int]":
    """How many open introductions keep a place of each participant, of either role."""
    held: Counter[int] = Counter()
    rows = Introduction.objects.holding_a_place().exclude(pk__in=besides)
    for side in ("mentor", "mentee"):
        held.update(rows.filter(**{f"{side}__in": people}).values_list(side, flat=True))
    return held


def matched(people: Collection[int]) -> dict[int, int]:
    """How many open places each of these participants has; nobody is missing."""
    rows = Place.objects.open().filter(participant__in=people)
    held: dict[int, int] = defaultdict(int)
    held.update(Counter(rows.values_list("participant", flat=True)))
    return held


def _make_seats(capacity: dict[int, int]) -> None:
    have = set(
        Seat.objects.filter(participant__in=capacity).values_list("participant_id", "number")
    )
    Seat.objects.bulk_create(
        [
            Seat(participant_id=pk, number=number)
            for pk, places in capacity.items()
            for number in range(1, places + 1)
            if (pk, number) not in have
        ],
        ignore_conflicts=True,
    )
