"""The market: further shops beside the three of the world, in three entities and three currencies.

Every shop and account is a row (``cast``); one set-wise SQL makes the orders of a day (``orders.sql``) and one its
money (``moves.sql``). It closes to the cent like the world does, and costs nothing where nobody asks.
"""

from connectors.sandbox.market.engine import Market

__all__ = ["Market"]
