-- One row per exception of refund tickets and channel refunds.
with

open_items as (

    select * from {{ ref('int_matching__refund_payment_open') }}

),

matches as (

    select * from {{ ref('int_matching__refund_payment') }}

),

anchors as (

    select
        match_key,
        min(case when side = 'left' then record_key end) as ticket_key
    from {{ ref('int_matching__refund_payment_legs') }}
    group by match_key

),

-- E110: the ticket is done, the channel gave nothing back
refund_not_paid as (

    select
        {{ exception_columns(
            'refund_payment', "'E110'", 'open', 'record_type', 'record_key', 'amount',
            is_waiting='is_waiting', breaks_on='breaks_on', evident_on='evident_on', difference='-amount',
            explanation="'The ticket succeeded, no channel refund carries its number'",
            explanation_zh="'退款单已成功，没有渠道退款带有其单号'"
        ) }}
    from open_items
    where situation = 'ticket_only'

),

-- E111: money went back without a ticket
refund_no_ticket as (

    select
        {{ exception_columns(
            'refund_payment', "'E111'", 'open', 'record_type', 'record_key', 'amount',
            is_waiting='is_waiting', breaks_on='breaks_on', evident_on='evident_on', difference='amount',
            explanation="'No refund ticket carries the number of this channel refund'",
            explanation_zh="'没有退款单带有这笔渠道退款的单号'"
        ) }}
    from open_items
    where situation = 'refund_only'

),

-- E112: the same amount has already gone back for this order
dup_refund as (

    select
        {{ exception_columns(
            'refund_payment', "'E112'", 'open', 'record_type', 'record_key', 'amount',
            evident_on='evident_on', difference='amount',
            explanation="'An equal amount was already refunded for this order'",
            explanation_zh="'此订单已退过相同金额'"
        ) }}
    from open_items
    where situation = 'duplicate_refund'

),

-- E113: refunds of an order cross what the buyer paid; the excess alone, with a ticket or without
over_refund as (

    select
        {{ exception_columns(
            'refund_payment', "'E113'", 'finding', "'payment'", 'excess.record_key', 'excess.excess_amount',
            evident_on='excess.received_on', difference='excess.excess_amount', match_key='excess.match_key',
            explanation="'Refunds of this order exceed what the buyer paid by ' || excess.excess_amount",
            explanation_zh="'此订单的退款超出买家实付 ' || excess.excess_amount"
        ) }}
    from {{ ref('int_matching__refund_excess') }} as excess
    where excess.match_key is not null

),

over_refund_without_ticket as (

    select
        {{ exception_columns(
            'refund_payment', "'E113'", 'open', 'open_items.record_type', 'open_items.record_key', 'excess.excess_amount',
            evident_on='open_items.evident_on', difference='excess.excess_amount',
            explanation="'Refunds of this order exceed what the buyer paid by ' || excess.excess_amount || ', and no ticket names this one'",
            explanation_zh="'此订单的退款超出买家实付 ' || excess.excess_amount || '，且没有退款单对应这一笔'"
        ) }}
    from open_items
    inner join {{ ref('int_matching__refund_excess') }} as excess on open_items.record_key = excess.record_key
    where open_items.situation = 'over_refund'

),

-- E114: ticket and channel refund differ
refund_amount_diff as (

    select
        {{ exception_columns(
            'refund_payment', "'E114'", 'finding', "'refund'", 'anchors.ticket_key', 'abs(matches.difference)',
            evident_on='matches.matched_on', difference='matches.difference', match_key='matches.match_key',
            explanation='matches.explanation',
            explanation_zh='matches.explanation_zh'
        ) }}
    from matches
    inner join anchors on matches.match_key = anchors.match_key
    where matches.status = 'differs' and matches.excess_amount = 0

),

-- E116: the buyer's bank took the money back
chargeback as (

    select
        {{ exception_columns(
            'refund_payment', "'E116'", 'open', "'payment'", 'record_key', 'amount',
            evident_on='received_on', difference='-amount',
            explanation="'The payer disputes payment ' || coalesce(original_transaction_no, transaction_no)",
            explanation_zh="'付款人对支付 ' || coalesce(original_transaction_no, transaction_no) || ' 提出拒付'"
        ) }}
    from {{ ref('int_ledger__payments') }}
    where type = 'chargeback' and status = 'succeeded'

),

int_exceptions__refund_payment as (

    select * from refund_not_paid
    union all
    select * from refund_no_ticket
    union all
    select * from dup_refund
    union all
    select * from over_refund
    union all
    select * from over_refund_without_ticket
    union all
    select * from refund_amount_diff
    union all
    select * from chargeback

)

select * from int_exceptions__refund_payment
