-- One row per order of a pair.
with

pairs as (

    select * from {{ ref('int_matching__order_order_pairs') }} where platform_key is not null and own_key is not null

),

int_matching__order_order_legs as (

    select
        pair_key as match_key,
        'left' as side,
        'order' as record_type,
        platform_key as record_key,
        platform_buyer_paid as amount
    from pairs
    union all
    select
        pair_key as match_key,
        'right' as side,
        'order' as record_type,
        own_key as record_key,
        own_buyer_paid as amount
    from pairs

)

select * from int_matching__order_order_legs
