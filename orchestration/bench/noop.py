"""A day on which nothing new arrives, through Dagster, against a bare dbt build of the same models.

Both are whole processes with their imports: that is what an operator pays.
"""

import os
import tempfile
from pathlib import Path
from typing import Final

from orchestration.bench.measure import Line, Outcome, child, median
from orchestration.bench.shop import SETTINGS

ROUNDS: Final = 3
ORDERS: Final = """\
order_no,status,ordered_at,paid_at,goods_amount,buyer_paid,merchant_pay_no
A1,paid,2026-09-26T10:00:00,2026-09-26T10:01:00,10.00,10.00,P1
"""
PAYMENTS: Final = """\
transaction_no,type,status,amount,merchant_pay_no,occurred_at
T1,payment,succeeded,10.00,P1,2026-09-26T10:01:00
"""
RUN: Final = ("-m", "orchestration.cli", "run", "--from", "2026-09-26", "--to", "2026-09-26")
AS_OF: Final = "2026-09-27T10:30:00+08:00"
BARE: Final = f"""
from datetime import datetime
from pathlib import Path
from orchestration.settings import load
from orchestration.warehouse import Warehouse, build
settings = load(Path("tieout.toml").resolve())
variables = Warehouse(settings).variables(datetime.fromisoformat("{AS_OF}"), "bench")
assert build(settings, variables).success
"""


def run() -> Outcome:
    """One real day first, then both in turn on the same folder."""
    with tempfile.TemporaryDirectory(prefix="tieout-bench-") as name:
        folder = Path(name)
        (folder / "inbox").mkdir()
        (folder / "tieout.toml").write_text(SETTINGS, encoding="utf-8")
        (folder / "inbox" / "orders.csv").write_text(ORDERS, encoding="utf-8")
        (folder / "inbox" / "payments.csv").write_text(PAYMENTS, encoding="utf-8")
        environment = {key: value for key, value in os.environ.items() if not key.startswith(("TIEOUT_", "DAGSTER_"))}
        whole = (*RUN, "--as-of", AS_OF)
        child(whole, folder, environment)
        bare, day = [], []
        for _ in range(ROUNDS):
            bare.append(child(("-W", "ignore", "-c", BARE), folder, environment))
            day.append(child(whole, folder, environment))
    line = Line("no-op day through Dagster", median(day), median(bare), "floor: dbt build of the same models")
    return Outcome([line], {"dbt_x": line.ratio})
