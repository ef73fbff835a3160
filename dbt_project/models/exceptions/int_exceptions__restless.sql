-- One row per record of a thread that time alone may change, or that somebody still has to look at.
with

waiting_orders as (

    select record_key from {{ ref('int_matching__order_money') }} where is_on_its_way

),

scanning as (

    select
        entity,
        store,
        coalesce(carrier, '') as carrier,
        count(picked_up_at) as picked_up,
        count(delivered_at) as delivered
    from (
        {% for relation in [ref('int_exceptions__parcels'), source('closed', 'parcels')] %}
        select entity, store, carrier, picked_up_at, delivered_at from {{ relation }}
        {{ 'union all' if not loop.last }}
        {% endfor %}
    ) as every_parcel
    group by entity, store, coalesce(carrier, '')

),

anchored as (

    select anchor_type as record_type, anchor_record_key as record_key
    from {{ ref('int_exceptions__all') }}
    where status <> 'cleared'

),

int_exceptions__restless as (

    select record_type, record_key from {{ ref('int_matching__open') }}
    where situation not in ('nothing_due', 'refunded')
    union
    select record_type, record_key from {{ ref('int_matching__record_states') }}
    where match_status in ('timing', 'open')
    union
    select record_type, record_key from anchored
    union
    -- somebody has yet to approve or reject it
    select record_type, record_key from {{ ref('int_ledger__decisions') }}
    where state = 'proposed' and record_key is not null
    union
    -- a refund that is still being processed becomes a finding when its days are over
    select 'payment' as record_type, record_key from {{ ref('int_ledger__payments') }} where status = 'processing'
    union
    select 'order' as record_type, record_key from waiting_orders
    union
    -- so does a parcel that its carrier does not show
    select 'shipment' as record_type, parcels.record_key
    from {{ ref('int_exceptions__parcels') }} as parcels
    inner join scanning
        on
            parcels.entity = scanning.entity
            and parcels.store is not distinct from scanning.store
            and coalesce(parcels.carrier, '') = scanning.carrier
    left join {{ ref('int_ledger__scope') }} as tracked
        on tracked.fact = 'tracked' and parcels.entity = tracked.place
    where
        (
            (scanning.picked_up > 0 or tracked.place is not null)
            and coalesce(parcels.picked_up_at, parcels.delivered_at, parcels.last_scan_at) is null
        )
        or ((scanning.delivered > 0 or tracked.place is not null) and parcels.delivered_at is null)
    union
    -- a charge that two rules fit is counted with all others of them
    select record_type, record_key from {{ ref('int_exceptions__fee_checks') }} where tied_rules is not null

)

select * from int_exceptions__restless
