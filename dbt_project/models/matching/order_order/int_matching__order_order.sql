-- One row per order that the platform and the merchant's own system both know.
with

int_matching__order_order as (

    select
        pair_key as match_key,
        'order_order' as level,
        case when differing = '' then 'P1' else 'P2' end as pass,
        entity,
        platform,
        store,
        cast(null as string) as account,
        currency,
        business_date,
        cast(platform_buyer_paid as decimal(18, 2)) as left_amount,
        cast(own_buyer_paid as decimal(18, 2)) as right_amount,
        cast(own_buyer_paid - platform_buyer_paid as decimal(18, 2)) as difference,
        case when differing = '' then 'matched' else 'differs' end as status,
        'high' as confidence,
        0 as alternatives,
        false as is_cross_day,
        received_on as matched_on,
        case when differing = '' then 'both systems agree' else 'platform / own system: ' || differing end as explanation
    from {{ ref('int_matching__order_order_pairs') }}
    where platform_key is not null and own_key is not null

)

select * from int_matching__order_order
