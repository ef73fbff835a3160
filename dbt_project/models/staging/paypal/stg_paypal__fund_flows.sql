-- One row per movement of the balance: the gross amount, and a fee as a movement of its own.
with

-- a denied transaction has moved nothing, nor has a pending one; a withdrawal has, pending until the bank has it
moved as (

    select
        *,
        concat_ws(
            '-', transaction_no, code, currency, {{ without_pattern('left(initiated_at, 19)', '[^0-9]') }}
        ) as own_no,
        not {{ is_zero_text('fee') }} as has_fee,
        not {{ is_zero_text('gross') }} as has_gross
    from {{ source('paypal', 'paypal__transactions') }}
    where coalesce(status, '') <> 'D' and (coalesce(status, '') <> 'P' or code like 'T04%')

),

moves as (

    select
        *,
        own_no as flow_no,
        code || case when code like 'T00%' and gross like '-%' then ' sent' else '' end as business_type,
        gross as moved_amount,
        case when code like 'T04%' then coalesce(nullif(bank_reference, ''), transaction_no) end as payout_no
    from moved
    where has_gross or not has_fee
    union all
    select
        *,
        own_no || '-fee' as flow_no,
        code || ' fee' as business_type,
        fee as moved_amount,
        null as payout_no
    from moved
    where has_fee

),

received as (

    select
        file_id,
        row_number,
        landed_on,
        currency,
        flow_no,
        initiated_at as occurred_at,
        case when moved_amount like '-%' then 'out' else 'in' end as direction,
        trim(leading '-' from moved_amount) as amount,
        business_type,
        nullif(pay_no, '') as merchant_pay_no,
        transaction_no as business_ref,
        payout_no,
        nullif(subject, '') as remark
    from moves

),

{{ typed_records(
    'fund_flows',
    [
        'currency', 'flow_no', 'occurred_at', 'direction', 'amount', 'business_type', 'merchant_pay_no', 'business_ref',
        'payout_no', 'remark',
    ],
) }}

select * from records
