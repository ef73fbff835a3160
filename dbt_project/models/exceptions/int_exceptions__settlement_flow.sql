-- One row per exception of settlements, their lines and the wallet flows that pay them.
with

open_items as (

    select * from {{ ref('int_matching__settlement_flow_open') }}

),

anchors as (

    select match_key, min(record_key) as settlement_key
    from {{ ref('int_matching__settlement_flow_legs') }}
    where side = 'left'
    group by match_key

),

line_sums as (

    select store, settlement_no, currency, sum(lines) as line_count, sum(amount) as line_amount
    from (
        select store, settlement_no, currency, 1 as lines, amount
        from {{ ref('int_ledger__settlement_lines') }}
        where role = 'platform'
        union all
        -- of closed threads the sums
        select store, settlement_no, currency, lines, amount
        from {{ source('closed', 'settlement_sums') }}
    ) as every_line
    group by store, settlement_no, currency
    having sum(lines) > 0

),

-- E203: settled by the platform's own word, and not in the wallet
not_credited as (

    select
        {{ exception_columns(
            'settlement_flow', "'E203'", 'open', 'record_type', 'record_key', 'amount',
            is_waiting='is_waiting', breaks_on='breaks_on', evident_on='evident_on', difference='-amount',
            explanation="'No wallet flow pays this settlement'",
            explanation_zh="'钱包流水中没有这笔结算的入账'"
        ) }}
    from open_items
    where situation = 'settlement_only'

),

-- E205: a settlement in the wallet that the platform does not list
unexpected_flow as (

    select
        {{ exception_columns(
            'settlement_flow', "'E205'", 'open', 'record_type', 'record_key', 'amount',
            is_waiting='is_waiting', breaks_on='breaks_on', evident_on='evident_on', difference='amount',
            explanation="'No settlement names this wallet flow'",
            explanation_zh="'没有结算单对应这笔钱包流水'"
        ) }}
    from open_items
    where situation = 'flow_only'

),

-- E205: what a payout paid for a settlement is paid out again, and no settlement names it
paid_again as (

    select
        {{ exception_columns(
            'settlement_flow', "'E205'", 'finding', "'payout'", 'record_key', 'amount',
            evident_on='received_on', difference='amount',
            explanation="'No settlement names this payout; payout ' || other_no || ' of the same amount paid one'",
            explanation_zh="'没有结算单对应这笔打款；相同金额的打款 ' || other_no || ' 已付清一张结算单'"
        ) }}
    from {{ ref('int_matching__settlement_repeats') }}

),

-- E204: the wallet was credited another amount than settled
flow_amount_diff as (

    select
        {{ exception_columns(
            'settlement_flow', "'E204'", 'finding', "'settlement'", 'anchors.settlement_key', 'abs(matches.difference)',
            evident_on='matches.matched_on', difference='matches.difference', match_key='matches.match_key',
            explanation='matches.explanation',
            explanation_zh='matches.explanation_zh'
        ) }}
    from {{ ref('int_matching__settlement_flow') }} as matches
    inner join anchors on matches.match_key = anchors.match_key
    where matches.status = 'differs'

),

-- E305: the lines of a batch do not add up to it (control C07)
batch_sum as (

    select
        {{ exception_columns(
            'settlement_flow', "'E305'", 'finding', "'settlement'", 'settlements.record_key',
            'abs(line_sums.line_amount - settlements.total_amount)', is_tag='true',
            evident_on='settlements.received_on', difference='line_sums.line_amount - settlements.total_amount',
            explanation="'Lines add up to ' || line_sums.line_amount || ', the batch says ' || settlements.total_amount",
            explanation_zh="'明细合计 ' || line_sums.line_amount || '，批次合计 ' || settlements.total_amount"
        ) }}
    from {{ ref('int_ledger__settlements') }} as settlements
    inner join line_sums
        on
            settlements.store = line_sums.store
            and settlements.settlement_no = line_sums.settlement_no
            and settlements.currency = line_sums.currency
    cross join {{ ref('int_ledger__parameters') }} as parameters
    where
        abs(line_sums.line_amount - settlements.total_amount)
        > least(line_sums.line_count * parameters.batch_tol_per_line, parameters.batch_tol_max)

),

int_exceptions__settlement_flow as (

    select * from not_credited
    union all
    select * from unexpected_flow
    union all
    select * from paid_again
    union all
    select * from flow_amount_diff
    union all
    select * from batch_sum

)

select * from int_exceptions__settlement_flow
