-- One row per current record of the ledger, of any type, with the facts every level and every reader needs.
with

orders as (

    select
        'order' as record_type, record_key, connection, entity, platform, store, account, currency, business_date,
        received_on, {{ day_of(['first_known_at']) }} as first_known_on,
        file_id, row_number, buyer_paid as amount, order_no as source_no, order_no,
        cast(null as varchar) as counterparty, coalesce(paid_at, ordered_at) as happened_at
    from {{ ref('int_ledger__orders') }}

),

refunds as (

    select
        'refund' as record_type, record_key, connection, entity, platform, store, account, currency, business_date,
        received_on, {{ day_of(['first_known_at']) }} as first_known_on,
        file_id, row_number, amount, refund_no as source_no, order_no,
        cast(null as varchar) as counterparty, coalesce(succeeded_at, applied_at) as happened_at
    from {{ ref('int_ledger__refunds') }}

),

payments as (

    select
        'payment' as record_type, record_key, connection, entity, platform, store, account, currency, business_date,
        received_on, {{ day_of(['first_known_at']) }} as first_known_on,
        file_id, row_number, amount, transaction_no as source_no, order_no,
        cast(null as varchar) as counterparty, coalesce(succeeded_at, occurred_at) as happened_at
    from {{ ref('int_ledger__payments') }}

),

fund_flows as (

    select
        'fund_flow' as record_type, record_key, connection, entity, platform, store, account, currency, business_date,
        received_on, {{ day_of(['first_known_at']) }} as first_known_on,
        file_id, row_number, amount, flow_no as source_no, order_no,
        cast(null as varchar) as counterparty, occurred_at as happened_at
    from {{ ref('int_ledger__fund_flows') }}

),

settlements as (

    select
        'settlement' as record_type, record_key, connection, entity, platform, store, account, currency, business_date,
        received_on, {{ day_of(['first_known_at']) }} as first_known_on,
        file_id, row_number, abs(total_amount) as amount, settlement_no as source_no, cast(null as varchar) as order_no,
        cast(null as varchar) as counterparty, settled_at as happened_at
    from {{ ref('int_ledger__settlements') }}

),

settlement_lines as (

    select
        'settlement_line' as record_type, record_key, connection, entity, platform, store, account, currency,
        business_date, received_on,
        {{ day_of(['first_known_at']) }} as first_known_on,
        file_id, row_number, abs(amount) as amount, settlement_no || '/' || line_no as source_no, order_no,
        cast(null as varchar) as counterparty, settled_at as happened_at
    from {{ ref('int_ledger__settlement_lines') }}

),

payouts as (

    select
        'payout' as record_type, record_key, connection, entity, platform, store, account, currency, business_date,
        received_on, {{ day_of(['first_known_at']) }} as first_known_on,
        file_id, row_number, amount, payout_no as source_no, cast(null as varchar) as order_no,
        cast(null as varchar) as counterparty, initiated_at as happened_at
    from {{ ref('int_ledger__payouts') }}

),

bank_lines as (

    select
        'bank_line' as record_type, record_key, connection, entity, platform, store, account, currency, business_date,
        received_on, {{ day_of(['first_known_at']) }} as first_known_on,
        file_id, row_number, amount, coalesce(bank_reference, line_no) as source_no, cast(null as varchar) as order_no,
        counterparty_name as counterparty, booked_at as happened_at
    from {{ ref('int_ledger__bank_lines') }}

),

shipments as (

    select
        'shipment' as record_type, record_key, connection, entity, platform, store, account, currency, business_date,
        received_on, {{ day_of(['first_known_at']) }} as first_known_on,
        file_id, row_number, cast(0 as decimal(18, 2)) as amount, waybill_no as source_no, order_no,
        carrier as counterparty, coalesce(picked_up_at, tracked_at) as happened_at
    from {{ ref('int_ledger__shipments') }}

),

int_matching__records as (

    select * from orders
    union all
    select * from refunds
    union all
    select * from payments
    union all
    select * from fund_flows
    union all
    select * from settlements
    union all
    select * from settlement_lines
    union all
    select * from payouts
    union all
    select * from bank_lines
    union all
    select * from shipments

)

select * from int_matching__records
