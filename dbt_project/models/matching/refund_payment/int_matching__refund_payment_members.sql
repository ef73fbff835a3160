-- One row per succeeded refund ticket or channel refund in scope, with the order it belongs to and the number they share.
with

tickets as (

    select refunds.*
    from {{ ref('int_ledger__refunds') }} as refunds
    inner join {{ ref('int_ledger__stores') }} as stores on refunds.store = stores.store
    where stores.money = 'channel' and refunds.status = 'succeeded' and refunds.role = 'platform'

),

channel_refunds as (

    select * from {{ ref('int_ledger__payments') }}
    where type = 'refund' and status in ('succeeded', 'processing')

),

-- a channel refund belongs to the orders of the payment it gives back
refunded_groups as (

    select
        channel_refunds.record_key,
        min(members.group_key) as group_key
    from channel_refunds
    inner join {{ ref('int_ledger__payments') }} as payments
        on
            channel_refunds.account = payments.account
            and channel_refunds.original_transaction_no = payments.transaction_no
            and payments.type = 'payment'
    inner join {{ ref('int_matching__order_payment_members') }} as members
        on payments.record_key = members.record_key and members.record_type = 'payment'
    group by channel_refunds.record_key

),

ticket_groups as (

    select
        tickets.record_key,
        members.group_key
    from tickets
    inner join {{ ref('int_ledger__orders') }} as orders
        on tickets.store = orders.store and tickets.order_no = orders.order_no and orders.role = 'platform'
    inner join {{ ref('int_matching__order_payment_members') }} as members
        on orders.record_key = members.record_key and members.record_type = 'order'

),

ticket_members as (

    select
        'refund' as record_type,
        tickets.record_key,
        tickets.entity,
        tickets.platform,
        tickets.store,
        cast(null as string) as account,
        tickets.currency,
        tickets.business_date,
        coalesce(tickets.succeeded_at, tickets.applied_at) as happened_at,
        tickets.received_on,
        tickets.amount,
        ticket_groups.group_key as order_group_key,
        tickets.entity || '|' || tickets.currency || '|'
        || coalesce(tickets.merchant_refund_no, tickets.refund_no) as number_key
    from tickets
    left join ticket_groups on tickets.record_key = ticket_groups.record_key

),

payment_members as (

    select
        'payment' as record_type,
        channel_refunds.record_key,
        channel_refunds.entity,
        channel_refunds.platform,
        channel_refunds.store,
        channel_refunds.account,
        channel_refunds.currency,
        channel_refunds.business_date,
        coalesce(channel_refunds.succeeded_at, channel_refunds.occurred_at) as happened_at,
        channel_refunds.received_on,
        channel_refunds.amount,
        refunded_groups.group_key as order_group_key,
        channel_refunds.entity || '|' || channel_refunds.currency || '|'
        || channel_refunds.merchant_refund_no as number_key
    from channel_refunds
    left join refunded_groups on channel_refunds.record_key = refunded_groups.record_key

),

int_matching__refund_payment_members as (

    select * from ticket_members
    union all
    select * from payment_members

)

select * from int_matching__refund_payment_members
