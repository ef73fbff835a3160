-- One row per exception that a single movement or balance shows by itself: no other side is needed to see it.
with

payments as (

    select payments.*, flows.record_key is not null as is_in_wallet
    from {{ ref('int_ledger__payments') }} as payments
    left join {{ ref('int_matching__payment_flow_legs') }} as flows
        on flows.record_type = 'payment' and flows.side = 'left' and payments.record_key = flows.record_key

),

flows as (

    select flows.*, accounts.kind as account_kind
    from {{ ref('int_ledger__fund_flows') }} as flows
    left join {{ ref('int_ledger__accounts') }} as accounts on flows.account = accounts.account

),

payouts as (

    select * from {{ ref('int_ledger__payouts') }}

),

balances as (

    select
        balances.*,
        lag(balances.day) over (partition by balances.account order by balances.day) as day_before,
        lag(balances.stated_closing_balance) over (partition by balances.account order by balances.day) as closing_before
    from {{ ref('int_matching__account_balances') }} as balances

),

-- E115: the money neither arrived nor came back, or came back
refund_stuck as (

    select
        {{ exception_columns(
            'moves', "'E115'", 'finding', "'payment'", 'payments.record_key', 'payments.amount',
            evident_on="greatest(payments.received_on, cast(payments.business_date + case payments.status when 'returned' then 0 else parameters.refund_sla_days + 1 end as date))",
            explanation="case payments.status when 'returned' then 'The refund was returned by the bank' else 'The refund is still being processed' end",
            explanation_zh="case payments.status when 'returned' then '退款被银行退回' else '退款仍在处理中' end"
        ) }}
    from payments
    cross join {{ ref('int_ledger__parameters') }} as parameters
    where
        payments.type = 'refund'
        and (
            payments.status = 'returned'
            or (
                -- a bill may never say more than that: the wallet shows whether the money left
                payments.status = 'processing'
                and not payments.is_in_wallet
                and payments.account in (select place from {{ ref('int_ledger__scope') }} where fact = 'flow_account')
                and payments.business_date + parameters.refund_sla_days < {{ run_variable('today') }}
            )
        )

),

-- E209: the platform punishes or compensates
penalty as (

    select
        {{ exception_columns(
            'moves', "'E209'", 'finding', "'settlement_line'", 'record_key', 'abs(amount)',
            evident_on='received_on', difference='amount', explanation="'The platform booked ' || component || ' ' || amount",
            explanation_zh="'平台记入' || " ~ in_chinese('component') ~ " || ' ' || amount"
        ) }}
    from {{ ref('int_ledger__settlement_lines') }}
    where component in ('penalty', 'compensation')
    union all
    select
        {{ exception_columns(
            'moves', "'E209'", 'finding', "'fund_flow'", 'record_key', 'amount',
            evident_on='received_on', difference='signed_amount',
            explanation="'The wallet shows ' || category || ' ' || signed_amount",
            explanation_zh="'钱包流水记有' || " ~ in_chinese('category') ~ " || ' ' || signed_amount"
        ) }}
    from flows
    where category in ('penalty', 'compensation')

),

-- equal payments of one order use up its tickets of that amount, the earlier ones first
small_payments as (

    select
        *,
        row_number() over (
            partition by entity, order_no, currency, amount order by occurred_at, record_key
        ) as position
    from flows
    where category = 'small_payment' and direction = 'out'

),

tickets as (

    select entity, order_no, currency, amount, count(*) as ticket_count
    from {{ ref('int_ledger__refunds') }}
    group by entity, order_no, currency, amount

),

-- E211: the shop paid a buyer something, and no ticket says so, or none that is not paid already
micro_payout as (

    select
        {{ exception_columns(
            'moves', "'E211'", 'finding', "'fund_flow'", 'small_payments.record_key', 'small_payments.amount',
            evident_on='small_payments.received_on', difference='small_payments.signed_amount',
            explanation="'A small payment of ' || small_payments.amount || ' to the buyer ' || case when tickets.ticket_count is null then 'without a ticket' else 'beyond the ' || tickets.ticket_count || ' ticket(s) of this amount' end",
            explanation_zh="'向买家小额打款 ' || small_payments.amount || case when tickets.ticket_count is null then '，没有退款单' else '，超出此金额的 ' || tickets.ticket_count || ' 张退款单' end"
        ) }}
    from small_payments
    left join tickets
        on
            small_payments.entity = tickets.entity
            and small_payments.order_no = tickets.order_no
            and small_payments.currency = tickets.currency
            and small_payments.amount = tickets.amount
    where small_payments.position > coalesce(tickets.ticket_count, 0)

),

-- E212: a deposit moved
deposit_move as (

    select
        {{ exception_columns(
            'moves', "'E212'", 'finding', "'fund_flow'", 'record_key', 'amount',
            evident_on='received_on', difference='signed_amount',
            explanation="'The deposit moved by ' || signed_amount",
            explanation_zh="'保证金变动 ' || signed_amount"
        ) }}
    from flows
    where category = 'deposit' or account_kind = 'deposit'

),

-- E301: the running balance of a day does not follow from its movements, in whichever order they are listed
balance_break as (

    select
        {{ exception_columns(
            'moves', "'E301'", 'finding', "'account_day'", "account || '|' || day", 'abs(coalesce(difference, 0))',
            evident_on='day + 1', difference='difference', left_key="account || ' ' || day", account='account',
            explanation="'The running balance of ' || day || ' does not follow from its movements'",
            explanation_zh="day || ' 的逐笔余额与流水不符'"
        ) }}
    from balances
    where is_chain_broken

),

-- E302: what moved does not lead from one stated balance to the next
balance_daily as (

    select
        {{ exception_columns(
            'moves', "'E302'", 'finding', "'account_day'", "account || '|' || day", 'abs(gap_amount)',
            evident_on='day + 1', difference='gap_amount', left_key="account || ' ' || day", account='account',
            explanation="'Stated ' || stated_closing_balance || ', the movements lead to ' || (stated_closing_balance - gap_amount)",
            explanation_zh="'账单余额 ' || stated_closing_balance || '，按流水应为 ' || (stated_closing_balance - gap_amount)"
        ) }}
    from (
        select
            *,
            case
                when stated_opening_balance + in_amount - out_amount <> stated_closing_balance
                    then stated_closing_balance - (stated_opening_balance + in_amount - out_amount)
                when day_before = day - 1 and stated_opening_balance <> closing_before
                    then stated_opening_balance - closing_before
            end as gap_amount
        from balances
        where not is_chain_broken
    ) as days
    where gap_amount <> 0

),

-- E406: the bank sent a payout back
payout_returned as (

    select
        {{ exception_columns(
            'moves', "'E406'", 'finding', "'payout'", 'record_key', 'amount', evident_on='received_on',
            difference='-amount', explanation="'The payout ended as ' || status",
            explanation_zh="'提现结果为' || " ~ in_chinese('status')
        ) }}
    from payouts
    where status in ('returned', 'failed')
    union all
    select
        {{ exception_columns(
            'moves', "'E406'", 'finding', "'fund_flow'", 'flows.record_key', 'flows.amount',
            evident_on='flows.received_on', difference='flows.signed_amount',
            explanation="'The wallet took a payout back'",
            explanation_zh="'提现款退回钱包'"
        ) }}
    from flows
    left join payouts
        on
            flows.account = payouts.account
            and flows.payout_no = payouts.payout_no
            and payouts.status in ('returned', 'failed')
    where flows.category = 'payout_returned' and payouts.record_key is null

),

-- what left the wallet under the number of a payout that is delivered by itself, less what came back
payout_debits as (

    select
        flows.record_key,
        flows.account,
        flows.amount,
        flows.signed_amount,
        flows.received_on,
        flows.payout_no,
        payouts.amount + coalesce(payouts.fee, 0) as due_amount,
        row_number() over (
            partition by flows.account, flows.payout_no, flows.currency, flows.amount
            order by flows.occurred_at, flows.record_key
        ) as position,
        sum(flows.amount) over (
            partition by flows.account, flows.payout_no, flows.currency
            order by flows.occurred_at, flows.record_key
            rows between unbounded preceding and current row
        ) as running_amount
    from flows
    inner join payouts
        on
            flows.account = payouts.account
            and flows.payout_no = payouts.payout_no
            and flows.currency = payouts.currency
            and payouts.derived_from_flow_key is null
    where flows.category = 'payout' and flows.direction = 'out'

),

-- E408: the wallet paid one payout again
payout_repeated as (

    select
        {{ exception_columns(
            'moves', "'E408'", 'finding', "'fund_flow'", 'payout_debits.record_key', 'payout_debits.amount',
            evident_on='payout_debits.received_on', difference='payout_debits.signed_amount',
            explanation="'The wallet had already paid out ' || payout_debits.amount || ' for payout ' || payout_debits.payout_no",
            explanation_zh="'钱包此前已为提现 ' || payout_debits.payout_no || ' 付出 ' || payout_debits.amount"
        ) }}
    from payout_debits
    left join (
        select account, payout_no, sum(amount) as amount
        from flows
        where category = 'payout_returned' and payout_no is not null
        group by account, payout_no
    ) as returned on payout_debits.account = returned.account and payout_debits.payout_no = returned.payout_no
    where
        payout_debits.position > 1
        and payout_debits.running_amount - coalesce(returned.amount, 0) > payout_debits.due_amount

),

-- E407: converted at another rate than the payout states; more than a hundredth of the money is no spread
fx_diff as (

    select
        {{ exception_columns(
            'moves', "'E407'", 'finding', "'payout'", 'record_key', 'abs(gap_amount)', evident_on='received_on',
            difference='gap_amount',
            explanation="amount || ' ' || currency || ' at ' || fx_rate || ' is ' || (bank_amount - gap_amount) || ', announced ' || bank_amount || ' ' || bank_currency",
            explanation_zh="amount || ' ' || currency || ' 按汇率 ' || fx_rate || ' 折合 ' || (bank_amount - gap_amount) || '，平台所报 ' || bank_amount || ' ' || bank_currency",
            severity="case when abs(gap_amount) * 100 > bank_amount - gap_amount then 'S2' end"
        ) }}
    from (
        select
            *,
            bank_amount - {{ half_up('(amount - coalesce(fee, 0)) * fx_rate') }} as gap_amount
        from payouts
        where
            bank_currency <> currency
            and fx_rate is not null
            and bank_amount is not null
            and status in ('in_transit', 'paid')
    ) as converted
    where gap_amount <> 0

),

int_exceptions__moves as (

    {% for step in [
        'refund_stuck', 'penalty', 'micro_payout', 'deposit_move', 'balance_break', 'balance_daily', 'payout_returned',
        'payout_repeated', 'fx_diff',
    ] %}
    select * from {{ step }}
    {{ 'union all' if not loop.last }}
    {% endfor %}

)

select * from int_exceptions__moves
