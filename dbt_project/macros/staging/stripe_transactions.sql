{# The CTE `transactions`: balance transactions with their source; the reporting category decides, not the type. #}
{% macro stripe_transactions() %}
parsed as (

    select
        file_id,
        row_number,
        landed_on,
        {{ json_fields('record', ['id', 'amount', 'fee', 'currency', 'created', 'reporting_category', 'type', 'source']) }}
            as fields,
        {{ json_fields(json_part('record', '$.source'), [
            'id', 'payment_intent', 'charge', 'status', 'description', 'metadata',
        ]) }} as behind,
        {{ json_text('record', '$.source.metadata.merchant_refund_no') }} as merchant_refund_no
    from {{ source('stripe', 'stripe__balance_transactions') }}

),

transactions as (

    select
        file_id,
        row_number,
        landed_on,
        fields.id as id,
        upper(fields.currency) as currency,
        fields.amount as minor,
        {{ minor_text('fields.amount', 'fields.currency') }} as amount,
        {{ minor_text('fields.fee', 'fields.currency') }} as fee,
        {{ seconds_text('fields.created') }} as happened_at,
        coalesce(fields.reporting_category, fields.type) as category,
        -- a source that came unexpanded is its id alone
        coalesce(behind.id, nullif(trim(both '"' from fields.source), 'null')) as source_no,
        behind.payment_intent,
        behind.charge,
        merchant_refund_no
    from parsed

),
{% endmacro %}
