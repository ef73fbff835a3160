-- One row per exception of orders whose money the platform holds and what it credited for them.
with

open_items as (

    select open_items.*, groups.order_key
    from {{ ref('int_matching__order_settlement_open') }} as open_items
    inner join {{ ref('int_matching__order_settlement_groups') }} as groups on open_items.group_key = groups.group_key

),

groups as (

    select
        groups.*,
        matches.difference,
        matches.explanation,
        matches.explanation_zh,
        -- a late refund may still be on its way through the wallet
        coalesce(groups.refund_due_on >= {{ run_variable('today') }}, false) as is_waiting
    from {{ ref('int_matching__order_settlement_groups') }} as groups
    inner join {{ ref('int_matching__order_settlement') }} as matches on groups.group_key = matches.match_key
    where matches.status = 'differs'

),

refunds as (

    select order_key, clawback_amount
    from {{ ref('int_matching__order_refunds') }}
    where clawback_amount > 0

),

-- the difference is exactly a subsidy share that should have been taken back
clawbacks as (

    select
        groups.group_key,
        min(refunds.clawback_amount) as clawback_amount
    from groups
    inner join refunds on groups.order_key = refunds.order_key
    where groups.difference = refunds.clawback_amount or groups.difference = groups.clawback_amount - groups.clawed_amount
    group by groups.group_key

),

-- E203: due by the rule and its grace, and nothing credited
settle_missing as (

    select
        {{ exception_columns(
            'order_settlement', "'E203'", 'open', 'record_type', 'record_key', 'abs(amount)',
            is_waiting='is_waiting', breaks_on='breaks_on', evident_on='evident_on', difference='-amount',
            explanation="'Nothing was credited for this order'",
            explanation_zh="'此订单没有任何入账'"
        ) }}
    from open_items
    where situation = 'order_only'

),

-- E205: money for an order nobody knows
settle_unexpected as (

    select
        {{ exception_columns(
            'order_settlement', "'E205'", 'open', 'record_type', 'record_key', 'amount',
            is_waiting='is_waiting', breaks_on='breaks_on', evident_on='evident_on', difference='amount',
            explanation="'The order this money names is not known'",
            explanation_zh="'这笔款项所写的订单查无此单'"
        ) }}
    from open_items
    where situation in ('line_only', 'fee_only') and order_key is null

),

-- E206: the subsidy of a refunded part was not taken back, or too much of it
subsidy_diff as (

    select
        {{ exception_columns(
            'order_settlement', "'E206'", 'finding', "'order'", 'groups.order_key', 'abs(groups.difference)',
            is_waiting='groups.is_waiting', breaks_on='groups.refund_due_on + 1',
            evident_on='greatest(groups.received_on, cast(groups.refund_due_on + 1 as date))',
            difference='groups.difference', match_key='groups.group_key',
            explanation="'Subsidy to be taken back ' || groups.clawback_amount || ', taken back ' || (groups.clawback_amount - groups.difference)",
            explanation_zh="'应扣回补贴 ' || groups.clawback_amount || '，实际扣回 ' || (groups.clawback_amount - groups.difference)"
        ) }}
    from groups
    inner join clawbacks on groups.group_key = clawbacks.group_key

),

-- E204: credited, and not what was due
settle_amount_diff as (

    select
        {{ exception_columns(
            'order_settlement', "'E204'", 'finding', "'order'", 'groups.order_key', 'abs(groups.difference)',
            is_waiting='groups.is_waiting', breaks_on='groups.refund_due_on + 1',
            evident_on='greatest(groups.received_on, coalesce(cast(groups.refund_due_on + 1 as date), groups.received_on))',
            difference='groups.difference', match_key='groups.group_key', explanation='groups.explanation',
            explanation_zh='groups.explanation_zh'
        ) }}
    from groups
    left join clawbacks on groups.group_key = clawbacks.group_key
    where clawbacks.group_key is null

),

int_exceptions__order_settlement as (

    select * from settle_missing
    union all
    select * from settle_unexpected
    union all
    select * from subsidy_diff
    union all
    select * from settle_amount_diff

)

select * from int_exceptions__order_settlement
