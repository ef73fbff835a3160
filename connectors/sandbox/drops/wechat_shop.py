"""The ledger of the market's WeChat shop, one file a day, as it is exported from the shop's pages."""

from datetime import date
from pathlib import Path

from connectors.sandbox.apis.wechat_shop_rows import ledger
from connectors.sandbox.drops.placing import placed
from connectors.sandbox.market import Market


def drop(market: Market, folder: Path, day: date) -> list[Path]:
    """Write the ledger of a day."""
    return [placed(folder / f"资金流水_{day:%Y%m%d}.csv", ledger(market, day))]
