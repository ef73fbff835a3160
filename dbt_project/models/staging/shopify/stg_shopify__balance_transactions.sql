-- One row per movement of the balance: what a transaction is about, and its fee beside it.
{% set moved = record_of([('is_fee', 'false'), ('amount', 'moved')]) %}
{% set charged = record_of([('is_fee', 'true'), ('amount', 'cast(-charged as decimal(18, 2))')]) %}
with

parsed as (

    select
        file_id,
        row_number,
        landed_on,
        split_part({{ json_text('record', '$.id') }}, '/', -1) as transaction_no,
        {{ json_text('record', '$.type') }} as type,
        {{ json_text('record', '$.transactionDate') }} as transaction_at,
        {{ json_text('record', '$.amount.currencyCode') }} as currency,
        {{ json_text('record', '$.amount.amount') }} as gross_text,
        {{ json_text('record', '$.fee.amount') }} as fee_text,
        {{ json_text('record', '$.net.amount') }} as net_text,
        {{ signed_text(json_text('record', '$.amount.amount')) }} as gross,
        {{ signed_text(json_text('record', '$.fee.amount')) }} as fee,
        {{ signed_text(json_text('record', '$.net.amount')) }} as net,
        split_part({{ json_text('record', '$.associatedOrder.id') }}, '/', -1) as order_no,
        split_part({{ json_text('record', '$.associatedPayout.id') }}, '/', -1) as payout_no,
        {{ json_text('record', '$.sourceId') }} as source_no,
        {{ json_text('record', '$.sourceOrderTransactionId') }} as order_transaction_no,
        {{ json_text('record', '$.adjustmentReason') }} as reason
    from {{ source('shopify', 'shopify__balance_transactions') }}

),

-- adjustments write their fee with the wrong sign: where net is not amount − fee, net is what moved
trusted as (

    select
        *,
        case when gross - fee = net then gross when gross - fee <> net then net end as moved,
        case when gross - fee = net then fee else cast(0 as decimal(18, 2)) end as charged
    from parsed

),

split as (

    select
        *,
        {{ each_item(
            'case when charged <> 0 and moved <> 0 then ' ~ list_of([moved, charged])
            ~ ' when charged <> 0 then ' ~ list_of([charged]) ~ ' else ' ~ list_of([moved]) ~ ' end'
        ) }} as movement
    from trusted

),

received as (

    select
        file_id,
        row_number,
        landed_on,
        currency,
        transaction_no || case when movement.is_fee then '-fee' else '' end as flow_no,
        transaction_at as occurred_at,
        case when movement.amount < 0 then 'out' else 'in' end as direction,
        coalesce(cast(abs(movement.amount) as string), concat_ws(' ', gross_text, fee_text, net_text)) as amount,
        case
            when movement.is_fee then type || '_FEE'
            when type = 'TRANSFER' and movement.amount > 0 then 'TRANSFER_IN'
            else type
        end as business_type,
        nullif(order_no, '') as order_no,
        order_transaction_no as merchant_pay_no,
        source_no as business_ref,
        case when type like 'TRANSFER%' and not movement.is_fee then nullif(payout_no, '') end as payout_no,
        reason as remark
    from split

),

{{ typed_records(
    'fund_flows',
    [
        'currency', 'flow_no', 'occurred_at', 'direction', 'amount', 'business_type', 'order_no', 'merchant_pay_no',
        'business_ref', 'payout_no', 'remark',
    ],
) }}

select * from records
