-- One row per match of refund tickets and channel refunds.
with

sums as (

    select
        match_key,
        min(pass) as pass,
        min(entity) as entity,
        min(case when record_type = 'refund' then platform end) as platform,
        min(case when record_type = 'refund' then store end) as store,
        min(case when record_type = 'payment' then account end) as account,
        min(currency) as currency,
        min(case when record_type = 'refund' then business_date end) as business_date,
        max(case when record_type = 'payment' then business_date end) as payment_date,
        cast(sum(case when side = 'left' then amount else 0 end) as decimal(18, 2)) as ticket_amount,
        cast(sum(case when side = 'right' then amount else 0 end) as decimal(18, 2)) as right_amount,
        max(received_on) as received_on
    from {{ ref('int_matching__refund_payment_legs') }}
    group by match_key

),

excess as (

    select match_key, cast(sum(excess_amount) as decimal(18, 2)) as excess_amount
    from {{ ref('int_matching__refund_excess') }}
    group by match_key

),

-- what crosses the amount paid is no valid refund, whatever the ticket says
valid as (

    select
        sums.*,
        coalesce(excess.excess_amount, 0) as excess_amount,
        cast(sums.ticket_amount - coalesce(excess.excess_amount, 0) as decimal(18, 2)) as left_amount
    from sums
    left join excess on sums.match_key = excess.match_key

),

int_matching__refund_payment as (

    select
        valid.match_key,
        'refund_payment' as level,
        case
            when valid.excess_amount > 0 or valid.ticket_amount <> valid.right_amount then 'P2' else valid.pass
        end as pass,
        valid.entity,
        valid.platform,
        valid.store,
        valid.account,
        valid.currency,
        valid.business_date,
        valid.left_amount,
        valid.right_amount,
        valid.right_amount - valid.left_amount as difference,
        case
            when valid.excess_amount > 0 or abs(valid.right_amount - valid.ticket_amount) > parameters.amount_tol
                then 'differs'
            when valid.right_amount <> valid.ticket_amount then 'matched_tol'
            else 'matched'
        end as status,
        case when valid.pass = 'P3' then 'medium' else 'high' end as confidence,
        0 as alternatives,
        valid.payment_date <> valid.business_date as is_cross_day,
        valid.received_on as matched_on,
        'ticket ' || valid.ticket_amount || ', channel refund ' || valid.right_amount as explanation,
        '退款单 ' || valid.ticket_amount || '，渠道退款 ' || valid.right_amount as explanation_zh,
        valid.ticket_amount,
        valid.excess_amount
    from valid
    cross join {{ ref('int_ledger__parameters') }} as parameters

)

select * from int_matching__refund_payment
