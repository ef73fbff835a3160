-- One row per charge, refund or dispute that moved the balance.
with

{{ stripe_transactions() }}

received as (

    select
        file_id,
        row_number,
        landed_on,
        currency,
        source_no as transaction_no,
        case category when 'charge' then 'payment' when 'refund' then 'refund' when 'dispute' then 'chargeback' end as type,
        'succeeded' as status,
        trim(leading '-' from amount) as amount,
        fee,
        payment_intent as merchant_pay_no,
        merchant_refund_no,
        charge as original_transaction_no,
        happened_at as occurred_at,
        happened_at as succeeded_at
    from transactions
    where category in ('charge', 'refund', 'dispute')

),

{{ typed_records(
    'payments',
    [
        'currency', 'transaction_no', 'type', 'status', 'amount', 'fee', 'merchant_pay_no', 'merchant_refund_no',
        'original_transaction_no', 'occurred_at', 'succeeded_at',
    ],
) }}

select * from records
