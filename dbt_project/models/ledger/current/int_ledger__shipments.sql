-- One row per waybill of an order in an open thread: its current version, with what the carrier itself says about the waybill.
{% if is_fed('trackings') %}
{% set said = {
    'picked_up_at': 'coalesce(shipments.picked_up_at, trackings.picked_up_at)',
    'delivered_at': 'coalesce(shipments.delivered_at, trackings.delivered_at)',
    'last_scan_at': 'greatest(shipments.last_scan_at, trackings.last_scan_at)',
    'freight_cost': 'coalesce(shipments.freight_cost, trackings.freight_cost)',
    'received_on': 'greatest(shipments.received_on, trackings.received_on)',
} %}
with

trackings as (

    select
        entity,
        waybill_no,
        min(picked_up_at) as picked_up_at,
        min(delivered_at) as delivered_at,
        max(last_scan_at) as last_scan_at,
        max(freight_cost) as freight_cost,
        max(received_on) as received_on
    from {{ ref('int_ledger__trackings_records') }}
    where
        record_key is not null
        and waybill_no in (select waybill_no from {{ ref('int_ledger__stated_shipments') }})
    group by entity, waybill_no

),

int_ledger__shipments as (

    select
        {% for name in common_columns() + ledger_columns('shipments') | map(attribute='name') | list %}
        {{ said.get(name, 'shipments.' ~ name) }} as {{ name }}{{ ',' if not loop.last }}
        {% endfor %}
    from {{ ref('int_ledger__stated_shipments') }} as shipments
    left join trackings
        on shipments.entity = trackings.entity and shipments.waybill_no = trackings.waybill_no

)

select * from int_ledger__shipments
{% else %}
select * from {{ ref('int_ledger__stated_shipments') }}
{% endif %}
