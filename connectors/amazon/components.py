"""What Amazon's words for a settlement row mean to us: data, read from the top, the first row that fits wins.

A word that no row knows has no component; it is kept as it came and becomes an exception, never a guess.
"""

import re
from functools import lru_cache

RETURNED = "Refund|Chargeback Refund|A-to-z Guarantee Refund|Order_Retrocharge"
# transaction type, amount type, amount description → component
MEANINGS: tuple[tuple[str, str, str, str], ...] = (
    (".*", "ItemWithheldTax", ".*", "tax_withheld"),
    (".*", ".*", "MarketplaceFacilitator.*Tax.*", "tax_withheld"),
    (".*", "ItemPrice|Promotion", "(Shipping|GiftWrap)?Tax|TaxDiscount|.*Tax", "tax_collected"),
    (RETURNED, "ItemPrice|Promotion", "Principal|Shipping|GiftWrap|Goodwill|RestockingFee|ReturnShipping", "refund"),
    (".*", "ItemPrice", "Principal|GiftWrap", "goods"),
    (".*", "ItemPrice", "Shipping", "freight"),
    (".*", "Promotion", "Principal", "goods"),
    (".*", "Promotion", "Shipping", "freight"),
    (".*", "ItemFees", "(Refund)?Commission|(Fixed|Variable)ClosingFee|DigitalServicesFee", "commission"),
    (".*", "ItemFees|ShipmentFees|OrderFees", "FBA.*|ShippingChargeback|GiftwrapChargeback|ShippingHB", "fulfilment"),
    (".*", "Cost of Advertising", ".*", "ads"),
    (".*", ".*", "Current Reserve Amount", "reserve_held"),
    (".*", ".*", "Previous Reserve Amount Balance", "reserve_released"),
    (".*", ".*", "Subscription Fee", "tech_fee"),
    (".*", ".*", "Storage Fee|Storage.*Billing|.*Inbound Transportation.*", "fulfilment"),
    ("Subscription Fee", ".*", ".*", "tech_fee"),
    ("Storage Fee|.*Inbound Transportation.*", ".*", ".*", "fulfilment"),
    (".*", ".*", "REVERSAL_REIMBURSEMENT|WAREHOUSE_(DAMAGE|LOST)|.*_REIMBURSEMENT", "compensation"),
    ("REVERSAL_REIMBURSEMENT|WAREHOUSE_(DAMAGE|LOST)", ".*", ".*", "compensation"),
    ("Payable to Amazon|Successful charge|Micro Deposit", ".*", ".*", "adjustment"),
    (".*", ".*", "Payable to Amazon|Successful charge|Micro Deposit", "adjustment"),
)
_COMPILED = tuple(
    (re.compile(kind), re.compile(amount_type), re.compile(description), component)
    for kind, amount_type, description, component in MEANINGS
)


@lru_cache(maxsize=4096)
def component_of(kind: str, amount_type: str, description: str) -> str:
    """Our word for a row; empty where none is known."""
    for a, b, c, component in _COMPILED:
        if a.fullmatch(kind) and b.fullmatch(amount_type) and c.fullmatch(description):
            return component
    return ""
