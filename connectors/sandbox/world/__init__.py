"""The world itself: what the shops sold, who paid, what was refunded, settled, paid out and banked.

Everything is a function of the seed and the day. Orders are made set-wise in DuckDB, money as whole fen.
"""

from connectors.sandbox.world.config import FAULTS, WorldConfig
from connectors.sandbox.world.engine import World

__all__ = ["FAULTS", "World", "WorldConfig"]
