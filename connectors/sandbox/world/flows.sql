-- One day of the wallets: every movement in time order with its running balance. Payouts and openings are there already.
insert into settlement_lines
with batch as (
    select
        order_no, fault, n,
        case when refund_kind = 'early' then first_refund else 0 end as refunded,
        case when refund_kind = 'early' then clawback else 0 end as clawed,
        consideration - freight - platform_subsidy
        - case when fault = 'settlement_difference' then 100 + n % 400 else 0 end as goods,
        freight, platform_subsidy,
        half_up((consideration - refunded - clawed) * 6, 1000) as fee
    from orders
    where day between date '$first' and date '$batch' and store = 'outlet' and confirmed_at::date = date '$batch'
        and fault is distinct from 'missing_settlement'
),

components as (
    select order_no, unnest([
        {'rank': 1, 'component': 'goods', 'amount': goods},
        {'rank': 2, 'component': 'freight', 'amount': freight},
        {'rank': 3, 'component': 'platform_subsidy', 'amount': platform_subsidy},
        {'rank': 4, 'component': 'refund', 'amount': -refunded},
        {'rank': 5, 'component': 'subsidy_clawback', 'amount': -clawed},
        {'rank': 6, 'component': 'tech_fee', 'amount': -fee}
    ]) as part
    from batch
    union all
    select order_no, unnest([
        {'rank': 7, 'component': 'refund', 'amount': -amount},
        {'rank': 8, 'component': 'subsidy_clawback', 'amount': -subsidy_returned}
    ])
    from tickets
    where day between date '$first' and date '$batch' and store = 'outlet' and is_late
        and succeeded_at::date = date '$batch'
)
select
    date '$batch', 'PDDJS' || strftime(date '$batch', '%Y%m%d'), row_number() over (order by order_no, part.rank),
    order_no, part.component, part.amount
from components
where part.amount <> 0
order by order_no, part.rank;

insert into flows
with events as (
    select
        channel || '_main' as account, succeeded_at as occurred_at, transaction_no as tie, 1 as rank, 'payment' as kind,
        transaction_no as business_no, merchant_pay_no as merchant_no, amount, packet as memo,
        merchant_pay_no as base_no, merchant_pay_no as reference, buyer as counterparty, null as fault
    from payments
    where day between date '$first' and date '$day' and succeeded_at::date = date '$day'

    union all

    select
        channel || '_main', succeeded_at, transaction_no, 2, 'payment_fee', transaction_no, merchant_pay_no, -fee,
        '支付手续费[' || merchant_pay_no || ']', merchant_pay_no, merchant_pay_no, '', null
    from payments
    where day between date '$first' and date '$day' and succeeded_at::date = date '$day' and fee > 0

    union all

    select
        channel || '_main', refunded_at, transaction_no, 1, 'refund',
        case when channel = 'wechat' then transaction_no else payment_no end, merchant_pay_no, -amount,
        '退款[' || merchant_refund_no || ']', merchant_pay_no, case when channel = 'wechat' then payment_no else merchant_refund_no end, buyer, null
    from refund_payments
    where day between date '$first' and date '$day' and refunded_at::date = date '$day'

    union all

    select
        channel || '_main', refunded_at, transaction_no, 2, 'fee_return', transaction_no, merchant_pay_no, fee, '',
        merchant_pay_no, payment_no, '', null
    from refund_payments
    where day between date '$first' and date '$day' and refunded_at::date = date '$day' and fee > 0

    union all

    select
        'alipay_main', credited_at, order_no, rank, kind, business_no, 'T200P' || order_no, amount, memo || case
            when rank = 1 then '' else '[' || order_no || ']'
        end, order_no, order_no, case when rank = 1 then buyer else '' end, null
    from (
        select
            order_no, buyer, confirmed_at + interval 2 second as credited_at,
            strftime(day, '%Y%m%d') || '2300' || lpad(n::varchar, 16, '0') as business_no,
            consideration - case when refund_kind = 'early' then first_refund + clawback else 0 end as credit,
            unnest([1, 2, 3]) as rank,
            unnest(['credit', 'tech_fee', 'commission']) as kind,
            unnest(['订单收款', '基础软件服务费', '天猫佣金']) as memo,
            unnest([credit, -half_up(credit * 6, 1000), -half_up(credit * 3, 100)]) as amount
        from orders
        where day between date '$first' and date '$day' and store = 'tmall_flagship'
            and confirmed_at::date = date '$day' and fault is distinct from 'missing_settlement'
    )
    where amount <> 0

    union all

    select
        'alipay_main', succeeded_at + interval 2 second, order_no, 1, 'platform_refund',
        strftime(day, '%Y%m%d') || '2300' || lpad(n::varchar, 16, '0'), 'T200P' || order_no, -amount,
        '退款[' || refund_no || ']', order_no, refund_no, '', null
    from tickets
    where day between date '$first' and date '$day' and store = 'tmall_flagship' and is_late
        and succeeded_at::date = date '$day'

    union all

    select
        'alipay_main', succeeded_at + interval 3 second, order_no, 2, 'clawback',
        strftime(day, '%Y%m%d') || '2400' || lpad(n::varchar, 16, '0'), '', -subsidy_returned,
        '平台补贴扣回[' || order_no || ']', '', '', '', null
    from tickets
    where day between date '$first' and date '$day' and store = 'tmall_flagship' and is_late
        and succeeded_at::date = date '$day' and subsidy_returned > 0

    union all

    select
        'outlet_wallet', date '$day' + interval 6 hour, settlement_no, 1, 'settlement', settlement_no, '',
        sum(amount)::bigint + $batch_extra, '货款结算', '', settlement_no, '',
        case when $batch_extra > 0 then 'batch_difference' end
    from settlement_lines
    where batch_day = date '$batch'
    group by settlement_no
    having sum(amount) <> 0

    union all

    select
        account, initiated_at, payout_no, 1, 'payout', payout_no, '', -amount, '提现至工商银行(1234)', '', payout_no,
        '中国工商银行(1234)', fault
    from payouts
    where day = date '$day'

    union all

    select
        'alipay_main', date '$day' + interval 14 hour, 'unknown', 1, 'unknown',
        strftime(date '$day', '%Y%m%d') || '9900' || lpad('1', 16, '0'), '',
        1000 + pick(draw_of('$prefix|unknown'), 1, 9000), '活动返还', '', '', '活动账户', 'unknown_type'
    where $is_unknown_planted
),

numbered as (
    select *, row_number() over (partition by account order by occurred_at, tie, rank) as row_no from events
)
select
    account, date '$day', row_no,
    case account when 'wechat_main' then '1900000109' when 'alipay_main' then '1570' else 'PDDLS' end
    || strftime(date '$day', '%Y%m%d') || lpad(row_no::varchar, 10, '0'),
    occurred_at, kind, business_no, merchant_no, amount,
    (opening + sum(amount) over (partition by account order by row_no rows unbounded preceding))::bigint,
    memo, base_no, reference, counterparty, fault
from numbered
inner join (values $openings) as openings (account, opening) using (account)
order by account, row_no;

insert into balances
select
    account, date '$day', opening,
    coalesce(sum(amount) filter (amount > 0), 0)::bigint,
    coalesce(-sum(amount) filter (amount < 0), 0)::bigint,
    count(*) filter (amount > 0),
    count(*) filter (amount < 0),
    (opening + coalesce(sum(amount), 0))::bigint
from (values $openings) as openings (account, opening)
left join (select account, amount from flows where day = date '$day') as moved using (account)
group by account, opening;
