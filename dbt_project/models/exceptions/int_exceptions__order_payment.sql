-- One row per exception of orders and their payments: open items, and findings about matched groups.
with

open_items as (

    select open_items.*, records.business_date
    from {{ ref('int_matching__order_payment_open') }} as open_items
    inner join {{ ref('int_matching__records') }} as records
        on open_items.record_type = records.record_type and open_items.record_key = records.record_key

),

matches as (

    select * from {{ ref('int_matching__order_payment') }}

),

groups as (

    select * from {{ ref('int_matching__order_payment_groups') }}

),

anchors as (

    select
        match_key,
        min(case when side = 'left' then record_key end) as order_key,
        min(case when side = 'right' then record_key end) as payment_key
    from {{ ref('int_matching__order_payment_legs') }}
    group by match_key

),

-- E101: a paid order, and the bills of its day and the next hold no payment
order_no_payment as (

    select
        {{ exception_columns(
            'order_payment', "case when is_waiting and is_late_evening then 'E106' else 'E101' end", 'open', 'record_type', 'record_key', 'amount',
            is_tag='is_waiting and coalesce(is_late_evening, false)',
            is_waiting='is_waiting', breaks_on='breaks_on', evident_on='evident_on', difference='-amount',
            explanation="case situation when 'cash_due' then 'Delivered, and the carrier has not handed over the cash' else 'No payment carries a number of this order' end",
            explanation_zh="case situation when 'cash_due' then '已签收，快递公司尚未交回代收货款' else '没有支付带有此订单的单号' end"
        ) }}
    from open_items
    where situation in ('order_only', 'cash_due')

),

-- E102: money received and no order to which it belongs
payment_no_order as (

    select
        {{ exception_columns(
            'order_payment', "'E102'", 'open', 'record_type', 'record_key', 'amount',
            is_waiting='is_waiting', breaks_on='breaks_on', evident_on='evident_on', difference='amount',
            explanation="case when situation = 'deposit' then 'Deposit received, the order is not yet paid in full' else 'No order carries a number of this payment' end",
            explanation_zh="case when situation = 'deposit' then '已收定金，订单尚未付清' else '没有订单带有这笔支付的单号' end"
        ) }}
    from open_items
    where situation in ('payment_only', 'deposit')

),

-- E103: same number, other amount, and no subset of the payments fits
pay_amount_diff as (

    select
        {{ exception_columns(
            'order_payment', "'E103'", 'finding', "'order'", 'anchors.order_key', 'abs(matches.difference)',
            is_waiting='matches.difference < 0 and not coalesce(store_days.is_complete, true)',
            breaks_on='greatest(matches.business_date + 2, ' ~ run_variable('today') ~ ' + 1)',
            evident_on='matches.matched_on', difference='matches.difference', match_key='matches.match_key',
            explanation="matches.explanation || ', ' || matches.left_amount || ' ordered, ' || matches.right_amount || ' paid'",
            explanation_zh="matches.explanation_zh || '，订单应付 ' || matches.left_amount || '，实付 ' || matches.right_amount"
        ) }}
    from matches
    inner join groups on matches.match_key = groups.group_key
    inner join anchors on matches.match_key = anchors.match_key
    left join {{ ref('int_matching__store_days') }} as store_days
        on groups.store = store_days.store and groups.order_date = store_days.order_date
    where matches.status = 'differs' and groups.class <> 'status_differs'

),

-- E104: the channel took the money, the shop calls the order unpaid
pay_status_diff as (

    select
        {{ exception_columns(
            'order_payment', "'E104'", 'finding', "'order'", 'anchors.order_key', 'matches.right_amount',
            evident_on='matches.matched_on', difference='matches.difference', match_key='matches.match_key',
            explanation="'The channel says succeeded, the shop says unpaid'",
            explanation_zh="'渠道显示支付成功，店铺显示未付款'"
        ) }}
    from matches
    inner join groups on matches.match_key = groups.group_key
    inner join anchors on matches.match_key = anchors.match_key
    where groups.class = 'status_differs'

),

-- E105: more paid than owed, and the earliest subset that fits leaves this one over
dup_payment as (

    select
        {{ exception_columns(
            'order_payment', "'E105'", 'open', 'record_type', 'record_key', 'amount',
            evident_on='evident_on', difference='amount',
            explanation="'The other payments of this order already add up to what the buyer owed'",
            explanation_zh="'此订单的其他支付合计已等于买家应付金额'"
        ) }}
    from open_items
    where situation = 'duplicate_payment'

),

-- E404: two different sets of payments fit equally well
ambiguous as (

    select
        {{ exception_columns(
            'order_payment', "'E404'", 'open', 'record_type', 'record_key', 'amount',
            evident_on='evident_on', explanation="'More than one set of payments adds up to the order'",
            explanation_zh="'有不止一种支付组合的合计等于订单金额'"
        ) }}
    from open_items
    where situation = 'tie'

),

-- E106 and E107: tags beside a match whose legs lie in two days, or two months
crossing as (

    select
        matches.*,
        anchors.order_key,
        groups.order_amount,
        groups.last_payment_date
    from matches
    inner join groups on matches.match_key = groups.group_key
    inner join anchors on matches.match_key = anchors.match_key
    where matches.is_cross_day and groups.class <> 'status_differs'

),

cross_day as (

    select
        {{ exception_columns(
            'order_payment', "'E106'", 'finding', "'order'", 'order_key', 'order_amount', is_tag='true',
            evident_on='matched_on', cleared_on='matched_on', difference='difference', match_key='match_key',
            explanation="'Ordered on ' || business_date || ', paid on ' || last_payment_date",
            explanation_zh="'下单日 ' || business_date || '，付款日 ' || last_payment_date"
        ) }}
    from crossing

),

cross_period as (

    select
        {{ exception_columns(
            'order_payment', "'E107'", 'finding', "'order'", 'order_key', 'order_amount', is_tag='true',
            evident_on='matched_on', cleared_on='matched_on', difference='difference', match_key='match_key',
            explanation="'Ordered on ' || business_date || ', paid on ' || last_payment_date",
            explanation_zh="'下单日 ' || business_date || '，付款日 ' || last_payment_date"
        ) }}
    from crossing
    where {{ month_of('business_date') }} <> {{ month_of('last_payment_date') }}

),

-- while it waits at the end of a month, the order's money is already in two periods
cross_period_waiting as (

    select
        {{ exception_columns(
            'order_payment', "'E107'", 'open', 'record_type', 'record_key', 'amount', is_tag='true',
            is_waiting='true', breaks_on='breaks_on', evident_on='evident_on', difference='-amount',
            explanation="'Paid in the last minutes of the month'",
            explanation_zh="'在月末最后几分钟付款'"
        ) }}
    from open_items
    where
        situation = 'order_only' and is_waiting and is_late_evening
        and {{ month_of('business_date') }} <> {{ month_of('cast(business_date + 1 as date)') }}

),

int_exceptions__order_payment as (

    select * from order_no_payment
    union all
    select * from payment_no_order
    union all
    select * from pay_amount_diff
    union all
    select * from pay_status_diff
    union all
    select * from dup_payment
    union all
    select * from ambiguous
    union all
    select * from cross_day
    union all
    select * from cross_period
    union all
    select * from cross_period_waiting

)

select * from int_exceptions__order_payment
