-- One row per billed waybill for which a rule tells the carrier's price, or several tell it equally well: what was billed
-- and what the contract says.
with

-- the carrier and the shop of a waybill, where all that is told of it agrees
parcels as (

    select
        entity,
        waybill_no,
        case when min(carrier) = max(carrier) then min(carrier) end as carrier,
        case when min(store) = max(store) then min(store) end as store,
        min(business_date) as shipped_on
    from {{ ref('int_ledger__shipments') }}
    group by entity, waybill_no

),

-- a waybill has one price, however many lines or bills ask for it
waybills as (

    select
        entity,
        currency,
        waybill_no,
        min(record_key) as record_key,
        min(bill_no) as bill_no,
        max(weight) as weight,
        case when min(zone) = max(zone) then min(zone) end as zone,
        sum(amount) as amount,
        min(billed_on) as first_billed_on,
        max(billed_on) as billed_on,
        max(received_on) as received_on
    from {{ ref('int_ledger__freight_bills') }}
    group by entity, currency, waybill_no

),

bills as (

    select
        waybills.*,
        parcels.carrier,
        parcels.store,
        coalesce(parcels.shipped_on, waybills.first_billed_on) as priced_on
    from waybills
    left join parcels on waybills.entity = parcels.entity and waybills.waybill_no = parcels.waybill_no

),

fitting as (

    select
        bills.record_key,
        rates.rule_id,
        rates.first_weight,
        rates.first_price,
        rates.step_weight,
        rates.step_price,
        rank() over (
            partition by bills.record_key
            order by
                case when rates.carrier is not null then 0 else 1 end,
                case when rates.zone is not null then 0 else 1 end
        ) as rule_rank
    from bills
    inner join {{ ref('int_ledger__freight_rates') }} as rates
        on
            (rates.carrier is null or rates.carrier = bills.carrier)
            and (rates.zone is null or rates.zone = bills.zone)
            and bills.priced_on between coalesce(rates.valid_from, bills.priced_on)
            and coalesce(rates.valid_to, bills.priced_on)

),

-- two rules that fit equally well are none
rules as (

    select
        record_key,
        case when count(*) = 1 then min(rule_id) end as rule_id,
        case when count(*) > 1 then {{ listed('rule_id', ' ', 'rule_id') }} end as tied_rules,
        min(first_weight) as first_weight,
        min(first_price) as first_price,
        min(step_weight) as step_weight,
        min(step_price) as step_price
    from fitting
    where rule_rank = 1
    group by record_key

),

-- in millionths, so that the steps that were begun are counted in whole numbers
weighed as (

    select
        bills.*,
        rules.rule_id,
        rules.tied_rules,
        rules.first_price,
        rules.step_price,
        cast(greatest(bills.weight - coalesce(rules.first_weight, 0), 0) * 1000000 as bigint) as over_weight,
        cast(nullif(rules.step_weight, 0) * 1000000 as bigint) as step_weight
    from bills
    inner join rules on bills.record_key = rules.record_key
    where bills.weight is not null or rules.tied_rules is not null

),

priced as (

    select
        *,
        case
            when tied_rules is not null then null
            when over_weight = 0 then first_price
            else first_price + step_price * ({{ whole_quotient('(over_weight + step_weight - 1)', 'step_weight') }})
        end as price
    from weighed

),

int_exceptions__freight_checks as (

    select
        record_key,
        entity,
        store,
        currency,
        bill_no,
        waybill_no,
        carrier,
        rule_id,
        tied_rules,
        billed_on,
        received_on,
        {{ half_up('price') }} as expected_amount,
        cast(amount as decimal(18, 2)) as billed_amount,
        cast(amount - {{ half_up('price') }} as decimal(18, 2)) as difference,
        coalesce(abs(amount - {{ half_up('price') }}) > cast(0.1 as decimal(2, 1)), false) as is_beyond
    from priced
    where price is not null or tied_rules is not null

)

select * from int_exceptions__freight_checks
