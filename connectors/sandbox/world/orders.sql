-- One day of orders with all that will become of them. $$ values are filled in by the engine.
create or replace temp table drawn as
with placed as (
    select
        range as n,
        range // 20 as block,
        case when range % 20 < 8 then 'tmall_flagship' when range % 20 < 15 then 'own_shop' else 'outlet' end as store,
        range % 20 in (8, 9) and range // 20 * 20 + 9 < $count and draw_of('$prefix|pair|' || range // 20) % 8 = 0
            as is_merged
    from range($count)
)
select
    n, store, is_merged,
    case when is_merged then block * 20 + 8 else n end as head,
    draw_of('$prefix|shape|' || n) as shape,
    draw_of('$prefix|money|' || n) as money,
    draw_of('$prefix|after|' || n) as after,
    draw_of('$prefix|clock|' || head) as clock,
    case when pick(shape, 1, 100) < 60 then 1 when pick(shape, 1, 100) < 85 then 2 else 3 end as lines
from placed;

create or replace temp table drawn_lines as
select
    n, store, lines, line_no,
    draw_of('$prefix|line|' || n || '|' || line_no) as line,
    pick(line, 1, 200) as sku_no,
    case pick(line, 1000, 10) when 0 then 3 when 1 then 2 else 1 end as quantity,
    990 + (sku_no * 7919) % 38911 as unit_price,
    quantity * unit_price as line_amount
from (select n, store, lines, unnest(range(1, lines + 1)) as line_no from drawn);

create or replace temp table priced as
select
    drawn.*, goods, quantity,
    case when pick(money, 1, 2) = 0 then 0 else goods * (3 + pick(money, 10, 18)) // 100 end as merchant_discount,
    case
        when store = 'own_shop' or pick(money, 1000, 100) >= 35 then 0
        else (goods - merchant_discount) * (2 + pick(money, 100000, 9)) // 100
    end as platform_subsidy,
    case
        when store <> 'outlet' or pick(money, 1000000, 100) >= 6 then 0
        else (goods - merchant_discount) * (1 + pick(money, 100000000, 5)) // 100
    end as channel_subsidy,
    case
        when store <> 'outlet' or pick(money, 1000000000, 100) >= 6 then 0
        else (goods - merchant_discount) * (1 + pick(money, 100000000000, 5)) // 100
    end as creator_subsidy,
    case when pick(money, 1000000000000, 10) < 3 then 600 + 200 * pick(money, 10000000000000, 4) else 0 end as freight,
    goods - merchant_discount + freight as consideration,
    consideration - platform_subsidy - channel_subsidy - creator_subsidy as buyer_paid
from drawn
inner join (select n, sum(line_amount)::bigint as goods, sum(quantity)::bigint as quantity from drawn_lines group by n)
    using (n);

create or replace temp table shared as
with merchant as (
    select
        drawn_lines.*, goods, merchant_discount, platform_subsidy,
        half_up(merchant_discount * line_amount, goods) as merchant_part,
        case
            when line_no < drawn_lines.lines then merchant_part
            else merchant_discount - coalesce(sum(merchant_part) over earlier, 0)
        end::bigint as merchant_share
    from drawn_lines
    inner join priced using (n)
    window earlier as (partition by n order by line_no rows between unbounded preceding and 1 preceding)
)
select
    n, store, line_no, sku_no, quantity, unit_price, line_amount, merchant_share,
    half_up(platform_subsidy * (line_amount - merchant_share), goods - merchant_discount) as platform_part,
    case
        when line_no < lines then platform_part
        else platform_subsidy - coalesce(sum(platform_part) over earlier, 0)
    end::bigint as platform_share
from merchant
window earlier as (partition by n order by line_no rows between unbounded preceding and 1 preceding);

insert into order_lines
select date '$day', n, store, line_no, sku_no, quantity, unit_price, line_amount, merchant_share, platform_share
from shared
order by n, line_no;

create or replace temp table shaped as
with kinds as (
    select
        *,
        case when store = 'own_shop' then case when pick(clock, 1, 100) < 65 then 'wechat' else 'alipay' end end
            as drawn_channel,
        pick(clock, 100, 83700) as ordered_second,
        case when pick(shape, 1000000, 3) = 0 and ordered_second >= 64800 then 1 else pick(shape, 1000000, 3) end as gap,
        case when drawn_channel = 'wechat' then $dark_wechat else $dark_alipay end as dark,
        case
            when store <> 'own_shop' then 'market'
            when is_merged then 'merged'
            when pick(shape, 100, 100) < 4 then 'split'
            when pick(shape, 100, 100) < 8
                and not list_contains(dark, date '$day') and not list_contains(dark, (date '$day' + gap::int)::date)
                then 'presale'
            else 'plain'
        end as kind,
        kind in ('plain', 'market') and pick(shape, 10000, 100) < 2 as is_unpaid
    from priced
),

plans as (
    select
        *,
        pick(after, 1, 1000) as chance,
        case
            when is_unpaid or kind not in ('plain', 'market') or channel_subsidy + creator_subsidy > 0 then null
            when store = 'own_shop' then case
                when chance < 30 then 'cancel' when chance < 60 then 'early' when chance < 100 then 'late'
                when chance < 120 then 'late_full' when chance < 140 then 'two_step'
            end
            when store = 'tmall_flagship' and lines > 1 then case
                when chance < 60 then 'early' when chance < 105 then 'late'
            end
            when chance < 30 then 'cancel' when chance < 60 then 'early'
            when chance < 90 then 'late' when chance < 105 then 'late_full'
        end as drawn_refund
    from kinds
)

select
    *,
    case
        when kind = 'plain' and not is_unpaid and drawn_refund is null and pick(money, 100000000000000, 20) = 0
            then merchant_discount
        else 0
    end as coupon,
    not is_unpaid and drawn_refund is null and coupon = 0 and kind in ('plain', 'market')
    and channel_subsidy + creator_subsidy = 0 and ordered_second < 57600 and buyer_paid between 5000 and 100000
    and (store <> 'tmall_flagship' or platform_subsidy >= 300) as is_suitable
from plans;

create or replace temp table faulted as
select ranked.n, planned.fault, planned.channel
from (
    select n, store, row_number() over (partition by store order by draw_of('$prefix|fault|' || n), n) as place
    from shaped
    where is_suitable
) as ranked
inner join ($plan) as planned using (store, place);
