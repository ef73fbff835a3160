"""What is asked of Shopify: what a query does not name does not come. Buyers' personal data is not asked for."""

from dataclasses import dataclass

MONEY = "shopMoney { amount currencyCode }"
LINES_PER_ORDER = 20
MORE_LINES = 250
PAYMENTS, REFUNDS, REFUND_PAYMENTS, FULFILLMENTS, PARCELS = 20, 10, 5, 10, 5
"""Plain lists have no next page: one that is full may be cut."""

LINE_FIELDS = f"""
          id sku name quantity
          originalUnitPriceSet {{ {MONEY} }}
          originalTotalSet {{ {MONEY} }}
          discountAllocations {{ allocatedAmountSet {{ {MONEY} }} }}
"""
ORDERS_QUERY = f"""
query Orders($first: Int!, $after: String, $query: String!) {{
  orders(first: $first, after: $after, query: $query, sortKey: UPDATED_AT) {{
    pageInfo {{ hasNextPage endCursor }}
    nodes {{
      id name createdAt updatedAt processedAt cancelledAt closedAt
      displayFinancialStatus displayFulfillmentStatus currencyCode taxesIncluded test paymentGatewayNames
      customer {{ id }}
      totalPriceSet {{ {MONEY} }}
      totalDiscountsSet {{ {MONEY} }}
      totalShippingPriceSet {{ {MONEY} }}
      totalTaxSet {{ {MONEY} }}
      originalTotalDutiesSet {{ {MONEY} }}
      transactions(first: {PAYMENTS}) {{ id kind status gateway processedAt amountSet {{ {MONEY} }} }}
      lineItems(first: {LINES_PER_ORDER}) {{
        pageInfo {{ hasNextPage endCursor }}
        nodes {{{LINE_FIELDS}        }}
      }}
      refunds(first: {REFUNDS}) {{
        id createdAt note
        return {{ id }}
        transactions(first: {REFUND_PAYMENTS}) {{
          nodes {{ id kind status gateway processedAt amountSet {{ {MONEY} }} }}
        }}
      }}
      fulfillments(first: {FULFILLMENTS}) {{
        id status createdAt inTransitAt deliveredAt totalQuantity
        trackingInfo(first: {PARCELS}) {{ number company }}
      }}
    }}
  }}
}}
"""
LINES_QUERY = f"""
query Lines($after: String!, $query: String!) {{
  orders(first: 1, query: $query) {{
    pageInfo {{ hasNextPage endCursor }}
    nodes {{
      id name
      lineItems(first: {MORE_LINES}, after: $after) {{
        pageInfo {{ hasNextPage endCursor }}
        nodes {{{LINE_FIELDS}        }}
      }}
    }}
  }}
}}
"""
BALANCE_QUERY = """
query Balance($first: Int!, $after: String, $query: String!) {
  shopifyPaymentsAccount {
    balanceTransactions(first: $first, after: $after, query: $query, sortKey: PROCESSED_AT) {
      pageInfo { hasNextPage endCursor }
      nodes {
        id type test transactionDate sourceId sourceType sourceOrderTransactionId adjustmentReason
        amount { amount currencyCode }
        fee { amount currencyCode }
        net { amount currencyCode }
        associatedOrder { id name }
        associatedPayout { id status }
      }
    }
  }
}
"""
SUMMARY = " ".join(
    f"{part} {{ amount currencyCode }}"
    for part in (
        *("chargesGross", "chargesFee", "refundsFeeGross", "refundsFee", "adjustmentsGross", "adjustmentsFee"),
        *("reservedFundsGross", "reservedFundsFee", "retriedPayoutsGross", "retriedPayoutsFee"),
        *("advanceGross", "advanceFees"),
    )
)
PAYOUTS_QUERY = f"""
query Payouts($first: Int!, $after: String, $query: String!) {{
  shopifyPaymentsAccount {{
    payouts(first: $first, after: $after, query: $query, sortKey: ISSUED_AT) {{
      pageInfo {{ hasNextPage endCursor }}
      nodes {{
        id issuedAt status transactionType externalTraceId
        net {{ amount currencyCode }}
        summary {{ {SUMMARY} }}
      }}
    }}
  }}
}}
"""


@dataclass(frozen=True, slots=True)
class Listing:
    """One connection: its query, the way to it, the filter and field of its time, how many records a page."""

    name: str
    query: str
    way: tuple[str, ...]
    filter: str
    moment: str
    page_size: int

    @property
    def items(self) -> str:
        """Where an answer holds its records."""
        return ".".join(("$.data", *self.way, "nodes"))


ORDERS_LISTING = Listing("orders", ORDERS_QUERY, ("orders",), "updated_at", "updatedAt", 10)
BALANCE_LISTING = Listing(
    "balance_transactions",
    BALANCE_QUERY,
    ("shopifyPaymentsAccount", "balanceTransactions"),
    "processed_at",
    "transactionDate",
    100,
)
PAYOUTS_LISTING = Listing("payouts", PAYOUTS_QUERY, ("shopifyPaymentsAccount", "payouts"), "issued_at", "issuedAt", 50)
