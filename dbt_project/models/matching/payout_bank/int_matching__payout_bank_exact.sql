-- One row per payout and bank credit paired one to one: by number, then by amount and window where unique on both sides.
with

items as (

    select * from {{ ref('int_matching__payout_bank_items') }} where by_hand is null

),

payouts as (

    select * from items where record_type = 'payout'

),

lines as (

    select * from items where record_type = 'bank_line'

),

-- every word of a line that could be a number of ours
words as (

    select record_key, bank_account, currency, number as word from lines where number is not null
    union
    select
        record_key,
        bank_account,
        currency,
        {{ each_item(words_of('remark')) }} as word
    from lines
    where remark is not null

),

named as (

    select distinct
        payouts.record_key as payout_key,
        words.record_key as line_key
    from payouts
    inner join words
        on
            payouts.bank_account = words.bank_account
            and payouts.currency = words.currency
            and (payouts.number = words.word or payouts.other_number = words.word)

),

named_counts as (

    select
        named.*,
        count(*) over (partition by named.payout_key) as lines_for_payout,
        count(*) over (partition by named.line_key) as payouts_for_line
    from named

),

by_number as (

    select payout_key, line_key from named_counts where lines_for_payout = 1 and payouts_for_line = 1

),

free_payouts as (

    select payouts.*, windows.first_on, windows.last_on
    from payouts
    inner join {{ ref('int_matching__payout_bank_windows') }} as windows
        on payouts.record_key = windows.record_key and windows.pass = 'P4'
    left join by_number on payouts.record_key = by_number.payout_key
    where by_number.payout_key is null

),

free_lines as (

    select lines.* from lines
    left join by_number on lines.record_key = by_number.line_key
    where by_number.line_key is null

),

-- alternatives are counted on both sides, never resolved by picking one
candidates as (

    select
        free_payouts.record_key as payout_key,
        free_lines.record_key as line_key,
        count(*) over (partition by free_payouts.record_key) as lines_for_payout,
        count(*) over (partition by free_lines.record_key) as payouts_for_line
    from free_payouts
    inner join free_lines
        on
            free_payouts.bank_account = free_lines.bank_account
            and free_payouts.currency = free_lines.currency
            and free_payouts.amount = free_lines.amount
    where free_lines.business_date between free_payouts.first_on and free_payouts.last_on

),

int_matching__payout_bank_exact as (

    select
        by_number.payout_key,
        by_number.line_key,
        case when payouts.amount = lines.amount then 'P1' else 'P2' end as pass
    from by_number
    inner join payouts on by_number.payout_key = payouts.record_key
    inner join lines on by_number.line_key = lines.record_key
    union all
    select payout_key, line_key, 'P4' as pass
    from candidates
    where lines_for_payout = 1 and payouts_for_line = 1

)

select * from int_matching__payout_bank_exact
