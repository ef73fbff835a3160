-- One row per payout or bank line that no match claims, with the bank day on which it should be there.
with

payouts as (

    select items.*
    from {{ ref('int_matching__payout_bank_items') }} as items
    left join {{ ref('int_matching__payout_bank_legs') }} as legs
        on items.record_type = legs.record_type and items.record_key = legs.record_key
    where legs.record_key is null and items.record_type = 'payout'

),

-- the more specific rule, of those alike the one that waits longest
lags as (

    select
        payouts.*,
        coalesce(rules.lag_days, 1) as lag_days,
        coalesce(rules.day_kind, 'working') as day_kind,
        row_number() over (
            partition by payouts.record_key
            order by
                case when rules.store is not null then 0 else 1 end,
                case when rules.platform is not null then 0 else 1 end,
                rules.lag_days desc,
                rules.rule_id
        ) as rule_rank
    from payouts
    left join {{ ref('int_ledger__settlement_rules') }} as rules
        on
            rules.trigger = 'payout'
            and (rules.store is null or rules.store = payouts.store)
            and (rules.platform is null or rules.platform = payouts.platform)
            and payouts.business_date between coalesce(rules.valid_from, payouts.business_date)
            and coalesce(rules.valid_to, payouts.business_date)

),

-- N bank days after the start, a start on a closed day counting from the last open day before it; where the rule counts
-- calendar days, the first open day from then on
expected as (

    select
        lags.record_key,
        min(open_days.day) as expected_on
    from lags
    inner join {{ ref('int_ledger__accounts') }} as accounts on lags.bank_account = accounts.account
    inner join {{ ref('int_ledger__calendar') }} as starts
        on accounts.calendar = starts.calendar and lags.business_date = starts.day
    inner join {{ ref('int_ledger__calendar') }} as open_days
        on
            accounts.calendar = open_days.calendar
            and open_days.is_open
            and case
                when lags.day_kind = 'working' then open_days.open_index = starts.open_index + lags.lag_days
                else open_days.day >= lags.business_date + lags.lag_days
            end
    where lags.rule_rank = 1
    group by lags.record_key

),

-- where a statement is due every day, the verdict waits for the one of that day
daily_banks as (

    select distinct account from {{ ref('int_ledger__connections') }} where expect = 'daily'

),

waiting_payouts as (

    select
        payouts.*,
        coalesce(expected.expected_on, cast(payouts.business_date + 15 as date)) as expected_on,
        daily_banks.account is null or coalesce(bank_days.is_complete, false) as is_complete,
        bank_days.complete_on
    from payouts
    left join expected on payouts.record_key = expected.record_key
    left join {{ ref('int_matching__account_days') }} as bank_days
        on
            payouts.bank_account = bank_days.account
            and bank_days.record_type = 'bank_line'
            and bank_days.day = coalesce(expected.expected_on, cast(payouts.business_date + 15 as date))
    left join daily_banks on payouts.bank_account = daily_banks.account

),

bank_lines as (

    select records.*
    from {{ ref('int_matching__records') }} as records
    left join {{ ref('int_matching__payout_bank_legs') }} as legs
        on records.record_type = legs.record_type and records.record_key = legs.record_key
    where records.record_type = 'bank_line' and legs.record_key is null

),

directions as (

    select record_key, direction from {{ ref('int_ledger__bank_lines') }}

),

-- a credit is unexplained only where every wallet that pays out here has been asked up to its day, without a gap
wallets_known as (

    select
        accounts.pays_out_to as bank_account,
        min(coverage.covered_to) as covered_to
    from {{ ref('int_ledger__accounts') }} as accounts
    inner join {{ ref('int_matching__coverage') }} as coverage
        on accounts.account = coverage.place and coverage.record_type = 'fund_flow'
    where accounts.pays_out_to is not null
    group by accounts.pays_out_to

),

int_matching__payout_bank_open as (

    select
        'payout_bank' as level,
        'payout' as record_type,
        record_key,
        'left' as side,
        'payout_only' as situation,
        record_key as group_key,
        amount,
        {{ run_variable('today') }} <= expected_on or not is_complete as is_waiting,
        cast(greatest(
            expected_on + 1,
            case
                when not is_complete then {{ run_variable('today') }} + 1
                else expected_on + 1
            end
        ) as date) as breaks_on,
        greatest(received_on, coalesce(complete_on, received_on), cast(expected_on + 1 as date)) as evident_on,
        expected_on
    from waiting_payouts
    union all
    select
        'payout_bank' as level,
        'bank_line' as record_type,
        bank_lines.record_key,
        'right' as side,
        case when directions.direction = 'in' then 'credit_only' else 'debit_only' end as situation,
        bank_lines.record_key as group_key,
        bank_lines.amount,
        directions.direction = 'in'
        and coalesce(wallets_known.covered_to < bank_lines.business_date, false) as is_waiting,
        cast(null as date) as breaks_on,
        bank_lines.received_on as evident_on,
        cast(null as date) as expected_on
    from bank_lines
    inner join directions on bank_lines.record_key = directions.record_key
    left join wallets_known on bank_lines.account = wallets_known.bank_account

)

select * from int_matching__payout_bank_open
