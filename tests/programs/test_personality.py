"""The Mini-IPIP: twenty sentences, five traits, eleven sentences that count the other way round."""

from collections import Counter

from mentorship.shared.questions.kinds import Kind
from programs.questions.personality import ITEMS, PERSONALITY, Trait, key_of, scores

REVERSED = {6, 7, 8, 9, 10, 15, 16, 17, 18, 19, 20}
TRAITS = {
    Trait.EXTRAVERSION: {1, 6, 11, 16},
    Trait.AGREEABLENESS: {2, 7, 12, 17},
    Trait.CONSCIENTIOUSNESS: {3, 8, 13, 18},
    Trait.NEUROTICISM: {4, 9, 14, 19},
    Trait.IMAGINATION: {5, 10, 15, 20},
}


def test_the_key_is_that_of_the_source() -> None:
    numbered = list(enumerate(ITEMS, start=1))
    assert {number for number, item in numbered if item.is_reversed} == REVERSED
    for trait, numbers in TRAITS.items():
        assert {number for number, item in numbered if item.trait == trait} == numbers


def test_every_sentence_is_a_sensitive_scale_that_tells_the_matching_nothing() -> None:
    assert Counter(spec.kind for spec in PERSONALITY) == {Kind.SCALE: 20}
    assert all(spec.is_sensitive and not spec.fact and not spec.required for spec in PERSONALITY)
    assert len({str(spec.label) for spec in PERSONALITY}) == 20


def test_the_same_answer_everywhere_is_the_middle_or_cancels_out() -> None:
    same = {key_of(number): 5 for number in range(1, 21)}
    # two of four sentences count the other way round, three of four for imagination
    assert scores(same) == {
        Trait.EXTRAVERSION: 12,
        Trait.AGREEABLENESS: 12,
        Trait.CONSCIENTIOUSNESS: 12,
        Trait.NEUROTICISM: 12,
        Trait.IMAGINATION: 8,
    }


def test_speaking_for_a_trait_everywhere_is_the_most() -> None:
    most = {
        key_of(number): 1 if item.is_reversed else 5 for number, item in enumerate(ITEMS, start=1)
    }
    assert set(scores(most).values()) == {20}
    least = {key: 6 - answer for key, answer in most.items()}
    assert set(scores(least).values()) == {4}


def test_a_trait_with_an_open_or_odd_answer_has_no_score() -> None:
    answers: dict[str, object] = {key_of(number): 3 for number in range(1, 21)}
    del answers[key_of(1)]
    answers |= {key_of(2): 6, key_of(3): True, key_of(4): "3"}
    assert scores(answers) == {Trait.IMAGINATION: 12}
