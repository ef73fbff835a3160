-- Tables of the world. Money is BIGINT fen, times are local and naive.
create or replace macro draw_of(label) as (md5_number_lower(label) >> 1)::bigint;
create or replace macro pick(r, step, size) as (r // step) % size;
create or replace macro yuan(fen) as (fen::decimal(18, 0) * 0.01)::varchar;
create or replace macro half_up(numerator, denominator) as (2 * numerator + denominator) // (2 * denominator);
create or replace macro seen(moment, now) as case when moment <= now then moment end;
create or replace macro local_text(moment) as strftime(moment, '%Y-%m-%dT%H:%M:%S');

create table orders (
    day date, n bigint, store varchar, order_no varchar, tid bigint, buyer varchar, kind varchar, channel varchar,
    fault varchar, head bigint, lines bigint, quantity bigint, goods bigint, merchant_discount bigint,
    platform_subsidy bigint, channel_subsidy bigint, creator_subsidy bigint, freight bigint, consideration bigint,
    buyer_paid bigint, coupon bigint, merchant_pay_no varchar, first_part bigint, lag bigint, refund_kind varchar,
    clawback bigint, first_refund bigint, second_refund bigint, ordered_at timestamp, first_paid_at timestamp,
    paid_at timestamp, cancelled_at timestamp, shipped_at timestamp, delivered_at timestamp, confirmed_at timestamp,
    first_applied_at timestamp, first_refunded_at timestamp, second_applied_at timestamp,
    second_refunded_at timestamp, closed_at timestamp
);
create table order_lines (
    day date, n bigint, store varchar, line_no bigint, sku_no bigint, quantity bigint, unit_price bigint,
    line_amount bigint, merchant_share bigint, platform_share bigint
);
create table payments (
    day date, n bigint, channel varchar, transaction_no varchar, merchant_pay_no varchar, packet varchar, buyer varchar,
    amount bigint, coupon bigint, fee bigint, rate varchar, succeeded_at timestamp, fault varchar
);
create table tickets (
    day date, n bigint, store varchar, order_no varchar, refund_no varchar, type varchar, amount bigint,
    subsidy_returned bigint, merchant_refund_no varchar, applied_at timestamp, succeeded_at timestamp,
    is_late boolean, fault varchar, sequence bigint
);
create table refund_payments (
    day date, n bigint, channel varchar, transaction_no varchar, payment_no varchar, merchant_pay_no varchar,
    merchant_refund_no varchar, buyer varchar, amount bigint, fee bigint, paid_at timestamp, refunded_at timestamp,
    fault varchar, sequence bigint
);
create table settlement_lines (
    batch_day date, settlement_no varchar, line_no bigint, order_no varchar, component varchar, amount bigint
);
create table payouts (
    account varchar, day date, payout_no varchar, initiated_at timestamp, amount bigint, arrives_on date, fault varchar
);
create table bank_lines (
    day date, line_no bigint, reference varchar, amount bigint, counterparty varchar, remark varchar, fault varchar
);
create table flows (
    account varchar, day date, row_no bigint, flow_no varchar, occurred_at timestamp, kind varchar, business_no varchar,
    merchant_no varchar, amount bigint, balance bigint, memo varchar, base_no varchar, reference varchar,
    counterparty varchar, fault varchar
);
create table balances (
    account varchar, day date, opening bigint, in_sum bigint, out_sum bigint, in_count bigint, out_count bigint,
    closing bigint
);

create or replace macro orders_at(now, first_day, last_day) as table
select
    *,
    case
        when closed_at <= now then 'closed'
        when cancelled_at <= now then 'cancelled'
        when confirmed_at <= now then 'completed'
        when shipped_at <= now then 'shipped'
        when paid_at <= now then 'paid'
        else 'created'
    end as status,
    greatest(
        ordered_at, seen(paid_at, now), seen(cancelled_at, now), seen(shipped_at, now), seen(confirmed_at, now),
        seen(closed_at, now), seen(case when store <> 'tmall_flagship' then delivered_at end, now),
        seen(case when store = 'tmall_flagship' then first_applied_at end, now),
        seen(case when store = 'tmall_flagship' then first_refunded_at end, now)
    ) as modified_at
from orders
where day between first_day and last_day and ordered_at <= now and fault is distinct from 'extra_payment';
