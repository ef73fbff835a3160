-- One row per return that arrived, or ticket that wants goods back, of a shop whose returns are told, with its pair.
with

told as (

    select place as store from {{ ref('int_ledger__scope') }} where fact = 'returns_store'

),

returns as (

    select
        returns.*,
        row_number() over (
            partition by returns.store, returns.order_no, returns.refund_no is null
            order by returns.received_at, returns.record_key
        ) as place
    from {{ ref('int_ledger__returns') }} as returns
    where returns.received_at is not null

),

tickets as (

    select refunds.*
    from {{ ref('int_ledger__refunds') }} as refunds
    inner join told on refunds.store = told.store
    where
        refunds.role = 'platform'
        and refunds.type = 'return_refund'
        and refunds.status in ('requested', 'approved', 'processing', 'succeeded')

),

-- the goods of one ticket may come in several parcels
named as (

    select
        tickets.record_key as ticket_key,
        returns.record_key as return_key
    from tickets
    inner join returns on tickets.store = returns.store and tickets.refund_no = returns.refund_no

),

-- a return that names no ticket goes to the order's tickets that no return names, both in the order of their time
unnamed as (

    select
        tickets.record_key,
        tickets.store,
        tickets.order_no,
        row_number() over (
            partition by tickets.store, tickets.order_no order by tickets.applied_at, tickets.record_key
        ) as place
    from tickets
    left join named on tickets.record_key = named.ticket_key
    where named.ticket_key is null

),

pairs as (

    select ticket_key, return_key from named
    union all
    select
        unnamed.record_key as ticket_key,
        returns.record_key as return_key
    from unnamed
    inner join returns
        on unnamed.store = returns.store and unnamed.order_no = returns.order_no and unnamed.place = returns.place
    where returns.refund_no is null

),

firsts as (

    select ticket_key, min(return_key) as return_key
    from pairs
    group by ticket_key

),

int_matching__return_refund_members as (

    select
        'return' as record_type,
        returns.record_key,
        pairs.ticket_key,
        returns.record_key as return_key,
        returns.entity,
        returns.platform,
        returns.store,
        returns.currency,
        returns.order_no,
        returns.business_date,
        returns.received_on,
        returns.received_at,
        cast(null as string) as ticket_status,
        cast(null as {{ type_moment() }}) as refunded_at,
        coalesce(orders.buyer_paid, 0) as amount
    from returns
    left join pairs on returns.record_key = pairs.return_key
    left join {{ ref('int_ledger__orders') }} as orders
        on returns.store = orders.store and returns.order_no = orders.order_no and orders.role = 'platform'
    union all
    select
        'refund' as record_type,
        tickets.record_key,
        tickets.record_key as ticket_key,
        firsts.return_key,
        tickets.entity,
        tickets.platform,
        tickets.store,
        tickets.currency,
        tickets.order_no,
        tickets.business_date,
        tickets.received_on,
        cast(null as {{ type_moment() }}) as received_at,
        tickets.status as ticket_status,
        tickets.succeeded_at as refunded_at,
        tickets.amount
    from tickets
    left join firsts on tickets.record_key = firsts.ticket_key

)

select * from int_matching__return_refund_members
