-- One row per exception of channel payments and wallet flows.
with

open_items as (

    select * from {{ ref('int_matching__payment_flow_open') }}

),

anchors as (

    select match_key, min(record_key) as payment_key
    from {{ ref('int_matching__payment_flow_legs') }}
    where side = 'left'
    group by match_key

),

-- E203: the channel reports a payment that never reached the wallet
not_credited as (

    select
        {{ exception_columns(
            'payment_flow', "'E203'", 'open', 'record_type', 'record_key', 'amount',
            is_waiting='is_waiting', breaks_on='breaks_on', evident_on='evident_on', difference='-amount',
            explanation="'No wallet flow names this payment'",
            explanation_zh="'钱包流水中没有这笔支付'"
        ) }}
    from open_items
    where situation = 'payment_only'

),

-- E205: the wallet moved for a payment the channel does not report
unexpected_flow as (

    select
        {{ exception_columns(
            'payment_flow', "'E205'", 'open', 'record_type', 'record_key', 'amount',
            is_waiting='is_waiting', breaks_on='breaks_on', evident_on='evident_on', difference='amount',
            explanation="'The channel reports no payment for this wallet flow'",
            explanation_zh="'渠道账单中没有与这笔钱包流水对应的支付'"
        ) }}
    from open_items
    where situation = 'flow_only'

),

-- one event carries one code: a payment whose order already says so in E103
told_by_order as (

    select
        payments.record_key,
        abs(matches.difference) as difference_size
    from {{ ref('int_matching__order_payment_members') }} as payments
    inner join {{ ref('int_matching__order_payment') }} as matches on payments.group_key = matches.match_key
    where payments.record_type = 'payment' and matches.status = 'differs'

),

-- E204: payment less fee is not what the wallet shows
flow_amount_diff as (

    select
        {{ exception_columns(
            'payment_flow', "'E204'", 'finding', "'payment'", 'anchors.payment_key', 'abs(matches.difference)',
            evident_on='matches.matched_on', difference='matches.difference', match_key='matches.match_key',
            explanation='matches.explanation',
            explanation_zh='matches.explanation_zh'
        ) }}
    from {{ ref('int_matching__payment_flow') }} as matches
    inner join anchors on matches.match_key = anchors.match_key
    left join told_by_order
        on
            anchors.payment_key = told_by_order.record_key
            and abs(matches.difference) = told_by_order.difference_size
    where matches.status = 'differs' and told_by_order.record_key is null

),

int_exceptions__payment_flow as (

    select * from not_credited
    union all
    select * from unexpected_flow
    union all
    select * from flow_amount_diff

)

select * from int_exceptions__payment_flow
