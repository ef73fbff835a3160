-- One row per provisional pair among equal amounts of one bank account: first in, first out, within the window.
with recursive

claimed as (

    select payout_key as record_key from {{ ref('int_matching__payout_bank_exact') }}
    union all
    select line_key as record_key from {{ ref('int_matching__payout_bank_exact') }}
    union all
    select whole_key as record_key from {{ ref('int_matching__payout_bank_combined') }}
    union all
    select part_key as record_key from {{ ref('int_matching__payout_bank_combined') }}

),

items as (

    select items.*, windows.first_on, windows.last_on
    from {{ ref('int_matching__payout_bank_items') }} as items
    left join {{ ref('int_matching__payout_bank_windows') }} as windows
        on case when items.record_type = 'payout' then items.record_key end = windows.record_key and windows.pass = 'P6'
    left join claimed on items.record_key = claimed.record_key
    where claimed.record_key is null and items.by_hand is null

),

-- a payout or a credit that has a candidate at all
candidates as (

    select
        payouts.record_key as payout_key,
        lines.record_key as line_key,
        payouts.bank_account,
        payouts.currency,
        payouts.amount
    from items as payouts
    inner join items as lines
        on
            payouts.record_type = 'payout'
            and lines.record_type = 'bank_line'
            and payouts.bank_account = lines.bank_account
            and payouts.currency = lines.currency
            and payouts.amount = lines.amount
    where lines.business_date between payouts.first_on and payouts.last_on

),

queued as (

    select
        items.record_key,
        items.record_type,
        items.bank_account,
        items.currency,
        items.amount,
        items.business_date,
        items.first_on,
        items.last_on,
        row_number() over (
            partition by items.record_type, items.bank_account, items.currency, items.amount
            order by items.business_date, items.happened_at, items.record_key
        ) as place,
        count(*) over (
            partition by items.record_type, items.bank_account, items.currency, items.amount
        ) as queue_length
    from items
    inner join (
        select payout_key as record_key from candidates
        union
        select line_key as record_key from candidates
    ) as wanted on items.record_key = wanted.record_key

),

-- both queues are walked together: whoever is too early for the other queue's first is passed, who fits is paired
walk as (

    select
        bank_account,
        currency,
        amount,
        cast(1 as bigint) as payout_place,
        cast(1 as bigint) as line_place
    from queued
    where record_type = 'payout' and place = 1
    union all
    select
        walk.bank_account,
        walk.currency,
        walk.amount,
        walk.payout_place + case when lines.business_date < payouts.first_on then 0 else 1 end as payout_place,
        walk.line_place + case when lines.business_date > payouts.last_on then 0 else 1 end as line_place
    from walk
    inner join queued as payouts
        on
            payouts.record_type = 'payout'
            and walk.bank_account = payouts.bank_account
            and walk.currency = payouts.currency
            and walk.amount = payouts.amount
            and walk.payout_place = payouts.place
    inner join queued as lines
        on
            lines.record_type = 'bank_line'
            and walk.bank_account = lines.bank_account
            and walk.currency = lines.currency
            and walk.amount = lines.amount
            and walk.line_place = lines.place

),

int_matching__payout_bank_ties as (

    select
        payouts.record_key as payout_key,
        lines.record_key as line_key,
        greatest(payouts.queue_length, lines.queue_length) as alternatives
    from walk
    inner join queued as payouts
        on
            payouts.record_type = 'payout'
            and walk.bank_account = payouts.bank_account
            and walk.currency = payouts.currency
            and walk.amount = payouts.amount
            and walk.payout_place = payouts.place
    inner join queued as lines
        on
            lines.record_type = 'bank_line'
            and walk.bank_account = lines.bank_account
            and walk.currency = lines.currency
            and walk.amount = lines.amount
            and walk.line_place = lines.place
    where lines.business_date between payouts.first_on and payouts.last_on

)

select * from int_matching__payout_bank_ties
