-- The orders of the day with their times, then what follows from them: payments, tickets, channel refunds.
insert into orders
with placed as (
    select
        shaped.* exclude (dark),
        faulted.fault,
        coalesce(faulted.channel, drawn_channel) as channel,
        case when coalesce(faulted.channel, drawn_channel) = 'wechat' then $dark_wechat else $dark_alipay end as dark,
        case
            when fault in ('refund_not_paid', 'refund_without_ticket', 'duplicate_refund', 'over_refund',
                'refund_amount_difference') then 'early'
            when fault = 'subsidy_not_clawed' then 'late'
            else drawn_refund
        end as refund_kind,
        coalesce(fault in ('cross_day', 'cross_month'), false) as is_crossing,
        date '$day' + to_seconds(case when is_crossing then 85710 + pick(clock, 1000000, 600) else ordered_second end)
            as ordered_at,
        ordered_at + to_seconds(case when is_crossing then 90 else 5 + pick(clock, 10000000, 595) end) as first_paid_at,
        case
            when kind <> 'presale' then first_paid_at
            when gap = 0 then first_paid_at + interval 3 hour
            else date '$day' + to_seconds(86400 * gap + 36000 + pick(shape, 10000000, 36000))
        end as due_paid_at,
        not is_unpaid and fault is distinct from 'status_difference' as is_paid,
        due_paid_at::date + case when due_paid_at::time < time '10:00:00' then 0 else 1 end as ship_day
    from shaped
    left join faulted using (n)
),

moved as (
    select
        *,
        case when is_paid then due_paid_at end as paid_at,
        case when not is_paid then ordered_at + interval 45 minute end as cancelled_at,
        is_paid and refund_kind is distinct from 'cancel' and fault is distinct from 'paid_not_shipped' as is_shipped,
        case when is_shipped then ship_day + to_seconds(39600 + pick(shape, 1000000000000, 32400)) end as shipped_at,
        case
            when not is_shipped or store = 'tmall_flagship' then null
            when store = 'own_shop'
                then ship_day + to_seconds(86400 * (1 + pick(after, 100000000000, 3)) + 43200 + pick(after, 1000000000000, 25200))
            else ship_day + to_seconds(86400 + 39600 + pick(after, 1000000000000, 14400))
        end as delivered_at,
        case when fault in ('missing_settlement', 'subsidy_not_clawed', 'settlement_difference') then 0
            else pick(after, 100000, 5) end as patience,
        (ship_day + 1 + patience::int)::date as confirm_day,
        case
            when store = 'own_shop' then delivered_at
            when is_shipped then confirm_day + to_seconds(54000 + pick(after, 1000000, 25200))
        end as confirmed_at,
        case
            when refund_kind is null then null
            when refund_kind = 'cancel' then paid_at + interval 10 minute
            when store = 'own_shop' and refund_kind = 'early' then paid_at + interval 1 hour
            when store = 'own_shop' then ship_day + to_seconds(86400 + 39600 + pick(after, 100000, 7200))
            when refund_kind = 'early' then ship_day + to_seconds(73800 + pick(after, 10000, 1800))
            else confirm_day + to_seconds(86400 + 39600 + pick(after, 10000, 7200))
        end as first_applied_at,
        case
            when refund_kind is null then null
            when refund_kind = 'cancel' then first_applied_at + to_seconds(300 + pick(after, 10000, 900))
            when store = 'own_shop' and refund_kind = 'early' then first_applied_at + interval 1 hour
            when store = 'own_shop'
                then ship_day + to_seconds(86400 * (1 + pick(after, 10000000000000, 3)) + 50400 + pick(after, 10000, 21600))
            when refund_kind = 'early' then ship_day + to_seconds(86400 + 39600 + pick(after, 10000, 3600))
            else confirm_day + to_seconds(
                86400 * case when fault is null then 2 + pick(after, 10000000000000, 2) else 2 end
                + 46800 + pick(after, 10000, 32400))
        end as free_refunded_at,
        case
            when store = 'own_shop' and list_contains(dark, free_refunded_at::date) then free_refunded_at + interval 1 day
            else free_refunded_at
        end as first_refunded_at,
        case
            when refund_kind = 'two_step' then first_refunded_at + interval 20 hour
            when fault = 'over_refund' then first_refunded_at + interval 10 minute
        end as second_applied_at,
        case
            when refund_kind = 'two_step' and list_contains(dark, (first_refunded_at + interval 1 day)::date)
                then first_refunded_at + interval 2 day
            when refund_kind = 'two_step' then first_refunded_at + interval 1 day
            when fault = 'over_refund' then first_refunded_at + interval 1 hour
        end as second_refunded_at
    from placed
),

refunded as (
    select
        moved.*,
        case
            when refund_kind is null then null
            when refund_kind in ('cancel', 'late_full') then buyer_paid
            when fault = 'over_refund' then buyer_paid * 60 // 100
            when fault is not null and store = 'own_shop' then buyer_paid * 30 // 100
            when store = 'tmall_flagship'
                then greatest((line_amount - merchant_share - platform_share) * (20 + pick(after, 1000, 50)) // 100, 1)
            else buyer_paid * (10 + pick(after, 1000, 50)) // 100
        end as first_refund,
        case
            when refund_kind = 'two_step' then buyer_paid - first_refund
            when fault = 'over_refund' then buyer_paid * 50 // 100
        end as second_refund
    from moved
    inner join (select n, line_amount, merchant_share, platform_share from shared where line_no = 1) using (n)
)

select
    date '$day', n, store,
    case store
        when 'own_shop' then 'OS' || strftime(date '$day', '%y%m%d') || lpad(n::varchar, 7, '0')
        when 'outlet' then strftime(date '$day', '%y%m%d') || '-' || lpad(n::varchar, 15, '0')
        else '3' || strftime(date '$day', '%y%m%d') || lpad(n::varchar, 8, '0') || '00'
    end as order_no,
    case when store = 'tmall_flagship' then order_no::bigint end,
    'b' || lpad(pick(clock, 1000000000000, 60000)::varchar, 6, '0'),
    kind, channel, fault, head, lines, quantity, goods, merchant_discount, platform_subsidy, channel_subsidy,
    creator_subsidy, freight, consideration, buyer_paid, coupon,
    case when kind in ('plain', 'merged') then 'P' || strftime(date '$day', '%y%m%d') || lpad(head::varchar, 7, '0') end,
    buyer_paid * (30 + pick(shape, 1000, 30)) // 100,
    pick(clock, 10000000000, 110),
    refund_kind,
    case
        when platform_subsidy = 0 or refund_kind is null then 0
        when refund_kind in ('cancel', 'late_full') then platform_subsidy
        else half_up(platform_subsidy * first_refund, buyer_paid)
    end,
    first_refund, second_refund, ordered_at, first_paid_at, paid_at, cancelled_at, shipped_at, delivered_at, confirmed_at,
    first_applied_at, first_refunded_at, second_applied_at, second_refunded_at,
    case
        when refund_kind = 'cancel' then first_refunded_at
        when store = 'own_shop' and refund_kind = 'late_full' then first_refunded_at
        when store = 'own_shop' and refund_kind = 'two_step' then second_refunded_at
    end
from refunded
order by n;

insert into payments
with paying as (
    select
        n, channel, order_no, buyer, coupon, fault, kind,
        case
            when kind = 'merged' then sum(buyer_paid) over (partition by head)
            when kind in ('split', 'presale') then first_part
            when fault = 'amount_difference' then buyer_paid + 100 + n % 900
            else buyer_paid
        end::bigint as amount,
        coalesce(merchant_pay_no, order_no || '-1') as merchant_pay_no,
        case
            when fault in ('cross_day', 'cross_month') then date '$day' + to_seconds(86405 + lag % 50)
            when fault = 'status_difference' then first_paid_at + to_seconds(lag)
            when kind = 'presale' then first_paid_at + to_seconds(lag)
            else paid_at + to_seconds(lag)
        end as succeeded_at,
        1 as sequence
    from orders
    where day = date '$day' and store = 'own_shop' and fault is distinct from 'missing_payment'
        and (paid_at is not null or fault = 'status_difference')
    qualify kind <> 'merged' or n = head

    union all

    select
        n, channel, order_no, buyer, 0, fault, kind,
        case when fault = 'duplicate_payment' then buyer_paid else buyer_paid - first_part end,
        order_no || '-2',
        paid_at + to_seconds(case when fault = 'duplicate_payment' then lag + 180 when kind = 'split' then lag + 40 else lag end),
        2
    from orders
    where day = date '$day' and store = 'own_shop' and paid_at is not null
        and (kind in ('split', 'presale') or fault = 'duplicate_payment')
)
select
    date '$day', n, channel,
    case channel
        when 'wechat' then '420000' || strftime(date '$day', '%Y%m%d') || lpad((n * 10 + sequence)::varchar, 14, '0')
        else strftime(date '$day', '%Y%m%d') || '2200' || lpad((n * 10 + sequence)::varchar, 16, '0')
    end,
    merchant_pay_no,
    case when kind in ('split', 'presale') or fault = 'duplicate_payment' then 'order_no=' || order_no else '' end,
    buyer, amount, coupon,
    case when fault = 'fee_rate_change' then half_up(amount * 54, 10000) else half_up(amount * 6, 1000) end,
    case when fault = 'fee_rate_change' then '0.54%' else '0.60%' end,
    succeeded_at, fault
from paying
order by n, sequence;

insert into tickets
with asked as (
    select *, 1 as sequence, first_refund as amount, first_applied_at as applied_at, first_refunded_at as succeeded_at
    from orders
    where day = date '$day' and refund_kind is not null and fault is distinct from 'refund_without_ticket'
    union all
    select *, 2, second_refund, second_applied_at, second_refunded_at
    from orders
    where day = date '$day' and second_refund is not null
)
select
    day, n, store, order_no,
    case when store = 'tmall_flagship' then '9' || order_no else 'AS' || order_no || '-' || sequence end,
    case when refund_kind = 'cancel' then 'cancel' else 'refund_only' end,
    amount,
    case when fault = 'subsidy_not_clawed' then 0 else clawback end,
    case when store = 'own_shop' then 'R' || order_no || '-' || sequence end,
    applied_at, succeeded_at,
    store <> 'own_shop' and refund_kind in ('late', 'late_full'),
    fault, sequence
from asked
order by n, sequence;

insert into refund_payments
with refunding as (
    select
        n, sequence, merchant_refund_no, succeeded_at as refunded_at,
        case when fault = 'refund_amount_difference' then amount - 137 else amount end as amount
    from tickets
    where day = date '$day' and store = 'own_shop' and fault is distinct from 'refund_not_paid'
    union all
    select n, 1, 'R' || order_no || '-1', first_refunded_at, first_refund
    from orders
    where day = date '$day' and fault = 'refund_without_ticket'
    union all
    select n, 2, 'R' || order_no || '-9', first_refunded_at + interval 20 minute, first_refund
    from orders
    where day = date '$day' and fault = 'duplicate_refund'
),

earlier as (
    select
        refunding.*, payments.channel, payments.transaction_no, payments.merchant_pay_no, payments.buyer, payments.fault,
        payments.fee as charged, payments.amount as paid, payments.succeeded_at,
        coalesce(sum(refunding.amount) over before, 0)::bigint as refunded_before,
        least(half_up(refunded_before * 6, 1000), charged) as returned_before
    from refunding
    inner join payments on payments.day = date '$day' and payments.n = refunding.n
    window before as (partition by refunding.n order by sequence rows between unbounded preceding and 1 preceding)
)
select
    date '$day', n, channel,
    case channel
        when 'wechat' then '503000' || strftime(date '$day', '%Y%m%d') || lpad((n * 10 + sequence)::varchar, 14, '0')
        else transaction_no || '-' || merchant_refund_no
    end,
    transaction_no, merchant_pay_no, merchant_refund_no, buyer, amount,
    case
        when channel <> 'wechat' then 0
        when refunded_before + amount >= paid then charged - returned_before
        else least(half_up(amount * 6, 1000), charged - returned_before)
    end,
    succeeded_at, refunded_at, fault, sequence
from earlier
order by n, sequence;
