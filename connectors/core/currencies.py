"""How many minor digits a currency has (ISO 4217), for sources that write whole minor units."""

from decimal import Decimal

_WITHOUT = frozenset(
    {
        *("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF"),
        *("UGX", "UYI", "VND", "VUV", "XAF", "XOF", "XPF"),
    }
)
_WITH_THREE = frozenset({"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"})


def minor_digits(currency: str) -> int:
    """0, 2 or 3."""
    if currency in _WITHOUT:
        return 0
    return 3 if currency in _WITH_THREE else 2


def from_minor(units: int, currency: str) -> Decimal:
    """Whole minor units as an amount, exact."""
    return Decimal(units).scaleb(-minor_digits(currency))
