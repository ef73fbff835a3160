-- One row per open item past its time: the three nearest records of the other side, and what would have had to be different.
with

open_items as (

    select
        open_items.level,
        open_items.side,
        open_items.record_type,
        open_items.record_key,
        open_items.amount,
        open_items.is_waiting,
        records.entity,
        records.currency,
        records.business_date,
        records.source_no
    from {{ ref('int_matching__open') }} as open_items
    inner join {{ ref('int_matching__records') }} as records
        on open_items.record_type = records.record_type and open_items.record_key = records.record_key
    where open_items.situation not in ('nothing_due', 'refunded', 'fee_only')

),

anchors as (

    select * from open_items where not is_waiting

),

near_free as (

    select
        anchors.level,
        anchors.record_type,
        anchors.record_key,
        anchors.amount,
        anchors.business_date,
        others.record_type as other_type,
        others.record_key as other_key,
        others.source_no as other_no,
        others.amount as other_amount,
        others.business_date as other_date,
        cast(null as string) as match_id,
        cast(null as string) as pass
    from anchors
    inner join open_items as others
        on
            anchors.level = others.level
            and anchors.entity = others.entity
            and anchors.currency = others.currency
            and anchors.side <> others.side
    where
        others.business_date between anchors.business_date - 30 and anchors.business_date + 30
        and abs(others.amount - anchors.amount) <= anchors.amount * cast(0.1 as decimal(2, 1))

),

claimed as (

    select
        legs.level,
        legs.side,
        legs.record_type,
        legs.record_key,
        legs.amount,
        records.entity,
        records.currency,
        records.source_no,
        records.business_date,
        matches.match_id,
        matches.pass
    from {{ ref('int_matching__legs') }} as legs
    inner join {{ ref('int_matching__records') }} as records
        on legs.record_type = records.record_type and legs.record_key = records.record_key
    inner join {{ ref('int_matching__matches') }} as matches on legs.match_id = matches.match_id
    union all
    select
        legs.level,
        legs.side,
        legs.record_type,
        legs.record_key,
        legs.amount,
        legs.entity,
        legs.currency,
        legs.source_no,
        legs.business_date,
        matches.match_id,
        matches.pass
    from {{ source('closed', 'match_legs') }} as legs
    inner join {{ source('closed', 'matches') }} as matches on legs.match_id = matches.match_id

),

-- equal to the cent, and taken: at the bank within the days a payout may take, elsewhere within a day
near_claimed as (

    select
        anchors.level,
        anchors.record_type,
        anchors.record_key,
        anchors.amount,
        anchors.business_date,
        claimed.record_type as other_type,
        claimed.record_key as other_key,
        claimed.source_no as other_no,
        claimed.amount as other_amount,
        claimed.business_date as other_date,
        claimed.match_id,
        claimed.pass
    from anchors
    inner join claimed
        on
            anchors.level = claimed.level
            and anchors.amount = claimed.amount
            and anchors.entity = claimed.entity
            and anchors.currency = claimed.currency
            and anchors.side <> claimed.side
            and claimed.side <> 'adjustment'
    where
        abs({{ days_from('anchors.business_date', 'claimed.business_date') }})
        <= case anchors.level when 'payout_bank' then 15 else 1 end

),

near as (

    select * from near_free
    union all
    select * from near_claimed

),

ranked as (

    select
        near.*,
        near.other_amount - near.amount as amount_gap,
        {{ days_from('near.business_date', 'near.other_date') }} as day_gap,
        row_number() over (
            partition by near.level, near.record_type, near.record_key
            order by
                abs(near.other_amount - near.amount),
                case when near.match_id is null then 0 else 1 end,
                abs({{ days_from('near.business_date', 'near.other_date') }}),
                near.other_key
        ) as nearness
    from near

),

fees as (

    select 'payment' as record_type, record_key, fee from {{ ref('int_ledger__payments') }} where fee <> 0
    union all
    select 'payout' as record_type, record_key, fee from {{ ref('int_ledger__payouts') }} where fee <> 0

),

nearest as (

    select
        *,
        case when record_type = 'payout' then record_key else other_key end as payout_key,
        case when record_type = 'payout' then other_date else business_date end as booked_on
    from ranked
    where nearness <= 3

),

-- how far outside the payout's window the bank booked, in the days that its rule counts
judged as (

    select
        nearest.*,
        case when windows.calendar is null then ' day(s) ' else ' working day(s) ' end as day_word,
        case when windows.calendar is null then ' 天' else ' 个工作日' end as day_word_zh,
        case
            when nearest.booked_on > windows.last_on
                then coalesce(
                    booked.open_index - lasts.open_index, {{ days_from('windows.last_on', 'nearest.booked_on') }}
                )
        end as days_late,
        case
            when nearest.booked_on < windows.first_on
                then greatest(
                    1,
                    coalesce(
                        firsts.open_index - booked.open_index, {{ days_from('nearest.booked_on', 'windows.first_on') }}
                    )
                )
        end as days_early,
        coalesce(abs(nearest.amount_gap) in (abs(own_fees.fee), abs(other_fees.fee)), false) as is_fee_gap
    from nearest
    left join {{ ref('int_matching__payout_bank_windows') }} as windows
        on
            case when nearest.level = 'payout_bank' then nearest.payout_key end = windows.record_key
            and windows.pass = 'P4'
    left join {{ ref('int_ledger__calendar') }} as booked
        on windows.calendar = booked.calendar and nearest.booked_on = booked.day
    left join {{ ref('int_ledger__calendar') }} as firsts
        on windows.calendar = firsts.calendar and windows.first_on = firsts.day
    left join {{ ref('int_ledger__calendar') }} as lasts
        on windows.calendar = lasts.calendar and windows.last_on = lasts.day
    left join fees as own_fees
        on nearest.record_type = own_fees.record_type and nearest.record_key = own_fees.record_key
    left join fees as other_fees
        on nearest.other_type = other_fees.record_type and nearest.other_key = other_fees.record_key

),

explained as (

    select
        *,
        case
            when match_id is not null then 'already used by match ' || match_id || ' in pass ' || pass
            when amount_gap = 0 and days_late is not null then days_late || day_word || 'outside the window'
            when amount_gap = 0 and days_early is not null then 'booked ' || days_early || day_word || 'before the payout'
            when level = 'payout_bank' and amount_gap = 0 then 'several of this amount'
            else
                case when level <> 'payout_bank' then 'no number in common' else '' end
                || case when level <> 'payout_bank' and amount_gap <> 0 then ', ' else '' end
                || case when amount_gap <> 0 then 'differs by ' || amount_gap else '' end
                || case when is_fee_gap then ' = the fee' else '' end
                || case when amount_gap = 0 and day_gap <> 0 then ', ' || abs(day_gap) || ' day(s) apart' else '' end
        end as failed,
        case
            when match_id is not null then '已被通道 ' || pass || ' 的匹配 ' || match_id || ' 占用'
            when amount_gap = 0 and days_late is not null then '超出窗口 ' || days_late || day_word_zh
            when amount_gap = 0 and days_early is not null then '早于提现 ' || days_early || day_word_zh || '入账'
            when level = 'payout_bank' and amount_gap = 0 then '有多笔相同金额'
            else
                case when level <> 'payout_bank' then '没有共同单号' else '' end
                || case when level <> 'payout_bank' and amount_gap <> 0 then '，' else '' end
                || case when amount_gap <> 0 then '相差 ' || amount_gap else '' end
                || case when is_fee_gap then '，正是手续费' else '' end
                || case when amount_gap = 0 and day_gap <> 0 then '，相隔 ' || abs(day_gap) || ' 天' else '' end
        end as failed_zh
    from judged

),

described as (

    select
        *,
        '{"key": "' || coalesce(other_no, other_key) || '", "day": "' || other_date || '", "amount": "' || other_amount
        || '", "failed": "' || failed || '", "failed_zh": "' || failed_zh || '"}' as candidate
    from explained

),

int_exceptions__candidates as (

    select
        level,
        record_type,
        record_key,
        min(case when nearness = 1 then failed || ' (' || coalesce(other_no, other_key) || ')' end) as smallest_change,
        '[' || {{ listed('candidate', ', ', 'nearness') }} || ']' as nearest_candidates
    from described
    group by level, record_type, record_key

)

select * from int_exceptions__candidates
