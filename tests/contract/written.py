"""What the tests' own writers of Chinese exports draw, and how they write it into a cell."""

from datetime import datetime
from decimal import Decimal

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

RELAXED = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
FEN = st.integers(0, 10**12)
NUMBERS = st.integers(2**53, 10**31).map(str)


def texts(marks: str = "`'=") -> st.SearchStrategy[str]:
    """Words that begin with none of the marks that a spreadsheet or a reader takes off."""
    return st.text(st.characters(codec="gb18030", exclude_categories=("C", "Z")), max_size=12).map(
        lambda text: text.lstrip(marks)
    )


def moments(first: int = 2026, last: int = 2026) -> st.SearchStrategy[str]:
    """Moments of whole seconds on the shop's own clock."""
    # without a zone, as an export has none
    return st.datetimes(datetime(first, 1, 1), datetime(last, 12, 31)).map(  # noqa: DTZ001
        lambda moment: moment.strftime("%Y-%m-%d %H:%M:%S")
    )


def yuan(fen: int) -> str:
    return f"{Decimal(fen) / 100:.2f}"


def quoted(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"' if '"' in cell or "," in cell else cell
