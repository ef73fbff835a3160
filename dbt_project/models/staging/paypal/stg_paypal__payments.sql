-- One row per payment, refund or chargeback: the same code can be either way, so the sign decides with it.
with

sorted as (

    select
        *,
        case
            when code like 'T00%' and gross not like '-%' then 'payment'
            when code = 'T1107' and gross like '-%' then 'refund'
            when code in ('T1106', 'T1201') and gross like '-%' then 'chargeback'
        end as kind
    from {{ source('paypal', 'paypal__transactions') }}

),

received as (

    select
        file_id,
        row_number,
        landed_on,
        currency,
        transaction_no,
        kind as type,
        code as source_type,
        -- V and F say that later rows took all or part of it back: the payment itself was made
        case status
            when 'S' then 'succeeded' when 'V' then 'succeeded' when 'F' then 'succeeded' when 'P' then 'processing'
            when 'D' then 'failed'
        end as status,
        status as source_status,
        trim(leading '-' from gross) as amount,
        {{ flipped_sign('fee') }} as fee,
        nullif(pay_no, '') as merchant_pay_no,
        case when kind = 'refund' then nullif(refund_no, '') end as merchant_refund_no,
        case
            when kind <> 'payment' and coalesce(reference_type, '') in ('TXN', '') then nullif(reference_no, '')
        end as original_transaction_no,
        initiated_at as occurred_at,
        case when status in ('S', 'V', 'F') then initiated_at end as succeeded_at
    from sorted
    where kind is not null

),

{{ typed_records(
    'payments',
    [
        'currency', 'transaction_no', 'type', 'status', 'amount', 'fee', 'merchant_pay_no', 'merchant_refund_no',
        'original_transaction_no', 'occurred_at', 'succeeded_at',
    ],
    translated=['type', 'status'],
) }}

select * from records
