"""What is left in folders: spreadsheets, statements, exports; one line each.

A file of a day appears whole, by rename, when the world's time reaches 08:00 of the next. ``WorldConfig.drops`` says
which of them are wanted, and where.
"""

import hashlib
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from types import MappingProxyType

from connectors.sandbox.drops import (
    adyen,
    bank_camt,
    banks,
    files,
    jd,
    market_files,
    own_system,
    shouqianba,
    wechat_shop,
    youzan,
)
from connectors.sandbox.market import Market
from connectors.sandbox.world import World

READY_HOUR = 8
_MARK = ".sandbox-world"
Drop = Callable[[Market, Path, date], list[Path]]

DROPS: Mapping[str, Drop] = MappingProxyType(
    {
        "adyen": adyen.drop,
        "bank_bai2": banks.bai2,
        "bank_camt": bank_camt.drop,
        "bank_csv": banks.ccb,
        "bank_mt940": banks.mt940,
        "bank_ofx": banks.ofx,
        "cmb_9001": banks.cmb,
        "files": files.drop,
        "jd": jd.drop,
        "market_files": market_files.drop,
        "own_system": own_system.drop,
        "shouqianba": shouqianba.drop,
        "wechat_shop": wechat_shop.drop,
        "youzan": youzan.ledger,
        "youzan_orders": youzan.orders,
    }
)


def newest_day(now: datetime) -> date:
    """The newest day whose files have been dropped at a moment."""
    return (now - timedelta(hours=READY_HOUR)).date() - timedelta(days=1)


def drop_due(market: Market, now: datetime) -> list[Path]:
    """Write the files that are due and not there yet; return what was written."""
    written: list[Path] = []
    world, last = market.world, newest_day(now)
    for name, folder in world.config.drops.items():
        folder.mkdir(parents=True, exist_ok=True)
        first = world.config.first_day
        mark = folder / f"{_MARK}-{name}"
        done = _dropped_until(world, mark)
        day = first if done is None else done + timedelta(days=1)
        while day <= last:
            written += DROPS[name](market, folder, day)
            mark.write_text(f"{_fingerprint(world)} {day}", encoding="utf-8")
            day += timedelta(days=1)
    return written


def _fingerprint(world: World) -> str:
    config = world.config
    facts = (config.seed, config.first_day, config.last_day, config.orders_per_day, sorted(config.planted))
    return hashlib.sha256(repr(facts).encode()).hexdigest()


def _dropped_until(world: World, mark: Path) -> date | None:
    """The last day this very world has dropped here; another world's files are written anew."""
    if not mark.exists():
        return None
    known, _, day = mark.read_text(encoding="utf-8").partition(" ")
    return date.fromisoformat(day) if known == _fingerprint(world) and day else None
