-- One row per order that one of the two systems does not know; it breaks once the other has had time to hear of it.
with

int_matching__order_order_open as (

    select
        'order_order' as level,
        'order' as record_type,
        coalesce(platform_key, own_key) as record_key,
        case when own_key is null then 'left' else 'right' end as side,
        'one_sided' as situation,
        pair_key as group_key,
        coalesce(platform_buyer_paid, own_buyer_paid) as amount,
        is_waiting,
        cast(synced_on + 1 as date) as breaks_on,
        greatest(received_on, cast(synced_on + 1 as date)) as evident_on
    from {{ ref('int_matching__order_order_pairs') }}
    where platform_key is null or own_key is null

)

select * from int_matching__order_order_open
