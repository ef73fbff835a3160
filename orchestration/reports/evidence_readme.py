"""The page in an evidence pack: what is in it, and what a stranger runs to check it, in both languages."""

from collections.abc import Sequence
from typing import Final

from orchestration.warehouse.evidence import Extracted
from orchestration.warehouse.heads import Heads
from orchestration.warehouse.statements import Made, Range

CHECKS: Final = """
-- counts: as in the table above / 行数与上表一致
{counts};

-- every month's statement from its lines: no row is left / 由明细重算月度对账单：应无结果
with lines as (
    select *, 'store:' || store as scope from 'tables/statement_lines.parquet' where store is not null
    union all
    select *, 'account:' || account as scope from 'tables/statement_lines.parquet' where account is not null
),
told as (
    select * from 'tables/statements.parquet'
    where period_kind = 'month' and period_start >= date '{first}' and period_end <= date '{last}'
)
select told.statement_id from told left join lines using (scope, level, side, currency)
group by told.statement_id, told.period_start, told.period_end, told.opening, told.in_amount, told.out_amount,
    told.matched, told.closing
having told.opening <> coalesce(sum(amount) filter (
        started_on < told.period_start and coalesce(matched_on >= told.period_start, true)), 0)
    or told.in_amount <> coalesce(sum(amount) filter (
        amount > 0 and started_on between told.period_start and told.period_end), 0)
    or told.out_amount <> coalesce(-sum(amount) filter (
        amount < 0 and started_on between told.period_start and told.period_end), 0)
    or told.matched <> coalesce(sum(amount) filter (matched_on between told.period_start and told.period_end), 0)
    or told.closing <> coalesce(sum(amount) filter (
        started_on <= told.period_end and coalesce(matched_on > told.period_end, true)), 0)
    or told.opening + told.in_amount - told.out_amount - told.matched <> told.closing;

-- sums by level and currency / 按环节与币种合计
select level, side, currency, sum(opening), sum(in_amount), sum(out_amount), sum(matched), sum(closing)
from 'tables/statements.parquet' where period_kind = 'month' and scope like 'store:%' group by all order by all;

-- every line's file is in the list of what was received: no row is left / 每条明细的来源文件均在收件清单中：应无结果
select distinct source_file_sha256 from 'tables/statement_lines.parquet'
where source_file_sha256 not in (select sha256 from read_csv('archive/files.csv', all_varchar = true));

-- the three chains name the entry before: no row is left / 三条链逐条相接：应无结果
select * from (
    select 'manifest' as chain, sequence, previous as named,
        lag(hash, 1, repeat('0', 64)) over (order by sequence) as before
    from read_json('archive/manifest.jsonl', format = 'newline_delimited')
    union all
    select 'run ledger', sequence, previous_hash, lag(hash, 1, repeat('0', 64)) over (order by sequence)
    from read_json('ledger/runs.jsonl', format = 'newline_delimited')
) where named <> before;
"""
PAGE: Final = """# Tieout 账平: evidence {first} – {last} / 期间证据包

Run `{run_id}`, as of {as_of}. / 运行 `{run_id}`，截至 {as_of}。

| chain / 链 | last hash / 末端摘要 |
|---|---|
| run ledger / 运行台账 | `{ledger}` |
| manifest / 归档清单 | `{manifest}` |
| decisions / 决定 | `{decisions}` |

## English

- `tables/`: the published rows of these days, as Parquet. Buyers are masked in them.
- `archive/files.csv`: every received file behind them, with its SHA-256; `archive/manifest.jsonl` is the chained list of all that was ever received. {originals_en}
- `archive/files/_rules/`: the rule tables.
- `ledger/runs.jsonl`: the chained list of all published runs. `decisions/`: what people decided, each event signed (Ed25519) and chained, and their public keys.
- Check that nothing was changed: `sha256sum -c MANIFEST.sha256`. Then open DuckDB in this folder and run the statements below.
- The hash of an entry of a chain is the SHA-256 of its JSON without `hash`: keys sorted, no blanks, UTF-8.

## 中文

- `tables/`：该期间已发布的数据（Parquet），买家信息已脱敏。
- `archive/files.csv`：其来源文件及 SHA-256；`archive/manifest.jsonl` 为全部收件的链式清单。{originals_zh}
- `archive/files/_rules/`：规则表。
- `ledger/runs.jsonl`：全部已发布运行的链式台账。`decisions/`：人工决定（逐条 Ed25519 签名并成链）及其公钥。
- 校验未被改动：`sha256sum -c MANIFEST.sha256`。然后在本目录打开 DuckDB，执行下列语句。
- 链上每条记录的摘要，是其 JSON 去掉 `hash` 后的 SHA-256：键排序、无空格、UTF-8。

## Tables / 数据表

| table / 表 | rows / 行数 |
|---|---|
{tables}

## Checks / 校验

```sql
{checks}
```
"""  # noqa: E501 - lines of the page, as a reader wraps them
ORIGINALS: Final = {
    True: (
        "The files themselves are in `archive/files/`, as received: they hold buyers' data.",
        "原件在 `archive/files/`，含买家数据。",
    ),
    False: ("The files themselves are left out: they hold buyers' data.", "原件含买家数据，未包含在内。"),
}


def readme(made: Made, days: Range, heads: Heads, tables: Sequence[Extracted], *, has_originals: bool) -> str:
    """The page, with the counts that its statements give."""
    counts = "\nunion all ".join(
        # our own names, for a reader to run
        f"select '{one.table}' as table_name, count(*) as rows from 'tables/{one.table}.parquet'"  # noqa: S608
        for one in tables
    )
    english, chinese = ORIGINALS[has_originals]
    return PAGE.format(
        first=days.first,
        last=days.last,
        run_id=made.run_id,
        as_of=made.as_of.isoformat(sep=" ", timespec="minutes"),
        ledger=heads.ledger,
        manifest=heads.manifest,
        decisions=heads.decisions or "–",
        originals_en=english,
        originals_zh=chinese,
        tables="\n".join(f"| {one.table} | {one.rows:,} |" for one in tables),
        checks=CHECKS.format(counts=counts or "select 0", first=days.first, last=days.last).strip(),
    )
