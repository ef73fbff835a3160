-- One row per exception between the platform's orders and those of the merchant's own system.
with

-- E108
field_diff as (

    select
        {{ exception_columns(
            'order_order', "'E108'", 'finding', "'order'", 'platform_key', 'abs(own_buyer_paid - platform_buyer_paid)',
            is_waiting='is_waiting', breaks_on='synced_on + 1',
            evident_on='greatest(received_on, cast(synced_on + 1 as date))',
            difference='own_buyer_paid - platform_buyer_paid', match_key='pair_key',
            explanation="'Platform / own system: ' || differing",
            explanation_zh="'平台 / 自有系统：' || differing_zh"
        ) }}
    from {{ ref('int_matching__order_order_pairs') }}
    where differing <> ''

),

-- E109
one_sided as (

    select
        {{ exception_columns(
            'order_order', "'E109'", 'open', 'record_type', 'record_key', 'amount',
            is_waiting='is_waiting', breaks_on='breaks_on', evident_on='evident_on',
            difference="case when side = 'left' then -amount else amount end",
            explanation="case when side = 'left' then 'The own system does not know this order of the platform' else 'The platform does not know this order of the own system' end",
            explanation_zh="case when side = 'left' then '自有系统中没有这笔平台订单' else '平台上没有这笔自有系统订单' end"
        ) }}
    from {{ ref('int_matching__order_order_open') }}

),

int_exceptions__order_order as (

    select * from field_diff
    union all
    select * from one_sided

)

select * from int_exceptions__order_order
