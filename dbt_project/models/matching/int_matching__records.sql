-- One row per current record of the ledger, of any type, with the facts every level and every reader needs.
{%- set types = {
    'order': ['orders', 'buyer_paid', 'order_no', 'order_no', 'null', 'coalesce(paid_at, ordered_at)'],
    'refund': ['refunds', 'amount', 'refund_no', 'order_no', 'null', 'coalesce(succeeded_at, applied_at)'],
    'payment': ['payments', 'amount', 'transaction_no', 'order_no', 'null', 'coalesce(succeeded_at, occurred_at)'],
    'fund_flow': ['fund_flows', 'amount', 'flow_no', 'order_no', 'null', 'occurred_at'],
    'settlement': ['settlements', 'abs(total_amount)', 'settlement_no', 'null', 'null', 'settled_at'],
    'settlement_line': [
        'settlement_lines', 'abs(amount)', "settlement_no || '/' || line_no", 'order_no', 'null', 'settled_at'
    ],
    'payout': ['payouts', 'amount', 'payout_no', 'null', 'null', 'initiated_at'],
    'bank_line': ['bank_lines', 'amount', 'coalesce(bank_reference, line_no)', 'null', 'counterparty_name', 'booked_at'],
    'return': ['returns', '0', 'return_no', 'order_no', 'null', 'received_at'],
    'shipment': ['shipments', '0', 'waybill_no', 'order_no', 'carrier', 'coalesce(picked_up_at, tracked_at)'],
} %}
with

int_matching__records as (
{% for type, (stream, amount, source_no, order_no, counterparty, happened_at) in types.items() %}
    select
        '{{ type }}' as record_type,
        record_key,
        connection,
        entity,
        platform,
        store,
        account,
        currency,
        business_date,
        received_on,
        {{ day_of(['first_known_at']) }} as first_known_on,
        file_id,
        row_number,
        cast({{ amount }} as decimal(18, 2)) as amount,
        {{ source_no }} as source_no,
        cast({{ order_no }} as string) as order_no,
        cast({{ counterparty }} as string) as counterparty,
        {{ happened_at }} as happened_at
    from {{ ref('int_ledger__' ~ stream) }}
    {% if not loop.last %}union all{% endif %}
{% endfor %}
)

select * from int_matching__records
