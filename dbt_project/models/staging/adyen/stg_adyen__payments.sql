-- One row per payment, refund or chargeback of a report; fees are the four kinds together.
with

{{ adyen_rows() }}

received as (

    select
        file_id,
        row_number,
        landed_on,
        gross_currency as currency,
        case when type = 'Settled' then psp_reference else modification_reference end as transaction_no,
        case type
            when 'Settled' then 'payment' when 'Refunded' then 'refund' when 'Chargeback' then 'chargeback'
            when 'SecondChargeback' then 'chargeback'
        end as type,
        type as source_type,
        'succeeded' as status,
        coalesce(gross_credit, gross_debit) as amount,
        cast(fee_amount as string) as fee,
        merchant_reference as merchant_pay_no,
        case when type = 'Refunded' then nullif(modification_merchant_reference, '<auto>') end as merchant_refund_no,
        case when type <> 'Settled' then psp_reference end as original_transaction_no,
        happened_at as occurred_at,
        happened_at as succeeded_at,
        batch_number as settlement_no
    from timed
    -- a word that is none of these is a movement only: it is raised once, as such
    where type in ('Settled', 'Refunded', 'Chargeback', 'SecondChargeback')

),

{{ typed_records(
    'payments',
    [
        'currency', 'transaction_no', 'type', 'status', 'amount', 'fee', 'merchant_pay_no', 'merchant_refund_no',
        'original_transaction_no', 'occurred_at', 'succeeded_at', 'settlement_no',
    ],
    translated=['type'],
) }}

select * from records
