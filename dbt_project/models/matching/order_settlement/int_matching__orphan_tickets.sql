-- One row per succeeded refund ticket of a shop whose money the platform holds, where the order it names is not known.
with

int_matching__orphan_tickets as (

    select
        refunds.record_key,
        refunds.order_no,
        refunds.business_date,
        refunds.received_on,
        refunds.amount,
        {{ run_variable('today') }} <= refunds.business_date + 1
        or coalesce(coverage.covered_to < {{ run_variable('today') }} - 1, false) as is_waiting
    from {{ ref('int_ledger__refunds') }} as refunds
    inner join {{ ref('int_ledger__stores') }} as stores on refunds.store = stores.store
    left join {{ ref('int_ledger__orders') }} as orders
        on refunds.store = orders.store and refunds.order_no = orders.order_no and orders.role = 'platform'
    left join {{ ref('int_matching__coverage') }} as coverage
        on refunds.store = coverage.place and coverage.record_type = 'order'
    where
        stores.money = 'platform'
        and refunds.status = 'succeeded'
        and refunds.role = 'platform'
        and orders.record_key is null

)

select * from int_matching__orphan_tickets
