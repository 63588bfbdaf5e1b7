"""What is stored of a solved problem to go on from comes back as it went in."""

import zipfile
import zlib
from io import BytesIO

import numpy as np
import pytest

from matching.engine import ProblemError, State, solve
from matching.engine.result import large, small
from tests.matching.engine.programs import civil_service, program

UNREADABLE = "What was stored of the run to go on from cannot be read."


@pytest.mark.parametrize(
    "asked", [civil_service(), program([[3, None], [None, None]], [1, 0]), program([], [])]
)
def test_a_state_comes_back_through_its_packed_form(asked) -> None:
    state = solve(asked).state
    assert state is not None
    back = State.unpack(state.pack())
    assert back.price == state.price
    for mine, theirs in ((state, back), (state.lists, back.lists)):
        for name in mine.__slots__:
            value = getattr(mine, name)
            if isinstance(value, np.ndarray):
                assert value.dtype == getattr(theirs, name).dtype
                assert np.array_equal(value, getattr(theirs, name))
    assert State.unpack(state.pack()).pack() == state.pack()


def test_a_state_is_not_part_of_the_answer() -> None:
    asked = program([[3, 1], [2, 2]], [1, 1])
    assert solve(asked) == solve(asked)
    assert "state" not in repr(solve(asked))


def test_a_state_as_it_was_packed_before_is_read() -> None:
    """Each array compressed on its own, all numbers in 64 bits."""
    state = solve(civil_service()).state
    file = BytesIO()
    with np.load(BytesIO(zlib.decompress(state.pack()))) as arrays:
        wide = {name: array for name, array in arrays.items() if array.dtype.kind != "i"}
        wide |= {name: arrays[name].astype(np.int64) for name in arrays.keys() - wide.keys()}
    np.savez_compressed(file, **wide)
    assert State.unpack(file.getvalue()).pack() == state.pack()


@pytest.mark.parametrize(
    "numbers, size",
    [([-128, 127], 1), ([128], 2), ([-(2**15), 0], 2), ([2**31 - 1], 4), ([-(2**40)], 8), ([], 8)],
)
def test_numbers_are_packed_in_as_few_bytes_as_hold_them(numbers: list[int], size: int) -> None:
    array = np.array(numbers, dtype=np.int64)
    assert small(array).itemsize == size
    assert large(small(array)).tolist() == numbers


def without(packed: bytes, name: str) -> bytes:
    """The same file, one array less."""
    file = BytesIO()
    whole = BytesIO(zlib.decompress(packed))
    with zipfile.ZipFile(whole) as before, zipfile.ZipFile(file, "w") as after:
        for item in before.namelist():
            if item != f"{name}.npy":
                after.writestr(item, before.read(item))
    return zlib.compress(file.getvalue())


@pytest.mark.parametrize("name", ["price", "limit", "inside"])
def test_a_state_with_something_missing_is_refused(name: str) -> None:
    packed = solve(program([[3]], [1])).state.pack()
    with pytest.raises(ProblemError) as error:
        State.unpack(without(packed, name))
    assert str(error.value) == UNREADABLE


@pytest.mark.parametrize("cut", [0, 1, 10, 300, -1, -40])
def test_a_state_cut_short_is_refused(cut: int) -> None:
    packed = solve(program([[3]], [1])).state.pack()
    with pytest.raises(ProblemError) as error:
        State.unpack(packed[:cut])
    assert str(error.value) == UNREADABLE


@pytest.mark.parametrize("junk", [b"", b"nonsense", b"PK\x03\x04 nothing", b"\x93NUMPY\x01\x00"])
def test_what_was_never_a_state_is_refused(junk: bytes) -> None:
    with pytest.raises(ProblemError) as error:
        State.unpack(junk)
    assert str(error.value) == UNREADABLE


def test_a_state_damaged_within_is_refused() -> None:
    packed = bytearray(solve(civil_service()).state.pack())
    packed[len(packed) // 2] ^= 255
    with pytest.raises(ProblemError) as error:
        State.unpack(bytes(packed))
    assert str(error.value) == UNREADABLE


def test_pickled_objects_are_refused() -> None:
    file = BytesIO()
    np.savez_compressed(file, rows=np.array([{}], dtype=object))
    with pytest.raises(ProblemError):
        State.unpack(file.getvalue())
