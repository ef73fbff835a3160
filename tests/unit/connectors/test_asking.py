"""Asking number by number: who is refused is told at the end, and who hears only refusals stops."""

import pytest

from connectors.core.asking import Refusals
from connectors.core.errors import BadRequest, Evidence, Unavailable


def refused(code="408"):
    raise BadRequest("refused", Evidence(code=code))


def test_without_refusals_nothing_is_told():
    refusals = Refusals()
    assert "seen" == refusals.ask("1", lambda: "seen")
    refusals.tell()


def test_an_answer_of_nothing_is_an_answer():
    refusals = Refusals()
    assert refusals.ask("0", lambda: None) is None
    for number in range(1, 20):
        assert refusals.ask(str(number), refused) is None
    with pytest.raises(BadRequest, match=r"19 of 20 numbers, among them 1, 2, 3;.*code 408"):
        refusals.tell()


def test_a_number_asked_of_two_houses_is_one_number():
    refusals = Refusals()
    refusals.ask("1", refused)
    refusals.ask("1", lambda: "seen")
    refusals.ask("2", lambda: "seen")
    with pytest.raises(BadRequest, match=r"1 of 2 numbers, among them 1;"):
        refusals.tell()


def test_only_refusals_end_it_with_the_fifth():
    refusals = Refusals()
    for number in range(4):
        refusals.ask(str(number), refused)
    with pytest.raises(BadRequest):
        refusals.ask("4", refused)


def test_other_errors_end_it_at_once():
    def down():
        raise Unavailable("no answer")

    with pytest.raises(Unavailable):
        Refusals().ask("1", down)
