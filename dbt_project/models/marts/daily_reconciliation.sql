-- One row per day, entity, store, account and control: both sides, what waits, what is broken.
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
    from {{ ref('int_matching__open') }} as open_items
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

level_controls as (

    select
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
        sum(left_amount) as left_amount,
        sum(right_amount) as right_amount,
        sum(timing_out) as timing_out,
        sum(timing_in) as timing_in,
        sum(exception_amount) as exception_amount,
        false as is_incomplete
    from levels
    group by day, entity, store, account, level, currency

),

identities as (

    select
        business_date as day,
        entity,
        store,
        cast(null as string) as account,
        'C01' as control,
        currency,
        sum(goods_amount - merchant_discount + freight) as left_amount,
        sum(buyer_paid + platform_subsidy + channel_subsidy + creator_subsidy - coalesce(tax_collected, 0)) as right_amount,
        0 as timing_out,
        0 as timing_in,
        sum(abs(
            buyer_paid + platform_subsidy + channel_subsidy + creator_subsidy - coalesce(tax_collected, 0)
            - (goods_amount - merchant_discount + freight)
        )) as exception_amount,
        false as is_incomplete
    from {{ ref('int_ledger__orders') }}
    where role = 'platform'
    group by business_date, entity, store, currency

),

-- counts: what the bill states and what it holds
bills as (

    select
        day,
        entity,
        cast(null as string) as store,
        account,
        'C00' as control,
        currency,
        sum(coalesce(stated_row_count, row_count, 0)) as left_amount,
        sum(coalesce(row_count, stated_row_count, 0)) as right_amount,
        0 as timing_out,
        0 as timing_in,
        0 as exception_amount,
        bool_or(refused_reason is not null) as is_incomplete
    from {{ ref('int_ledger__statements') }}
    where is_current and day is not null
    group by day, entity, account, currency

),

missing_bills as (

    select
        business_date as day,
        entity,
        store,
        account,
        'C00' as control,
        currency,
        0 as left_amount,
        0 as right_amount,
        0 as timing_out,
        0 as timing_in,
        0 as exception_amount,
        true as is_incomplete
    from {{ ref('int_exceptions__all') }}
    where code in ('E001', 'E002') and status = 'open'

),

balances as (

    select
        balances.day,
        balances.entity,
        cast(null as string) as store,
        balances.account,
        case accounts.kind when 'ads' then 'C18' when 'deposit' then 'C19' else 'C09' end as control,
        balances.currency,
        balances.closing_balance as left_amount,
        coalesce(balances.stated_closing_balance, balances.closing_balance) as right_amount,
        0 as timing_out,
        0 as timing_in,
        abs(coalesce(balances.difference, 0)) as exception_amount,
        false as is_incomplete
    from {{ ref('account_balances') }} as balances
    left join {{ ref('int_ledger__accounts') }} as accounts on balances.account = accounts.account

),

-- what should have come back of fees, and what did
fee_returns as (

    select
        refunded_on as day,
        entity,
        store,
        account,
        'C05' as control,
        currency,
        sum(expected_amount) as left_amount,
        sum(returned_amount) as right_amount,
        sum(case when is_beyond and coalesce({{ run_variable('today') }} < breaks_on, false) then abs(difference) else 0 end)
            as timing_out,
        0 as timing_in,
        sum(
            case when is_beyond and not coalesce({{ run_variable('today') }} < breaks_on, false) then abs(difference) else 0 end
        ) as exception_amount,
        false as is_incomplete
    from {{ ref('int_exceptions__fee_return_checks') }}
    group by refunded_on, entity, store, account, currency

),

commissions as (

    select
        billed_on as day,
        entity,
        store,
        cast(null as string) as account,
        'C16' as control,
        currency,
        sum(charged_amount) as left_amount,
        sum(billed_amount) as right_amount,
        0 as timing_out,
        0 as timing_in,
        sum(case when is_beyond then abs(difference) else 0 end) as exception_amount,
        false as is_incomplete
    from {{ ref('int_exceptions__commission_checks') }}
    group by billed_on, entity, store, currency

),

-- counts: goods that came back, and refunds that ask for them
returns as (

    select
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
        0 as exception_amount,
        false as is_incomplete
    from {{ ref('int_matching__matches') }}
    where level = 'return_refund'
    union all
    select
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
        case when open_items.is_waiting then 0 else 1 end as exception_amount,
        false as is_incomplete
    from {{ ref('int_matching__open') }} as open_items
    inner join {{ ref('int_matching__records') }} as records
        on open_items.record_type = records.record_type and open_items.record_key = records.record_key
    where open_items.level = 'return_refund'

),

shipments as (

    select
        due.business_date as day,
        due.entity,
        due.store,
        cast(null as string) as account,
        'C13' as control,
        due.currency,
        count(*) as left_amount,
        count(case when open_items.record_key is null then 1 end) as right_amount,
        count(case when open_items.situation = 'refunded' or open_items.is_waiting then 1 end) as timing_out,
        0 as timing_in,
        count(case when open_items.situation = 'not_shipped' and not open_items.is_waiting then 1 end) as exception_amount,
        false as is_incomplete
    from {{ ref('int_matching__order_shipment_due') }} as due
    left join {{ ref('int_matching__order_shipment_open') }} as open_items on due.record_key = open_items.record_key
    group by due.business_date, due.entity, due.store, due.currency

),

controls as (

    select * from level_controls
    union all
    select * from identities
    union all
    select * from bills
    union all
    select * from missing_bills
    union all
    select * from balances
    union all
    select * from shipments
    union all
    select * from fee_returns
    union all
    select * from commissions
    union all
    select * from returns

),

summed as (

    select
        day,
        entity,
        store,
        account,
        control,
        currency,
        sum(left_amount) as left_amount,
        sum(right_amount) as right_amount,
        sum(timing_out) as timing_out,
        sum(timing_in) as timing_in,
        sum(exception_amount) as exception_amount,
        bool_or(is_incomplete) as is_incomplete
    from controls
    group by day, entity, store, account, control, currency

),

-- an account-day whose own bill is missing or contradicts itself concludes nothing
incomplete_days as (

    select distinct account, day from {{ ref('int_matching__account_days') }} where not is_complete

)

select
    summed.day,
    summed.entity,
    summed.store,
    summed.account,
    summed.control,
    summed.currency,
    cast(summed.left_amount as decimal(18, 2)) as left_amount,
    cast(summed.right_amount as decimal(18, 2)) as right_amount,
    cast(summed.right_amount - summed.left_amount as decimal(18, 2)) as difference,
    cast(summed.timing_out as decimal(18, 2)) as timing_out,
    cast(summed.timing_in as decimal(18, 2)) as timing_in,
    cast(summed.exception_amount as decimal(18, 2)) as exception_amount,
    case
        when summed.is_incomplete or incomplete_days.account is not null then 'incomplete'
        when summed.exception_amount <> 0 then 'broken'
        when summed.timing_out <> 0 or summed.timing_in <> 0 then 'timing'
        else 'balanced'
    end as status
from summed
left join incomplete_days on summed.account = incomplete_days.account and summed.day = incomplete_days.day
