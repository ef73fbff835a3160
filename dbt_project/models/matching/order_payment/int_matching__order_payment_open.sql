-- One row per order or payment in scope that no match of orders and payments claims, with what it waits for.
with

{{ order_payment_verdicts('other_groups') }},

rest as (

    select group_key, verdict from verdicts where verdict in ('order_only', 'payment_only', 'deposit', 'duplicate', 'tie')

),

unclaimed as (

    select
        members.*,
        rest.verdict
    from {{ ref('int_matching__order_payment_others') }} as members
    inner join rest on members.group_key = rest.group_key
    left join {{ ref('int_matching__order_payment_surplus') }} as surplus
        on members.record_key = surplus.record_key and members.group_key = surplus.group_key
    where
        not (rest.verdict = 'deposit' and members.record_type = 'order')
        and not (rest.verdict = 'duplicate' and (members.record_type = 'order' or surplus.is_valid))

),

-- cash on delivery is due when the parcel is signed for and the carrier's days are over
remittances as (

    select
        unclaimed.record_key,
        cast(unclaimed.signed_on + coalesce(
            max(case when rules.store = unclaimed.store then rules.lag_days end),
            max(case when rules.platform = unclaimed.platform and rules.store is null then rules.lag_days end),
            7
        ) as date) as due_on
    from unclaimed
    left join {{ ref('int_ledger__settlement_rules') }} as rules on rules.trigger = 'signed'
    where unclaimed.record_type = 'order' and unclaimed.payment_method = 'cod'
    group by unclaimed.record_key, unclaimed.signed_on

),

situations as (

    select
        *,
        case
            when verdict = 'tie' then 'tie'
            when record_type = 'order' and payment_method = 'cod' then 'cash_due'
            when verdict = 'duplicate' then 'duplicate_payment'
            else verdict
        end as situation
    from unclaimed

),

int_matching__order_payment_open as (

    select
        'order_payment' as level,
        situations.record_type,
        situations.record_key,
        case when situations.record_type = 'order' then 'left' else 'right' end as side,
        situations.situation,
        situations.group_key,
        situations.stated_amount as amount,
        case situations.situation
            when 'order_only' then not coalesce(store_days.is_complete, false)
            when 'cash_due' then remittances.due_on is null or {{ run_variable('today') }} <= remittances.due_on
            when 'payment_only' then {{ run_variable('today') }} <= situations.business_date + 1
            when 'deposit' then true
            else false
        end as is_waiting,
        case situations.situation
            when 'order_only'
                then cast(greatest(
                    situations.business_date + 2,
                    case when store_days.is_complete then situations.business_date + 2 else {{ run_variable('today') }} + 1 end
                ) as date)
            when 'payment_only' then cast(situations.business_date + 2 as date)
            when 'cash_due' then cast(remittances.due_on + 1 as date)
        end as breaks_on,
        case situations.situation
            when 'order_only' then greatest(situations.received_on, store_days.complete_on)
            when 'cash_due' then greatest(situations.received_on, cast(remittances.due_on + 1 as date))
            when 'payment_only' then greatest(situations.received_on, cast(situations.business_date + 2 as date))
            else situations.received_on
        end as evident_on,
        -- an order paid shortly before midnight may find its payment in the next day's bill
        situations.record_type = 'order'
        and situations.situation <> 'cash_due'
        and {{ minutes_to_midnight('situations.happened_at') }} <= parameters.cross_day_minutes as is_late_evening
    from situations
    cross join {{ ref('int_ledger__parameters') }} as parameters
    left join remittances on situations.record_key = remittances.record_key
    left join {{ ref('int_matching__store_days') }} as store_days
        on situations.store = store_days.store and situations.business_date = store_days.order_date

)

select * from int_matching__order_payment_open
