-- One row per match of payouts and bank credits.
with

sums as (

    select
        match_key,
        min(pass) as pass,
        max(alternatives) as alternatives,
        min(entity) as entity,
        min(case when side = 'left' then platform end) as platform,
        min(case when side = 'left' then store end) as store,
        min(wallet) as account,
        min(currency) as currency,
        min(case when side = 'left' then business_date end) as business_date,
        cast(sum(case when side = 'left' then amount else 0 end) as decimal(18, 2)) as left_amount,
        cast(sum(case when side = 'right' then amount else 0 end) as decimal(18, 2)) as right_amount,
        count(case when side = 'left' then 1 end) as left_count,
        count(case when side = 'right' then 1 end) as right_count,
        max(received_on) as received_on
    from {{ ref('int_matching__payout_bank_legs') }}
    group by match_key

),

int_matching__payout_bank as (

    select
        match_key,
        'payout_bank' as level,
        pass,
        entity,
        platform,
        store,
        account,
        currency,
        business_date,
        left_amount,
        right_amount,
        right_amount - left_amount as difference,
        case
            when pass = 'P6' then 'provisional'
            when left_amount = right_amount then 'matched'
            else 'differs'
        end as status,
        case pass when 'P1' then 'high' when 'P2' then 'high' when 'MANUAL' then 'high' when 'P6' then 'low' else 'medium' end as confidence,
        alternatives,
        false as is_cross_day,
        received_on as matched_on,
        left_count || ' payout(s) ' || left_amount || ', ' || right_count || ' bank credit(s) ' || right_amount
        as explanation,
        left_count || ' 笔提现 ' || left_amount || '，' || right_count || ' 笔银行到账 ' || right_amount as explanation_zh
    from sums

)

select * from int_matching__payout_bank
