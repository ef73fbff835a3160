-- Tables of the market. Money is BIGINT minor units of the row's currency, times are local and naive.
create schema market;

create table market.orders (
    shop varchar, day date, n bigint, order_no varchar, currency varchar, account varchar, payment_method varchar,
    buyer varchar, fault varchar, lines bigint, quantity bigint, goods bigint, merchant_discount bigint,
    platform_subsidy bigint, freight bigint, tax bigint, consideration bigint, buyer_paid bigint, pay_no varchar,
    carrier varchar, waybill_no varchar, refund_kind varchar, refund_no varchar, merchant_refund_no varchar,
    refund_amount bigint, clawback bigint, ordered_at timestamp, paid_at timestamp, cancelled_at timestamp,
    shipped_at timestamp, picked_up_at timestamp, delivered_at timestamp, confirmed_at timestamp, applied_at timestamp,
    refunded_at timestamp, closed_at timestamp
);
create table market.lines (
    shop varchar, day date, n bigint, line_no bigint, sku_no bigint, quantity bigint, unit_price bigint,
    line_amount bigint, merchant_share bigint, platform_share bigint
);
create table market.payments (
    account varchar, shop varchar, day date, n bigint, order_no varchar, transaction_no varchar, type varchar,
    amount bigint, fee bigint, pay_no varchar, merchant_refund_no varchar, original_no varchar, happened_at timestamp,
    fault varchar
);
create table market.settlements (
    account varchar, shop varchar, settlement_no varchar, period_start date, period_end date, total bigint,
    row_count bigint, settled_at timestamp, flow_no varchar, payout_no varchar
);
create table market.settlement_lines (
    account varchar, shop varchar, settlement_no varchar, line_no bigint, order_no varchar, component varchar,
    amount bigint, settled_at timestamp, batch_day date
);
create table market.flows (
    account varchar, day date, row_no bigint, flow_no varchar, occurred_at timestamp, kind varchar, amount bigint,
    balance bigint, order_no varchar, pay_no varchar, transaction_no varchar, merchant_refund_no varchar,
    settlement_no varchar, payout_no varchar, memo varchar, fault varchar
);
create table market.payouts (
    account varchar, day date, payout_no varchar, trace_no varchar, initiated_at timestamp, amount bigint, fee bigint,
    bank varchar, arrives_on date, fault varchar
);
create table market.bank_lines (
    bank varchar, day date, line_no bigint, reference varchar, amount bigint, balance bigint, counterparty varchar,
    remark varchar, fault varchar
);
create table market.balances (
    account varchar, day date, opening bigint, in_sum bigint, out_sum bigint, in_count bigint, out_count bigint,
    closing bigint
);
-- what a bank was asked: a request counts once
create table market.requests (reqid varchar primary key);

create or replace macro market.orders_at(now, first_day, last_day) as table
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
        ordered_at, seen(paid_at, now), seen(cancelled_at, now), seen(shipped_at, now), seen(delivered_at, now),
        seen(confirmed_at, now), seen(applied_at, now), seen(refunded_at, now), seen(closed_at, now)
    ) as modified_at
from market.orders
where day between first_day and last_day and ordered_at <= now;
