-- One row per movement of the balance: the gross amount, and the fee as a movement of its own.
with

{{ stripe_transactions() }}

moves as (

    select *, id as flow_no, category as business_type, amount as moved
    from transactions
    where not ({{ is_zero_text('amount') }} and not {{ is_zero_text('fee') }})
    union all
    select *, id || '/fee' as flow_no, category || ' fee' as business_type, {{ flipped_sign('fee') }} as moved
    from transactions
    where not {{ is_zero_text('fee') }}

),

received as (

    select
        file_id,
        row_number,
        landed_on,
        currency,
        flow_no,
        happened_at as occurred_at,
        case when moved like '-%' then 'out' else 'in' end as direction,
        trim(leading '-' from moved) as amount,
        business_type,
        payment_intent as merchant_pay_no,
        source_no as business_ref,
        case when category in ('payout', 'payout_reversal') then source_no end as payout_no
    from moves

),

{{ typed_records(
    'fund_flows',
    [
        'currency', 'flow_no', 'occurred_at', 'direction', 'amount', 'business_type', 'merchant_pay_no', 'business_ref',
        'payout_no',
    ],
) }}

select * from records
