-- One row per order or payment in scope that is in no plain pair: few, and a table of its own for that.
with

pairs as (

    select * from {{ ref('int_matching__order_payment_pairs') }} where not is_plain

),

int_matching__order_payment_apart as (

    select 'order' as record_type, order_id as row_id from pairs where order_id is not null
    union
    select 'payment' as record_type, payment_id as row_id from pairs where payment_id is not null

)

select * from int_matching__order_payment_apart
