-- One row per channel refund that no ticket claims, where an equal amount has already gone back for the order or the number.
with

legs as (

    select record_key from {{ ref('int_matching__refund_payment_legs') }} where record_type = 'payment'

),

members as (

    select members.*, legs.record_key is not null as is_claimed
    from {{ ref('int_matching__refund_payment_members') }} as members
    left join legs on members.record_key = legs.record_key
    where members.record_type = 'payment'

),

int_matching__refund_repeats as (

    select members.record_key
    from members
    inner join members as others on members.order_group_key = others.order_group_key and members.amount = others.amount
    where not members.is_claimed and others.is_claimed
    union
    -- also where the payment it gives back, and with it the order, is not known
    select members.record_key
    from members
    inner join members as others on members.number_key = others.number_key and members.amount = others.amount
    where not members.is_claimed and others.is_claimed

)

select * from int_matching__refund_repeats
