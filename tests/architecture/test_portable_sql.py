"""Portable SQL: a compiled model uses what DuckDB and Spark SQL both have, or a dispatched macro."""

from collections import defaultdict

import portable
import pytest

WHAT_TO_DO = (
    "use a dispatched macro of dbt_project/macros, or add it to tests/architecture/portable_sql.toml"
    " if Spark SQL 3.5 has it with the same meaning"
)
NOT_YET = portable.LIST["not_yet"]


@pytest.fixture(scope="module")
def found(compiled):
    """What is refused, and the models that use it by room."""
    found = defaultdict(lambda: defaultdict(list))
    for name, node in sorted(compiled.items()):
        for what in portable.refused(node.compiled_code):
            found[what][node.fqn[1]].append(name)
    return found


def test_every_model_uses_what_both_engines_have(found):
    wrong = [
        f"{what}, {NOT_YET.get(what, {}).get(room, 0)} allowed in {room}: {', '.join(models)}"
        for what, rooms in sorted(found.items())
        for room, models in rooms.items()
        if len(models) > NOT_YET.get(what, {}).get(room, 0)
    ]
    assert wrong == [], WHAT_TO_DO


def test_what_is_not_portable_yet_only_gets_less(found):
    fallen = [
        f"{what} in {room}: {len(found[what][room])} instead of {number}"
        for what, rooms in NOT_YET.items()
        for room, number in rooms.items()
        if len(found[what][room]) < number
    ]
    assert fallen == [], "write the lower number into tests/architecture/portable_sql.toml"


def test_every_model_is_looked_at_and_no_dispatched_body_in_it(compiled, dbt_models):
    assert {node["name"] for node in dbt_models.values()} == set(compiled)
    text = "\n".join(node.compiled_code for node in compiled.values())
    assert portable.DISPATCHED in text
    assert "getvariable" not in text


def test_every_dispatched_macro_has_a_body_for_either_engine(manifest):
    ours = {key.removeprefix("macro.tieout.") for key in manifest["macros"] if key.startswith("macro.tieout.")}
    dispatched = {name.removeprefix("duckdb__") for name in ours if name.startswith("duckdb__")}
    assert {name for name in dispatched if not {f"default__{name}", f"spark__{name}"} & ours} == set()


def test_the_body_of_a_dispatched_macro_is_not_counted_but_its_arguments_are():
    macro = """{% macro duckdb__joined(items, sign) -%}
    list_aggregate({{ items }}, 'string_agg', '{{ sign }}')
    {%- endmacro %}"""
    called = "{% macro duckdb__joined(items, sign) %}dispatched({{ items }}){% endmacro %}"
    assert portable.without_body(macro) == called
    assert portable.refused("select dispatched(names) as name from orders") == set()
    assert portable.refused("select dispatched(list_sort(names)) as name from orders") == {"list_sort()"}


def test_a_macro_that_takes_no_sql_becomes_a_name():
    macro = "{% macro duckdb__series(first) -%}generate_series(date '{{ first }}') as series (day){%- endmacro %}"
    assert portable.without_body(macro) == "{% macro duckdb__series(first) %}dispatched{% endmacro %}"
    assert portable.refused("select cast(null as dispatched) as day from dispatched") == set()


@pytest.mark.parametrize(
    ("expression", "what"),
    [
        ("list_aggregate(prices, 'sum')", "list_aggregate()"),
        ("concat(store, order_no)", "concat()"),
        ("cast(price as hugeint)", "type hugeint"),
        ("cast(price as varchar)", "type varchar"),
        ("try_cast(paid_at as timestamptz)", "type timestamptz"),
        ("price::integer", "::"),
        ("record ->> '$.price'", "->>"),
        ("price // 2", "//"),
        ("[price, fee]", "["),
        ("{'price': price}", "{"),
        ("string_agg(sku, ' ' order by sku)", "an aggregate in order"),
        ("sum(price order by sku)", "an aggregate in order"),
        ("max(price ignore nulls) over (order by day)", "ignore nulls"),
        ("count(distinct sku) over (partition by store)", "a window with distinct"),
        ("count(*) filter (where is_paid) over (partition by store)", "a window with filter"),
        ("sum(price) over (order by day range between 3 preceding and current row)", "a window by range"),
        ("paid_at at time zone 'UTC'", "at time zone"),
        ("extract(isodow from day)", "another part of a time"),
        ("paid_on - ordered_on", "a time minus a time"),
        ("today - cast(paid_at as date)", "a time minus a time"),
        ("trim(sku, '0')", "trim(text, signs)"),
        ("ltrim(sku, '0')", "ltrim()"),
        (r"regexp_extract(sku, '\d+', 0)", "a backslash in a text"),
        ("'paid at ' || paid_at", "a moment as text"),
        ("cast(paid_at as string)", "a moment as text"),
        ('price as "order"', "a quoted name"),
        ("* exclude (price)", "* exclude or replace"),
        ("interval 1 day", "interval"),
    ],
)
def test_what_spark_lacks_or_reads_otherwise_is_refused(expression, what):
    assert what in portable.refused(f"select {expression} from orders")


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("with recursive t as (select 1 as n) select * from t", "with recursive"),
        ("with t as materialized (select 1 as n) select * from t", "as [not] materialized"),
        ("select sku, count(*) as n from lines group by all", "group by all"),
        ("select sku, from lines", "a comma before from"),
        ("select distinct on (sku) sku from lines", "distinct on"),
        ("select * from lines qualify row_number() over (order by sku) = 1", "qualify"),
        ("select * from lines asof join prices on lines.day >= prices.day", "asof or positional join"),
        ("select sku from lines union all by name select sku from more", "union by name"),
        ("select note from orders, unnest(notes) as n (note)", "unnest()"),
    ],
)
def test_a_statement_that_spark_does_not_read_is_refused(text, what):
    assert what in portable.refused(text)


def test_what_both_engines_read_alike_is_not_refused():
    text = """
    with paid as (
        select *, row_number() over (partition by store order by paid_at nulls first, order_no) as place
        from "tieout"."ledger"."orders"
        where fee is not distinct from 0 and (store, order_no) in (select store, order_no from kept)
    )
    select
        paid.store,
        count(*) filter (where paid.place = 1) as firsts,
        cast(sum(paid.price) * cast(0.01 as decimal(3, 2)) as decimal(18, 2)) as price,
        min(paid.day + 1) as due_on,
        max(trim(leading '0' from paid.order_no) || '|' || extract(year from paid.day)) as newest
    from paid
    full outer join kept on paid.store = kept.store
    group by paid.store
    having count(distinct paid.order_no) > 1
    """
    assert portable.refused(text) == set()
