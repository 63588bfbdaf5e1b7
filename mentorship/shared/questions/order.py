"""The order of the questions of a form, step by step. Pure: rows come in and go out changed."""

from collections.abc import Sequence

from mentorship.shared.questions.models import Question, Step


def moved(steps: Sequence[Step], key: str, *, up: bool) -> list[Question]:
    """The questions in order after one of them went a place up or down; unsaved.

    The heading of a step stays where it is: the first question of a step goes up to the end of the
    step before, the last one down to the beginning of the next. A step without questions is gone.
    At either end nothing moves.
    """
    pages = [(step.title, list(step.questions)) for step in steps]
    at, place = _found(pages, key)
    questions = pages[at][1]
    question = questions.pop(place)
    to = place - 1 if up else place + 1
    if 0 <= to <= len(questions):
        questions.insert(to, question)
    elif up and at > 0:
        pages[at - 1][1].append(question)
    elif not up and at + 1 < len(pages):
        pages[at + 1][1].insert(0, question)
    else:
        questions.insert(place, question)
    return _in_order(pages)


def without(steps: Sequence[Step], key: str) -> list[Question]:
    """The questions that are left without one of them; its step keeps its heading."""
    pages = [(s.title, [q for q in s.questions if q.key != key]) for s in steps]
    return _in_order(pages)


def out_of_order(questions: Sequence[Question]) -> Question | None:
    """The first question that waits for the answer to one which does not stand before it."""
    seen: set[str] = set()
    for question in questions:
        if question.shown_if and question.shown_if not in seen:
            return question
        seen.add(question.key)
    return None


def _found(pages: list[tuple[str, list[Question]]], key: str) -> tuple[int, int]:
    for at, (_title, questions) in enumerate(pages):
        for place, question in enumerate(questions):
            if question.key == key:
                return at, place
    raise KeyError(key)


def _in_order(pages: list[tuple[str, list[Question]]]) -> list[Question]:
    """All questions numbered from 0, the first of each step with its heading."""
    ordered: list[Question] = []
    for title, questions in pages:
        for place, question in enumerate(questions):
            question.section = title if place == 0 else ""
            question.position = len(ordered)
            ordered.append(question)
    return ordered
