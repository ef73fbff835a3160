-- One row per payout and pass of the bank that looks at days: the first and the last day on which its credit may be booked.
with

passes as (

    select 'P4' as pass
    union all
    select 'P5' as pass
    union all
    select 'P6' as pass

),

payouts as (

    select items.record_key, items.business_date, accounts.calendar
    from {{ ref('int_matching__payout_bank_items') }} as items
    left join {{ ref('int_ledger__accounts') }} as accounts on items.bank_account = accounts.account
    where items.record_type = 'payout'

),

-- the rule of the day on which the payout started
ranked_rules as (

    select
        payouts.record_key,
        payouts.business_date,
        payouts.calendar,
        passes.pass,
        coalesce(rules.window_before, 0) as days_before,
        coalesce(rules.window_after, 15) as days_after,
        coalesce(rules.day_kind, 'calendar') as day_kind,
        row_number() over (
            partition by payouts.record_key, passes.pass
            order by coalesce(rules.valid_from, cast('1900-01-01' as date)) desc, rules.rule_id
        ) as rule_rank
    from payouts
    cross join passes
    left join {{ ref('int_ledger__match_rules') }} as rules
        on
            rules.level = 'payout_bank'
            and passes.pass = rules.pass
            and payouts.business_date between coalesce(rules.valid_from, payouts.business_date)
            and coalesce(rules.valid_to, payouts.business_date)

),

windows as (

    select
        record_key,
        pass,
        business_date,
        days_before,
        days_after,
        case when day_kind = 'working' then calendar end as calendar
    from ranked_rules
    where rule_rank = 1

),

-- counted in days on which the bank is open: a closed day belongs to the open day before it
int_matching__payout_bank_windows as (

    select
        windows.record_key,
        windows.pass,
        windows.calendar,
        case
            when windows.days_before = 0 then windows.business_date
            else coalesce(firsts.day, cast(windows.business_date - windows.days_before as date))
        end as first_on,
        coalesce(cast(nexts.day - 1 as date), cast(windows.business_date + windows.days_after as date)) as last_on
    from windows
    left join {{ ref('int_ledger__calendar') }} as starts
        on windows.calendar = starts.calendar and windows.business_date = starts.day
    left join {{ ref('int_ledger__calendar') }} as firsts
        on
            windows.calendar = firsts.calendar
            and firsts.is_open
            and firsts.open_index = starts.open_index - windows.days_before
    left join {{ ref('int_ledger__calendar') }} as nexts
        on
            windows.calendar = nexts.calendar
            and nexts.is_open
            and nexts.open_index = starts.open_index + windows.days_after + 1

)

select * from int_matching__payout_bank_windows
