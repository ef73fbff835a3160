-- One row per exception of payouts and bank lines.
with

open_items as (

    select * from {{ ref('int_matching__payout_bank_open') }}

),

anchors as (

    select match_key, min(record_key) as payout_key, min(amount) as payout_amount
    from {{ ref('int_matching__payout_bank_legs') }}
    where side = 'left'
    group by match_key

),

-- E401 inside the bank's window, E402 after it, under one number
payout_open as (

    select
        {{ exception_columns(
            'payout_bank', "case when is_waiting then 'E401' else 'E402' end", 'open', 'record_type', 'record_key',
            'amount', is_waiting='is_waiting', breaks_on='breaks_on', evident_on='evident_on', difference='-amount',
            explanation="'Expected at the bank on ' || expected_on",
            explanation_zh="'预计 ' || expected_on || ' 到达银行'"
        ) }}
    from open_items
    where situation = 'payout_only'

),

-- E403: a credit no payout explains
unidentified_receipt as (

    select
        {{ exception_columns(
            'payout_bank', "'E403'", 'open', 'record_type', 'record_key', 'amount',
            is_waiting='is_waiting', evident_on='evident_on', difference='amount',
            explanation="'No payout, alone or combined, explains this credit'",
            explanation_zh="'没有一笔或几笔提现能解释这笔到账'"
        ) }}
    from open_items
    where situation = 'credit_only'

),

-- E408: a debit nobody ordered
unidentified_debit as (

    select
        {{ exception_columns(
            'payout_bank', "'E408'", 'open', 'record_type', 'record_key', 'amount',
            evident_on='evident_on', difference='amount', explanation="'Nothing known explains this debit'",
            explanation_zh="'没有已知的事项能解释这笔付款'"
        ) }}
    from open_items
    where situation = 'debit_only'

),

-- E404: paired first in, first out among equals; a person confirms
ambiguous as (

    select
        {{ exception_columns(
            'payout_bank', "'E404'", 'finding', "'payout'", 'anchors.payout_key', 'anchors.payout_amount',
            evident_on='matches.matched_on', difference='matches.difference', match_key='matches.match_key',
            explanation="matches.alternatives || ' equal payouts and credits, paired first in, first out'",
            explanation_zh="matches.alternatives || ' 笔金额相同的提现与到账，按先进先出配对'"
        ) }}
    from {{ ref('int_matching__payout_bank') }} as matches
    inner join anchors on matches.match_key = anchors.match_key
    where matches.status = 'provisional'

),

-- E405: the bank credited another amount under the payout's own number
payout_fee_diff as (

    select
        {{ exception_columns(
            'payout_bank', "'E405'", 'finding', "'payout'", 'anchors.payout_key', 'abs(matches.difference)',
            evident_on='matches.matched_on', difference='matches.difference', match_key='matches.match_key',
            explanation='matches.explanation',
            explanation_zh='matches.explanation_zh'
        ) }}
    from {{ ref('int_matching__payout_bank') }} as matches
    inner join anchors on matches.match_key = anchors.match_key
    where matches.status = 'differs'

),

int_exceptions__payout_bank as (

    select * from payout_open
    union all
    select * from unidentified_receipt
    union all
    select * from unidentified_debit
    union all
    select * from ambiguous
    union all
    select * from payout_fee_diff

)

select * from int_exceptions__payout_bank
