-- One row per payment told (fen, milliseconds), a second for what was paid back of it; one per row of a daily file.
with

parsed as (

    select
        file_id,
        row_number,
        landed_on,
        {{ json_fields('record', [
            'sn', 'client_sn', 'order_status', 'total_amount', 'net_amount', 'ctime', 'finish_time', 'payer_login',
            'traded_at', 'refunded_at', 'amount_minor', 'fee_minor', 'refund_minor', 'state', 'status', 'trade_no',
            'original_no', 'terminal_trace',
        ]) }} as fields
    from {{ source('shouqianba', 'shouqianba__payments') }}

),

told as (

    select
        *,
        fields.traded_at is not null as is_daily,
        coalesce(fields.original_no, '') <> '' as is_refund_row,
        try_cast(fields.total_amount as decimal(18, 0)) - try_cast(fields.net_amount as decimal(18, 0)) as returned_minor,
        case
            when fields.order_status in ('PAID', 'REFUNDED', 'PARTIAL_REFUNDED', 'REFUND_ERROR') then 'succeeded'
            when fields.order_status in ('CREATED', 'PAY_ERROR', 'CANCEL_ERROR') then 'processing'
            when fields.order_status in ('PAY_CANCELED', 'CANCELED') then 'closed'
        end as told_status
    from parsed

),

halves as (

    select
        *,
        {{ each_item(
            "case when not is_daily and fields.order_status in ('REFUNDED', 'PARTIAL_REFUNDED') and returned_minor <> 0 then "
            ~ list_of(["'payment'", "'refund'"]) ~ ' when is_refund_row then ' ~ list_of(["'refund'"])
            ~ ' else ' ~ list_of(["'payment'"]) ~ ' end'
        ) }} as half
    from told

),

valued as (

    select
        *,
        case
            when is_daily and half = 'refund' and not {{ is_zero_text('fields.refund_minor') }}
                then trim(leading '-+' from fields.refund_minor)
            when is_daily then trim(leading '-+' from fields.amount_minor)
            when half = 'refund' then cast(returned_minor as string)
            else fields.total_amount
        end as minor_text,
        case
            when is_daily and half = 'refund' then '-' || nullif(trim(leading '-+' from fields.fee_minor), '')
            when is_daily then nullif(fields.fee_minor, '')
        end as fee_minor_text,
        case
            when is_daily and half = 'refund' then coalesce(nullif(fields.refunded_at, ''), nullif(fields.traded_at, ''))
            when is_daily then nullif(fields.traded_at, '')
            -- a refund overwrites the time of the payment's end, so a payment has the time of its start
            when half = 'refund' then {{ seconds_text('left(fields.finish_time, -3)') }}
            else {{ seconds_text('left(fields.ctime, -3)') }}
        end as happened_at
    from halves

),

received as (

    select
        file_id,
        row_number,
        landed_on,
        case
            when is_daily then nullif(fields.trade_no, '')
            when half = 'refund' then nullif(fields.sn, '') || '-refund'
            else nullif(fields.sn, '')
        end as transaction_no,
        half as type,
        half as source_type,
        case when is_daily then nullif(fields.status, '') when half = 'refund' then 'succeeded' else told_status end as status,
        case when is_daily then nullif(fields.state, '') else nullif(fields.order_status, '') end as source_status,
        {{ fen_text('minor_text') }} as amount,
        {{ fen_text('fee_minor_text') }} as fee,
        case
            when not is_daily then nullif(fields.client_sn, '')
            when half = 'payment' then nullif(fields.terminal_trace, '')
        end as merchant_pay_no,
        case when is_daily and half = 'refund' then nullif(fields.terminal_trace, '') end as merchant_refund_no,
        case
            when is_daily then nullif(fields.original_no, '')
            when half = 'refund' then nullif(fields.sn, '')
        end as original_transaction_no,
        nullif(fields.payer_login, '') as payer_account,
        happened_at as occurred_at,
        case
            when is_daily and fields.status = 'succeeded' then happened_at
            when not is_daily and (half = 'refund' or told_status = 'succeeded') then happened_at
        end as succeeded_at
    from valued

),

{{ typed_records(
    'payments',
    [
        'transaction_no', 'type', 'status', 'amount', 'fee', 'merchant_pay_no', 'merchant_refund_no',
        'original_transaction_no', 'payer_account', 'occurred_at', 'succeeded_at',
    ],
    zone='Asia/Shanghai',
    translated=['type', 'status'],
) }}

select * from records
