-- One row per order number of a shop whose own system is connected: both systems' records, and in what they differ.
{% set compared = {'status': '订单状态', 'goods_amount': '商品金额', 'buyer_paid': '买家实付'} %}
with

-- what either system has told until when; before both have spoken of a moment, nothing can be said of it
heard as (

    select
        heard.store,
        coalesce(coverage.covered_to + 1, heard.platform_received_on) as platform_heard_on,
        heard.own_received_on as own_heard_on,
        -- some platforms list an order only once it is paid
        unpaid_stores.place is not null as lists_unpaid
    from {{ ref('int_ledger__heard') }} as heard
    left join {{ ref('int_matching__coverage') }} as coverage
        on heard.store = coverage.place and coverage.record_type = 'order'
    left join {{ ref('int_ledger__scope') }} as unpaid_stores
        on unpaid_stores.fact = 'lists_unpaid' and heard.store = unpaid_stores.place

),

orders as (

    select orders.*
    from {{ ref('int_ledger__orders') }} as orders
    inner join heard on orders.store = heard.store
    where orders.role = 'platform' or heard.lists_unpaid or orders.paid_at is not null

),

-- one system may write in two lines what the other writes in one
counted as (

    select
        order_lines.store,
        order_lines.order_no,
        order_lines.role,
        coalesce(order_lines.sku, '') as sku,
        order_lines.unit_price,
        sum(order_lines.quantity) as quantity
    from {{ ref('int_ledger__order_lines') }} as order_lines
    inner join heard on order_lines.store = heard.store
    group by
        order_lines.store, order_lines.order_no, order_lines.role, coalesce(order_lines.sku, ''), order_lines.unit_price

),

goods as (

    select
        store,
        order_no,
        role,
        {{ listed(
            "sku || ' ' || cast(quantity as decimal(18, 2)) || ' x ' || cast(unit_price as decimal(18, 2))",
            ', ', 'sku, unit_price'
        ) }} as line_text
    from counted
    group by store, order_no, role

),

both_sides as (

    select
        coalesce(platform.entity, own.entity) as entity,
        coalesce(platform.platform, own.platform) as platform,
        coalesce(platform.store, own.store) as store,
        coalesce(platform.order_no, own.order_no) as order_no,
        coalesce(platform.currency, own.currency) as currency,
        coalesce(platform.business_date, own.business_date) as business_date,
        platform.record_key as platform_key,
        own.record_key as own_key,
        {% for name in compared %}
        platform.{{ name }} as platform_{{ name }},
        own.{{ name }} as own_{{ name }},
        {% endfor %}
        greatest(platform.received_on, own.received_on) as received_on,
        greatest(platform.ordered_at, own.ordered_at) as ordered_at,
        greatest(platform.ordered_at, own.ordered_at, platform.paid_at, own.paid_at) as paid_at,
        greatest(
            platform.ordered_at, own.ordered_at, platform.paid_at, own.paid_at, platform.updated_at, own.updated_at
        ) as changed_at
    from (select * from orders where role = 'platform') as platform
    full outer join (select * from orders where role = 'own_system') as own
        on platform.store = own.store and platform.order_no = own.order_no

),

compared as (

    select
        both_sides.*,
        platform_goods.line_text as platform_goods,
        own_goods.line_text as own_goods,
        both_sides.platform_key is not null and both_sides.own_key is not null as is_pair,
        coalesce(
            both_sides.platform_goods_amount <> both_sides.own_goods_amount
            or both_sides.platform_buyer_paid <> both_sides.own_buyer_paid
            or platform_goods.line_text <> own_goods.line_text,
            false
        ) as is_other_deal,
        case
            when both_sides.platform_key is null then heard.platform_heard_on
            when both_sides.own_key is null then heard.own_heard_on
            else least(heard.platform_heard_on, heard.own_heard_on)
        end as heard_on
    from both_sides
    inner join heard on both_sides.store = heard.store
    left join goods as platform_goods
        on
            both_sides.store = platform_goods.store
            and both_sides.order_no = platform_goods.order_no
            and platform_goods.role = 'platform'
    left join goods as own_goods
        on
            both_sides.store = own_goods.store
            and both_sides.order_no = own_goods.order_no
            and own_goods.role = 'own_system'

),

-- an order is known from its first hour, what was bought from its payment, its status from the newest change on
timed as (

    select
        compared.*,
        {{ day_of([
            'case when not is_pair then ordered_at when is_other_deal then paid_at else changed_at end + '
            ~ hours('parameters.sync_hours')
        ]) }} as synced_on
    from compared
    cross join {{ ref('int_ledger__parameters') }} as parameters

),

int_matching__order_order_pairs as (

    select
        store || '|' || order_no as pair_key,
        timed.*,
        case when is_pair then concat_ws(
            '; ',
            {% for name in compared %}
            case
                when platform_{{ name }} is distinct from own_{{ name }}
                    then '{{ name }} ' || coalesce(cast(platform_{{ name }} as string), '(unknown)')
                    || ' / ' || coalesce(cast(own_{{ name }} as string), '(unknown)')
            end,
            {% endfor %}
            case when platform_goods <> own_goods then 'goods ' || platform_goods || ' / ' || own_goods end
        ) end as differing,
        case when is_pair then concat_ws(
            '；',
            {% for name, in_words in compared.items() %}
            case
                when platform_{{ name }} is distinct from own_{{ name }}
                    then '{{ in_words }} ' || coalesce({{ in_chinese('cast(platform_' ~ name ~ ' as string)') }}, '（不详）')
                    || ' / ' || coalesce({{ in_chinese('cast(own_' ~ name ~ ' as string)') }}, '（不详）')
            end,
            {% endfor %}
            case when platform_goods <> own_goods then '商品 ' || platform_goods || ' / ' || own_goods end
        ) end as differing_zh,
        coalesce(heard_on <= synced_on, true) or {{ run_variable('today') }} <= synced_on as is_waiting
    from timed

)

select * from int_matching__order_order_pairs
