-- One row per match, open item or record and control that it counts in: both sides, what waits, what is broken.
with

matches as (

    select
        matches.match_id,
        matches.level,
        matches.business_date,
        matches.entity,
        matches.store,
        matches.account,
        matches.currency,
        matches.left_amount,
        matches.right_amount,
        case when matches.status = 'differs' then abs(matches.difference) else 0 end as exception_amount,
        matches.is_cross_day
        or coalesce(
            groups.order_date <> groups.last_order_date
            or groups.order_date <> groups.payment_date
            or groups.order_date <> groups.last_payment_date,
            false
        ) as is_spread
    from {{ ref('int_matching__matches') }} as matches
    left join {{ ref('int_matching__order_payment_groups') }} as groups
        on case when matches.level = 'order_payment' then matches.match_key end = groups.group_key
    where matches.level in ('{{ money_levels() | join("', '") }}')

),

-- what each day brought to either side of a match over midnight
leg_days as (

    select
        legs.match_id,
        records.business_date as day,
        sum(case when legs.side = 'right' then 0 else legs.amount end) as left_amount,
        sum(case when legs.side = 'right' then legs.amount else 0 end) as right_amount
    from {{ ref('int_matching__legs') }} as legs
    inner join matches on legs.match_id = matches.match_id and matches.is_spread
    inner join {{ ref('int_matching__records') }} as records
        on legs.record_type = records.record_type and legs.record_key = records.record_key
    group by legs.match_id, records.business_date

),

claimed as (

    select
        match_id,
        cast(null as string) as record_type,
        cast(null as string) as record_key,
        level,
        business_date as day,
        entity,
        store,
        account,
        currency,
        left_amount,
        right_amount,
        0 as timing_out,
        0 as timing_in,
        exception_amount
    from matches
    where not is_spread
    union all
    select
        matches.match_id,
        cast(null as string) as record_type,
        cast(null as string) as record_key,
        matches.level,
        leg_days.day,
        matches.entity,
        matches.store,
        matches.account,
        matches.currency,
        leg_days.left_amount,
        leg_days.right_amount,
        greatest(leg_days.left_amount - leg_days.right_amount, 0) as timing_out,
        greatest(leg_days.right_amount - leg_days.left_amount, 0) as timing_in,
        case when leg_days.day = matches.business_date then matches.exception_amount else 0 end as exception_amount
    from leg_days
    inner join matches on leg_days.match_id = matches.match_id

),

unclaimed as (

    select
        cast(null as string) as match_id,
        open_items.record_type,
        open_items.record_key,
        open_items.level,
        records.business_date as day,
        records.entity,
        records.store,
        records.account,
        records.currency,
        case when open_items.side = 'left' then open_items.amount else 0 end as left_amount,
        case when open_items.side = 'right' then open_items.amount else 0 end as right_amount,
        case when open_items.side = 'left' and open_items.is_waiting then open_items.amount else 0 end as timing_out,
        case when open_items.side = 'right' and open_items.is_waiting then open_items.amount else 0 end as timing_in,
        case when open_items.is_waiting then 0 else open_items.amount end as exception_amount
    from {{ ref('int_exceptions__open') }} as open_items
    inner join {{ ref('int_matching__records') }} as records
        on open_items.record_type = records.record_type and open_items.record_key = records.record_key
    where
        open_items.level in ('{{ money_levels() | join("', '") }}')
        and open_items.situation not in ('nothing_due', 'refunded', 'fee_only')

),

levels as (

    select * from claimed
    union all
    select * from unclaimed

),

level_parts as (

    select
        match_id,
        record_type,
        record_key,
        day,
        entity,
        store,
        account,
        case level
            when 'order_payment' then 'C02'
            when 'refund_payment' then 'C04'
            when 'payment_flow' then 'C03'
            when 'order_settlement' then 'C06'
            when 'settlement_flow' then 'C07'
            else 'C08'
        end as control,
        currency,
        left_amount,
        right_amount,
        timing_out,
        timing_in,
        exception_amount
    from levels

),

identities as (

    select
        cast(null as string) as match_id,
        'order' as record_type,
        record_key,
        business_date as day,
        entity,
        store,
        cast(null as string) as account,
        'C01' as control,
        currency,
        goods_amount - merchant_discount + freight as left_amount,
        buyer_paid + platform_subsidy + channel_subsidy + creator_subsidy - coalesce(tax_collected, 0) as right_amount,
        0 as timing_out,
        0 as timing_in,
        abs(
            buyer_paid + platform_subsidy + channel_subsidy + creator_subsidy - coalesce(tax_collected, 0)
            - (goods_amount - merchant_discount + freight)
        ) as exception_amount
    from {{ ref('int_ledger__orders') }}
    where role = 'platform'

),

-- what should have come back of fees, and what did
fee_returns as (

    select
        cast(null as string) as match_id,
        anchor_type as record_type,
        {{ without_last_part('anchor_key') }} as record_key,
        refunded_on as day,
        entity,
        store,
        account,
        'C05' as control,
        currency,
        expected_amount as left_amount,
        returned_amount as right_amount,
        case when is_beyond and coalesce({{ run_variable('today') }} < breaks_on, false) then abs(difference) else 0 end
            as timing_out,
        0 as timing_in,
        case when is_beyond and not coalesce({{ run_variable('today') }} < breaks_on, false) then abs(difference) else 0 end
            as exception_amount
    from {{ ref('int_exceptions__fee_return_checks') }}

),

commissions as (

    select
        cast(null as string) as match_id,
        'order' as record_type,
        order_key as record_key,
        billed_on as day,
        entity,
        store,
        cast(null as string) as account,
        'C16' as control,
        currency,
        charged_amount as left_amount,
        billed_amount as right_amount,
        0 as timing_out,
        0 as timing_in,
        case when is_beyond then abs(difference) else 0 end as exception_amount
    from {{ ref('int_exceptions__commission_checks') }}

),

-- counts: goods that came back, and refunds that ask for them
returns as (

    select
        match_id,
        cast(null as string) as record_type,
        cast(null as string) as record_key,
        business_date as day,
        entity,
        store,
        cast(null as string) as account,
        'C14' as control,
        currency,
        1 as left_amount,
        1 as right_amount,
        0 as timing_out,
        0 as timing_in,
        0 as exception_amount
    from {{ ref('int_matching__matches') }}
    where level = 'return_refund'
    union all
    select
        cast(null as string) as match_id,
        open_items.record_type,
        open_items.record_key,
        records.business_date as day,
        records.entity,
        records.store,
        cast(null as string) as account,
        'C14' as control,
        records.currency,
        case when open_items.side = 'left' then 1 else 0 end as left_amount,
        case when open_items.side = 'right' then 1 else 0 end as right_amount,
        case when open_items.side = 'left' and open_items.is_waiting then 1 else 0 end as timing_out,
        case when open_items.side = 'right' and open_items.is_waiting then 1 else 0 end as timing_in,
        case when open_items.is_waiting then 0 else 1 end as exception_amount
    from {{ ref('int_exceptions__open') }} as open_items
    inner join {{ ref('int_matching__records') }} as records
        on open_items.record_type = records.record_type and open_items.record_key = records.record_key
    where open_items.level = 'return_refund'

),

shipments as (

    select
        cast(null as string) as match_id,
        'order' as record_type,
        due.record_key,
        due.business_date as day,
        due.entity,
        due.store,
        cast(null as string) as account,
        'C13' as control,
        due.currency,
        1 as left_amount,
        case when open_items.record_key is null then 1 else 0 end as right_amount,
        case when open_items.situation = 'refunded' or open_items.is_waiting then 1 else 0 end as timing_out,
        0 as timing_in,
        case when open_items.situation = 'not_shipped' and not open_items.is_waiting then 1 else 0 end
            as exception_amount
    from {{ ref('int_matching__order_shipment_due') }} as due
    left join {{ ref('int_matching__order_shipment_open') }} as open_items on due.record_key = open_items.record_key

),

-- what the platform adds to settled orders, and what it credited
subsidies as (

    select
        cast(null as string) as match_id,
        'order' as record_type,
        order_key as record_key,
        business_date as day,
        entity,
        store,
        account,
        'C11' as control,
        currency,
        due_amount as left_amount,
        credited_amount as right_amount,
        case when is_beyond and is_waiting then greatest(-difference, 0) else 0 end as timing_out,
        case when is_beyond and is_waiting then greatest(difference, 0) else 0 end as timing_in,
        case when is_beyond and not is_waiting then abs(difference) else 0 end as exception_amount
    from {{ ref('int_exceptions__subsidy_checks') }}

),

-- counts: what a parcel holds by the shipment, and by the warehouse that sent it out
quantities as (

    select
        cast(null as string) as match_id,
        'shipment' as record_type,
        record_key,
        coalesce(business_date, received_on) as day,
        entity,
        store,
        cast(null as string) as account,
        'C12' as control,
        currency,
        quantity as left_amount,
        outbound_quantity as right_amount,
        0 as timing_out,
        0 as timing_in,
        abs(outbound_quantity - quantity) as exception_amount
    from {{ ref('int_ledger__shipments') }}
    where quantity is not null and outbound_quantity is not null

),

-- what a carrier's contract says, waybill by waybill, and what he billed
freight as (

    select
        cast(null as string) as match_id,
        'freight_bill' as record_type,
        record_key,
        billed_on as day,
        entity,
        store,
        cast(null as string) as account,
        'C17' as control,
        currency,
        expected_amount as left_amount,
        billed_amount as right_amount,
        0 as timing_out,
        0 as timing_in,
        case when is_beyond then abs(difference) else 0 end as exception_amount
    from {{ ref('int_exceptions__freight_checks') }}
    where tied_rules is null

),

parts as (

    {% for part in [
        'level_parts', 'identities', 'fee_returns', 'subsidies', 'quantities', 'commissions', 'freight', 'returns',
        'shipments',
    ] %}
    select * from {{ part }}
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

int_exceptions__control_parts as (

    select
        match_id,
        record_type,
        record_key,
        day,
        entity,
        store,
        account,
        control,
        currency,
        {% for name in ['left_amount', 'right_amount', 'timing_out', 'timing_in', 'exception_amount'] %}
        cast({{ name }} as decimal(18, 2)) as {{ name }}{{ ',' if not loop.last }}
        {% endfor %}
    from parts

)

select * from int_exceptions__control_parts
