-- One day of orders of every shop with all that will become of them. $$ values are filled in by the engine.
create or replace temp table drawn as
select
    shop, number_sql_row.order_no, currency, accounts, carrier, payment_method, settles, has_subsidy, has_tax, n,
    draw_of('$prefix|' || shop || '|shape|' || n) as shape,
    draw_of('$prefix|' || shop || '|money|' || n) as money,
    draw_of('$prefix|' || shop || '|after|' || n) as after,
    draw_of('$prefix|' || shop || '|clock|' || n) as clock,
    case when pick(shape, 1, 100) < 60 then 1 when pick(shape, 1, 100) < 85 then 2 else 3 end as lines
from market.shops
cross join range(1, $count + 1) as numbers (n)
inner join (
    $numbers
) as number_sql_row using (shop, n);

create or replace temp table drawn_lines as
select
    shop, n, lines, line_no,
    draw_of('$prefix|' || shop || '|line|' || n || '|' || line_no) as line,
    pick(line, 1, 200) as sku_no,
    case pick(line, 1000, 10) when 0 then 3 when 1 then 2 else 1 end as quantity,
    990 + (sku_no * 7919) % 38911 as unit_price,
    quantity * unit_price as line_amount
from (select shop, n, lines, unnest(range(1, lines + 1)) as line_no from drawn);

create or replace temp table priced as
select
    drawn.*, goods, quantity,
    case when pick(money, 1, 2) = 0 then 0 else goods * (3 + pick(money, 10, 18)) // 100 end as merchant_discount,
    case
        when not has_subsidy or pick(money, 1000, 100) >= 35 then 0
        else (goods - merchant_discount) * (2 + pick(money, 100000, 9)) // 100
    end as platform_subsidy,
    case
        when payment_method = 'offline' or pick(money, 1000000000000, 10) >= 3 then 0
        else 600 + 200 * pick(money, 10000000000000, 4)
    end as freight,
    case when has_tax then half_up((goods - merchant_discount) * 8, 100) else 0 end as tax,
    goods - merchant_discount + freight as consideration,
    consideration - platform_subsidy + tax as buyer_paid
from drawn
inner join (
    select shop, n, sum(line_amount)::bigint as goods, sum(quantity)::bigint as quantity
    from drawn_lines
    group by shop, n
) using (shop, n);

insert into market.lines
with merchant as (
    select
        drawn_lines.*, goods, merchant_discount, platform_subsidy,
        half_up(merchant_discount * line_amount, goods) as merchant_part,
        case
            when line_no < drawn_lines.lines then merchant_part
            else merchant_discount - coalesce(sum(merchant_part) over earlier, 0)
        end::bigint as merchant_share
    from drawn_lines
    inner join priced using (shop, n)
    window earlier as (
        partition by shop, n order by line_no rows between unbounded preceding and 1 preceding
    )
),

platform as (
    select
        *,
        half_up(platform_subsidy * (line_amount - merchant_share), goods - merchant_discount) as platform_part
    from merchant
)

select
    shop, date '$day', n, line_no, sku_no, quantity, unit_price, line_amount, merchant_share,
    case
        when line_no < lines then platform_part
        else platform_subsidy - coalesce(sum(platform_part) over earlier, 0)
    end::bigint
from platform
window earlier as (partition by shop, n order by line_no rows between unbounded preceding and 1 preceding)
order by shop, n, line_no;

-- who pays, who gets money back, and which order carries a planted fault
create or replace temp table shaped as
with plans as (
    select
        *,
        pick(after, 1, 100) as chance,
        payment_method = 'online' and pick(shape, 10000, 100) < 2 as is_unpaid,
        case
            when is_unpaid or payment_method = 'cod' then null
            when payment_method = 'offline' then case when chance < 3 then 'late' end
            when chance < 3 then case when settles <> 'period' then 'cancel' end
            when chance < 6 then 'early'
            when chance < 9 then 'late'
        end as drawn_refund,
        date '$day' + to_seconds(28800 + pick(clock, 100, 39600)) as ordered_at
    from priced
),

ranked as (
    select
        shop, n,
        row_number() over (partition by shop order by draw_of('$prefix|' || shop || '|fault|' || n), n) as place
    from plans
    where not is_unpaid and drawn_refund is null and buyer_paid between 2000 and 100000
)

select plans.*, planned.fault
from plans
left join ranked using (shop, n)
left join ($plan) as planned (shop, place, fault) on plans.shop = planned.shop and ranked.place = planned.place;

insert into market.orders
with paid as (
    select
        *,
        case
            when fault = 'refund_not_paid' then 'early'
            when fault in ('fee_not_returned', 'refund_returned', 'return_not_refunded', 'refund_not_returned') then 'late'
            else drawn_refund
        end as refund_kind,
        case
            when is_unpaid or payment_method = 'cod' or fault = 'shipped_not_paid' then null
            else ordered_at + to_seconds(60 + pick(clock, 10000000, 540))
        end as paid_at,
        case when is_unpaid or fault = 'shipped_not_paid' then ordered_at + interval 45 minute end as cancelled_at,
        date '$day' + case when ordered_at::time < time '12:00:00' then 0 else 1 end as ship_day,
        not is_unpaid and payment_method <> 'offline' and refund_kind is distinct from 'cancel'
        and fault is distinct from 'paid_not_shipped' as is_shipped
    from shaped
),

sent as (
    select
        *,
        case when is_shipped then ship_day + to_seconds(46800 + pick(shape, 1000000, 21600)) end as shipped_at,
        case when fault is distinct from 'never_picked_up' then shipped_at + interval 1 hour end as picked_up_at,
        is_shipped and coalesce(fault not in ('never_picked_up', 'lost_parcel'), true) as is_arriving,
        case when is_arriving then ship_day + 1 + to_seconds(39600 + pick(shape, 100000000, 25200)) end as delivered_at,
        case
            when payment_method = 'offline' then paid_at + interval 1 minute
            when is_arriving then ship_day + 2 + to_seconds(43200 + pick(shape, 10000000000, 28800))
        end as confirmed_at
    from paid
),

refunded as (
    select
        * exclude (paid_at),
        coalesce(paid_at, case when payment_method = 'cod' then delivered_at end) as paid_at,
        case refund_kind
            when 'cancel' then paid_at + interval 1 hour
            when 'early' then delivered_at + interval 1 hour
            when 'late' then confirmed_at::date + 1 + to_seconds(39600 + pick(after, 1000, 25200))
        end as applied_at,
        case when fault is distinct from 'return_not_refunded' then applied_at + interval 1 hour end as refunded_at,
        case
            when refund_kind is null then null
            when refund_kind = 'cancel' then buyer_paid
            else greatest(buyer_paid * (10 + pick(after, 100, 50)) // 100, 1)
        end as refund_amount,
        case
            when refund_kind is null or platform_subsidy = 0 then 0
            when refund_kind = 'cancel' then platform_subsidy
            else half_up(platform_subsidy * refund_amount, buyer_paid)
        end as clawback
    from sent
)

select
    shop, date '$day', n, order_no, currency,
    case when settles = 'channel' then accounts[1 + pick(after, 100000, len(accounts))] end,
    payment_method, 'c' || lpad(pick(clock, 1000000000000, 60000)::varchar, 6, '0'), fault, lines, quantity, goods,
    merchant_discount, platform_subsidy, freight, tax, consideration, buyer_paid,
    case when settles = 'channel' then 'T' || regexp_replace(order_no, '[^0-9A-Za-z]', '', 'g') end,
    case when carrier <> '' then carrier end,
    case
        when not is_shipped or carrier = '' then null
        when carrier = '顺丰速运' then 'SF' || strftime(date '$day', '%y%m%d') || lpad((shop_no * 100000 + n)::varchar, 7, '0')
        when carrier = 'UPS' then '1Z' || strftime(date '$day', '%y%m%d') || lpad((shop_no * 100000 + n)::varchar, 10, '0')
        when carrier = 'DHL' then 'JD' || strftime(date '$day', '%y%m%d') || lpad((shop_no * 100000 + n)::varchar, 12, '0')
        else 'YT' || strftime(date '$day', '%y%m%d') || lpad((shop_no * 100000 + n)::varchar, 9, '0')
    end,
    refund_kind,
    case
        when refund_kind is null then null
        -- numbers only, as that shop counts its refunds
        when shop = 'woo_eu' then order_no || '1'
        else 'AS' || order_no || '-1'
    end,
    case when refund_kind is not null and settles = 'channel' then 'R' || order_no || '-1' end,
    refund_amount, clawback, ordered_at, paid_at, cancelled_at, shipped_at, picked_up_at, delivered_at, confirmed_at,
    applied_at, refunded_at, case when refund_kind = 'cancel' then refunded_at end
from refunded
inner join (select shop, row_number() over (order by shop) as shop_no from market.shops) using (shop)
order by shop, n;

-- the payments an order leads to, and the channel's refunds
insert into market.payments
with paying as (
    select
        account, shop, n, order_no, pay_no, paid_at as happened_at, fault, 1 as sequence, refund_kind,
        buyer_paid + case when fault = 'amount_difference' then 100 + n % 900 else 0 end as amount
    from market.orders
    where day = date '$day' and account is not null and paid_at is not null
        and fault is distinct from 'missing_payment'
    union all
    select account, shop, n, order_no, pay_no, paid_at + interval 3 minute, fault, 2, null, buyer_paid
    from market.orders
    where day = date '$day' and account is not null and fault = 'duplicate_payment'
    union all
    select account, shop, n, null, 'X' || pay_no, paid_at + interval 5 minute, fault, 3, null, 1234 + n % 500
    from market.orders
    where day = date '$day' and account is not null and fault = 'extra_payment'
),

charged as (
    select
        paying.*,
        half_up(amount * fee_rate, 100000) + fee_fixed as fee,
        fee_rate, fee_fixed, returns_fee,
        'TR' || strftime(date '$day', '%y%m%d') || lpad((account_no * 1000000 + n * 10 + sequence)::varchar, 9, '0')
            as transaction_no
    from paying
    inner join market.accounts using (account)
),

refunding as (
    select orders.*, charged.transaction_no as original_no, charged.fee as charged_fee, charged.fee_rate, charged.returns_fee,
        charged.amount as paid_amount
    from market.orders as orders
    inner join charged on orders.shop = charged.shop and orders.n = charged.n and charged.sequence = 1
    where orders.day = date '$day'
)

select account, shop, date '$day', n, order_no, transaction_no, 'payment', amount, fee, pay_no, null, null, happened_at,
    case when fault in ('amount_difference', 'duplicate_payment') or (fault = 'extra_payment' and sequence = 3) then fault end
from charged

union all

select account, shop, date '$day', n, order_no,
    -- Youzan's ledger numbers a refund by the shop's ticket only
    case when account = 'youzan_main' then merchant_refund_no else 'RF' || substr(original_no, 3) end, 'refund',
    refund_amount,
    case
        when not returns_fee then 0
        when refund_amount = paid_amount then -charged_fee
        else -half_up(refund_amount * fee_rate, 100000)
    end,
    pay_no, merchant_refund_no, original_no, refunded_at, case when fault = 'refund_returned' then fault end
from refunding
where refund_kind is not null and coalesce(fault not in ('refund_not_paid', 'return_not_refunded'), true)

union all

select account, shop, date '$day', n, order_no,
    case when account = 'youzan_main' then 'RM' || order_no else 'RM' || substr(original_no, 3) end, 'refund',
    buyer_paid * 30 // 100,
    case when returns_fee then -half_up((buyer_paid * 30 // 100) * fee_rate, 100000) else 0 end,
    pay_no, 'RM' || order_no, original_no, paid_at + interval 2 hour, fault
from refunding
where fault = 'refund_without_ticket'

union all

select account, shop, date '$day', n, order_no, 'CB' || substr(original_no, 3), 'chargeback', paid_amount, 1500, pay_no,
    null, original_no, date '$day' + 2 + interval 15 hour, fault
from refunding
where fault = 'chargeback'
order by shop, n;
