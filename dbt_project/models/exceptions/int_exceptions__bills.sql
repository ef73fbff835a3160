-- One row per bill or invoice of a supplier or promoter that asks again for what another asked already.
with

invoices as (

    select
        *,
        net + vat as amount,
        lag(invoice_no) over (
            partition by entity, counterparty, issued_on, currency, net, vat
            order by received_on, invoice_no, record_key
        ) as equal_no,
        row_number() over (
            partition by entity, counterparty, invoice_no order by received_on, record_key
        ) as position
    from {{ ref('int_ledger__invoices') }}
    where kind in ('purchase', 'fee') and counterparty is not null

),

-- E609: one supplier's number twice, or the same day and amount under another number; the later one is in question
dup_invoice as (

    select
        {{ exception_columns(
            'bills', "'E609'", 'finding', "'invoice'", 'record_key', 'abs(amount)', evident_on='received_on',
            difference='amount', left_key='coalesce(equal_no, invoice_no)', right_key='invoice_no',
            explanation="case when position > 1 then 'The invoice came before under the same number' else 'Invoice ' || equal_no || ' of the same supplier, day and amount came before' end",
            explanation_zh="case when position > 1 then '同号发票此前已收到' else '同一供应商同日同额的发票 ' || equal_no || ' 此前已收到' end"
        ) }}
    from invoices
    where position > 1 or equal_no is not null

),

commissions as (

    select
        *,
        case kind when 'affiliate' then 'affiliate_fee' else 'creator_fee' end as component,
        lag(bill_no) over (
            partition by entity, order_no, currency, kind, base, rate, amount order by received_on, bill_no, record_key
        ) as equal_no
    from {{ ref('int_ledger__commission_bills') }}
    where kind is not null

),

-- E207: a commission billed twice; where the platform's charge is known, that decides
commission_billed_twice as (

    select
        {{ exception_columns(
            'bills', "'E207'", 'finding', "'commission_bill'", 'commissions.record_key', 'commissions.amount',
            evident_on='commissions.received_on', difference='commissions.amount', left_key='commissions.equal_no',
            right_key='commissions.bill_no',
            explanation="'Bill ' || commissions.equal_no || ' asked the same for this order'",
            explanation_zh="'账单 ' || commissions.equal_no || ' 已就此订单收取同样的佣金'"
        ) }}
    from commissions
    left join (
        select distinct entity, order_no, currency, component from {{ ref('int_exceptions__commission_checks') }}
    ) as checks
        on
            commissions.entity = checks.entity
            and commissions.order_no = checks.order_no
            and commissions.currency = checks.currency
            and commissions.component = checks.component
    where commissions.equal_no is not null and checks.order_no is null

),

int_exceptions__bills as (

    select * from dup_invoice
    union all
    select * from commission_billed_twice

)

select * from int_exceptions__bills
