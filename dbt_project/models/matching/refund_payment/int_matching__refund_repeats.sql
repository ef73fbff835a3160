-- One row per channel refund that no ticket claims, where an equal amount has already gone back for the same order.
with

legs as (

    select * from {{ ref('int_matching__refund_payment_legs') }} where record_type = 'payment'

),

int_matching__refund_repeats as (

    select distinct members.record_key
    from {{ ref('int_matching__refund_payment_members') }} as members
    left join legs as own on members.record_key = own.record_key
    inner join legs as others
        on members.order_group_key = others.order_group_key and members.amount = others.amount
    where members.record_type = 'payment' and own.record_key is null

)

select * from int_matching__refund_repeats
