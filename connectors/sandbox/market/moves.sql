-- One day of the market's money: settlements, every movement with its running balance. Payouts and openings are there.
create or replace temp table recent as
select orders.*, shops.* exclude (shop, currency, carrier, payment_method),
    shops.accounts[1] as wallet,
    case when refund_kind in ('early', 'cancel') then refund_amount else 0 end as refund_before,
    case when refund_kind in ('early', 'cancel') then clawback else 0 end as claw_before,
    case when fault = 'settlement_difference' then 100 + n % 400 else 0 end as short,
    consideration - refund_before - claw_before as credited,
    fault is not distinct from 'missing_settlement' as is_unsettled,
    half_up(credited * fee_rate, 100000) as tech_fee,
    half_up(credited * commission_rate, 100000) as commission,
    case when fault = 'insurance_difference' then $premium else 0 end as premium,
    case when fault = 'commission_difference' then half_up(credited, 10) else 0 end as creator_fee
from market.orders as orders
inner join market.shops as shops using (shop)
where day between date '$first' and date '$day' and settles <> 'channel';

-- what each order brings on the day, by component
create or replace temp table parts as
select wallet, shop, order_no, n, settlement_no, settled_at, period_start, unnest([
    {'rank': 1, 'component': 'goods', 'amount': consideration - freight - platform_subsidy - short},
    {'rank': 2, 'component': 'freight', 'amount': freight},
    {'rank': 3, 'component': 'platform_subsidy', 'amount': platform_subsidy},
    {'rank': 4, 'component': 'refund', 'amount': -refund_before},
    {'rank': 5, 'component': 'subsidy_clawback', 'amount': -claw_before},
    {'rank': 6, 'component': 'tech_fee', 'amount': -tech_fee},
    {'rank': 7, 'component': 'commission', 'amount': -commission},
    {'rank': 8, 'component': 'freight_insurance', 'amount': -premium},
    {'rank': 9, 'component': 'creator_fee', 'amount': -creator_fee}
]) as part
from (
    select
        *,
        case settles
            when 'daily' then 'JDJS' || strftime(date '$day', '%Y%m%d')
            else 'DYJS' || order_no
        end as settlement_no,
        case settles
            when 'daily' then date '$day' + interval 22 hour
            else date '$day' + interval 11 hour + to_seconds(n % 3600)
        end as settled_at,
        date '$day' as period_start
    from recent
    where settles in ('daily', 'per_order') and not is_unsettled
        and confirmed_at::date + case settles when 'per_order' then lag_days::int else 0 end = date '$day'
)

union all

select wallet, shop, order_no, n, settlement_no, settled_at, date '$day', unnest([
    {'rank': 8, 'component': 'refund', 'amount': -refund_amount},
    {'rank': 9, 'component': 'subsidy_clawback', 'amount': -clawback},
    {'rank': 10, 'component': 'commission', 'amount': case
        when fault is distinct from 'fee_not_returned' then half_up(refund_amount * commission_rate, 100000) else 0
    end}
])
from (
    select
        *,
        case settles when 'daily' then 'JDJS' || strftime(date '$day', '%Y%m%d') else 'DYTK' || order_no end
            as settlement_no,
        case settles when 'daily' then date '$day' + interval 22 hour else refunded_at + interval 1 minute end
            as settled_at
    from recent
    where settles in ('daily', 'per_order') and not is_unsettled and refund_kind = 'late'
        and refunded_at::date = date '$day'
)

union all

-- a settlement of several days is closed on its last one
select wallet, shop, order_no, n, settlement_no, settled_at, period_start, unnest([
    {'rank': 1, 'component': 'goods', 'amount': goods - merchant_discount - short},
    {'rank': 2, 'component': 'freight', 'amount': freight},
    {'rank': 3, 'component': 'tax_collected', 'amount': tax},
    {'rank': 4, 'component': 'tax_withheld', 'amount': -tax},
    {'rank': 5, 'component': 'commission', 'amount': -half_up(consideration * commission_rate, 100000)}
])
from (
    select
        *,
        'AMJS' || strftime(date '$day', '%Y%m%d') as settlement_no,
        date '$day' + interval 22 hour as settled_at,
        date '$period_start' as period_start
    from recent
    where $is_period_end and settles = 'period' and not is_unsettled
        and shipped_at::date between date '$period_start' and date '$day'
)

union all

select wallet, shop, order_no, n, settlement_no, settled_at, period_start, unnest([
    {'rank': 6, 'component': 'refund', 'amount': -(refund_amount - tax_part)},
    {'rank': 7, 'component': 'tax_collected', 'amount': -tax_part},
    {'rank': 8, 'component': 'tax_withheld', 'amount': tax_part}
])
from (
    select
        *,
        half_up(refund_amount * tax, buyer_paid) as tax_part,
        'AMJS' || strftime(date '$day', '%Y%m%d') as settlement_no,
        date '$day' + interval 22 hour as settled_at,
        date '$period_start' as period_start
    from recent
    where $is_period_end and settles = 'period' and not is_unsettled and refund_kind is not null
        and refunded_at::date between date '$period_start' and date '$day'
);

insert into market.settlement_lines
select wallet, shop, settlement_no, row_number() over (partition by settlement_no order by order_no, part.rank), order_no,
    part.component, part.amount, settled_at, date '$day'
from parts
where part.amount <> 0
order by shop, settlement_no, order_no, part.rank;

insert into market.settlements
select wallet, shop, settlement_no, any_value(period_start), date '$day', sum(part.amount)::bigint, count(*), max(settled_at),
    null, case when shop = 'amazon_us' then 'AMTX' || strftime(date '$day', '%Y%m%d') end
from parts
where part.amount <> 0
group by wallet, shop, settlement_no
order by shop, settlement_no;

insert into market.flows
with events as (
    select
        account, happened_at as occurred_at, transaction_no as tie, 1 as rank,
        type as kind, case when type = 'payment' then amount else -amount end as amount, order_no, pay_no, transaction_no,
        merchant_refund_no, null as settlement_no, null as payout_no, '' as memo, fault
    from market.payments
    where day between date '$first' and date '$day' and happened_at::date = date '$day'

    union all

    select
        account, happened_at, transaction_no, 2, case when fee > 0 then 'payment_fee' else 'fee_return' end, -fee, order_no,
        pay_no, transaction_no, merchant_refund_no, null, null, '', null
    from market.payments
    where day between date '$first' and date '$day' and happened_at::date = date '$day' and fee <> 0

    union all

    -- credited order by order
    select wallet, confirmed_at + interval 2 second, order_no, part.rank, part.kind, part.amount, order_no, null,
        'CR' || strftime(day, '%y%m%d') || lpad(n::varchar, 9, '0'), null, null, null, '', null
    from (
        select *, unnest([
            {'rank': 1, 'kind': 'credit', 'amount': consideration - platform_subsidy - refund_before - short},
            {'rank': 2, 'kind': 'subsidy', 'amount': platform_subsidy - claw_before},
            {'rank': 3, 'kind': 'tech_fee', 'amount': -tech_fee},
            {'rank': 4, 'kind': 'commission', 'amount': -commission}
        ]) as part
        from recent
        where settles = 'gross' and not is_unsettled and confirmed_at::date + lag_days::int = date '$day'
    )
    where part.amount <> 0

    union all

    select wallet, refunded_at + interval 2 second, order_no, part.rank, part.kind, part.amount, order_no, null,
        'RB' || strftime(day, '%y%m%d') || lpad(n::varchar, 9, '0'), refund_no, null, null, '', null
    from (
        select *, unnest([
            {'rank': 1, 'kind': 'platform_refund', 'amount': -refund_amount},
            {'rank': 2, 'kind': 'clawback', 'amount': -clawback}
        ]) as part
        from recent
        where settles = 'gross' and not is_unsettled and refund_kind = 'late' and refunded_at::date = date '$day'
    )
    where part.amount <> 0

    union all

    -- credited when paid, the fee of the wallet at once
    select wallet, paid_at + interval 5 second, order_no, part.rank, part.kind, part.amount, order_no, null,
        'CH' || strftime(day, '%y%m%d') || lpad(n::varchar, 9, '0'), null, null, null, '', null
    from (
        select recent.*, unnest([
            {'rank': 1, 'kind': 'payment', 'amount': buyer_paid - short},
            {'rank': 2, 'kind': 'payment_fee',
                'amount': -(half_up(buyer_paid * accounts.fee_rate, 100000) + accounts.fee_fixed)}
        ]) as part
        from recent
        inner join market.accounts as accounts on recent.wallet = accounts.account
        where settles = 'balance' and not is_unsettled and paid_at::date = date '$day'
    )

    union all

    select wallet, refunded_at + interval 5 second, order_no, 1, 'refund', -refund_amount, order_no, null,
        'RF' || strftime(day, '%y%m%d') || lpad(n::varchar, 9, '0'), refund_no, null, null, '', null
    from recent
    where settles = 'balance' and not is_unsettled and refund_kind is not null and refunded_at::date = date '$day'

    union all

    -- a settlement per order moves at once, one per day on the next open bank day
    select settlements.account,
        case when shop = 'jd_shop' then date '$day' + interval 9 hour + to_seconds(row_number() over (order by settlement_no))
            else settled_at end,
        settlement_no, 1, 'settlement', total, null, null, null, null, settlement_no, null, '', null
    from market.settlements
    where (shop = 'douyin_shop' and settled_at::date = date '$day')
        or (shop = 'jd_shop' and $is_open and settled_at::date between date '$last_open' and date '$day' - 1)

    union all

    select account, initiated_at, payout_no, 1, 'payout', -amount, null, null, null, null, null, payout_no, '', fault
    from market.payouts
    where day = date '$day'

    union all

    select account, date '$day' + interval 14 hour, 'unknown', 1, 'unknown',
        1000 + pick(draw_of('$prefix|unknown|' || account), 1, 9000), null, null,
        'UN' || strftime(date '$day', '%y%m%d') || lpad(account_no::varchar, 9, '0'), null, null, null, '活动返还',
        'unknown_type'
    from market.accounts
    where $is_unknown_planted

    union all

    -- what the platform took or the shop gave for an order that was sent
    select wallet, shipped_at + interval 2 hour, order_no, 1, fault,
        case fault when 'penalty' then -300 else -500 - n % 300 end, order_no, null,
        'SP' || strftime(day, '%y%m%d') || lpad(n::varchar, 9, '0'), null, null, null, '', fault
    from recent
    where fault in ('penalty', 'small_payment') and shipped_at::date = date '$day'

    union all

    select account, date '$day' + time::time, fault, 1, kind, sign * (1000 + pick(draw_of('$prefix|' || fault), 1, 9000)),
        case when is_of_stranger then strftime(date '$day', '%y%m%d') || '-9' || lpad('1', 14, '0') end, null,
        'UN' || strftime(date '$day', '%y%m%d') || lpad('1', 9, '0'), null, null, null, '', fault
    from ($movements) as movements (fault, sign, account, time, kind, is_of_stranger)
),

numbered as (
    select events.*, accounts.prefix,
        row_number() over (partition by account order by occurred_at, tie, rank) as row_no
    from events
    inner join market.accounts as accounts using (account)
    where accounts.has_flows
)

select
    account, date '$day', row_no,
    upper(replace(prefix, '_', '')) || 'F' || strftime(date '$day', '%Y%m%d') || lpad(row_no::varchar, 8, '0'),
    occurred_at, kind, amount,
    (opening + sum(amount) over (partition by account order by row_no rows unbounded preceding))::bigint,
    order_no, pay_no, transaction_no, merchant_refund_no, settlement_no, payout_no, memo, fault
from numbered
inner join (values $openings) as openings (account, opening) using (account)
order by account, row_no;

update market.settlements
set flow_no = flows.flow_no
from market.flows
where flows.day = date '$day' and flows.settlement_no = settlements.settlement_no;

insert into market.balances
select
    account, date '$day', opening,
    coalesce(sum(amount) filter (amount > 0), 0)::bigint, coalesce(-sum(amount) filter (amount < 0), 0)::bigint,
    count(*) filter (amount > 0), count(*) filter (amount < 0), (opening + coalesce(sum(amount), 0))::bigint
from (values $openings) as openings (account, opening)
left join (select account, amount from market.flows where day = date '$day') as moved using (account)
group by account, opening;
