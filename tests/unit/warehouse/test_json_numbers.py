"""Which JSON numbers survive being a double."""

from decimal import Decimal

import pytest

from orchestration.warehouse.json_numbers import damaged_by_double, unsafe_records


@pytest.mark.parametrize("number", ["0.1", "1.10", "999999999999.99", "9999999999999.99", "1E5", "0.000000000000001"])
def test_fifteen_digits_survive(number):
    assert not damaged_by_double(Decimal(number))


@pytest.mark.parametrize(
    "number", ["1234567890123456.78", "123456789012345.67", "0.12345678901234567", "9007199254740.993"]
)
def test_more_digits_do_not(number):
    assert damaged_by_double(Decimal(number))


def test_records_are_found_by_place_and_path():
    document = '{"a":{"b":[{"x":1.5},{"y":[{"z":1234567890123456.78}]},{"x":12345678901234567890}]}}'
    found = [(place, reason.split()[0]) for place, reason, _ in unsafe_records(document, "$.a.b")]
    assert [(2, "y.z")] == found


def test_a_list_that_is_absent_has_no_records():
    assert [] == list(unsafe_records('{"a":1}', "$.a.b"))
