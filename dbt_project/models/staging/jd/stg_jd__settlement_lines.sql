-- One row per settled row of an export: what it is about is told by the name of the fee and the sign.
with

parsed as (

    select
        file_id,
        row_number,
        landed_on,
        {{ json_fields('record', [
            'settlement_no', 'line_no', 'order_no', 'sku', 'fee_name', 'moved', 'currency', 'state', 'pay_no', 'bill_day',
            'settled_at', 'arrived_at',
        ]) }} as fields
    from {{ source('jd', 'jd__lines') }}

),

received as (

    select
        file_id,
        row_number,
        landed_on,
        nullif(fields.currency, '') as currency,
        nullif(fields.settlement_no, '') as settlement_no,
        fields.line_no as line_no,
        nullif(fields.order_no, '') as order_no,
        nullif(fields.sku, '') as sub_order_no,
        case
            when fields.fee_name = '货款' and fields.moved like '-%' then 'refund'
            when fields.fee_name = '货款' then 'goods'
            when fields.fee_name in ('佣金', 'SOP佣金') then 'commission'
            when fields.fee_name in ('代收配送费', '运费') then 'freight'
            when fields.fee_name = '运费保险服务费' then 'freight_insurance'
            when fields.fee_name = '售后卖家赔付费' then 'compensation'
            when fields.fee_name in ('返利框架费', '京东联盟佣金') then 'affiliate_fee'
            when fields.fee_name in ('技术服务费', '平台服务费') then 'tech_fee'
            when fields.fee_name in ('交易服务费', '支付手续费') then 'payment_fee'
            when fields.fee_name = '违约金' then 'penalty'
        end as component,
        nullif(fields.fee_name, '') as source_component,
        fields.moved as amount,
        nullif(fields.bill_day, '') as bill_date,
        coalesce(nullif(fields.settled_at, ''), nullif(fields.arrived_at, '')) as settled_at
    from parsed
    -- what is not settled yet comes again in the export that shows it settled
    where not {{ jd_is_pending('fields.state', 'fields.pay_no') }}

),

{{ typed_records(
    'settlement_lines',
    [
        'currency', 'settlement_no', 'line_no', 'order_no', 'sub_order_no', 'component', 'amount', 'bill_date',
        'settled_at',
    ],
    zone='Asia/Shanghai',
    translated=['component'],
) }}

select * from records
