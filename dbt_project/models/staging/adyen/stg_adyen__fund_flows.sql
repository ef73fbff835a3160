-- One row per movement of a report: the gross amount, and the fees of a payment as a movement of their own.
with

{{ adyen_rows() }}

sided as (

    select
        *,
        -- a row without a payment has no number of its own
        case
            when psp_reference is not null then modification_reference else batch_number || '/' || type || '/' || nth
        end as own_no,
        case when type = 'Settled' then psp_reference else coalesce(modification_reference, psp_reference) end as number,
        -- a payment's net is its gross less its fees, both moved
        psp_reference is not null and gross_currency = net_currency and fee_amount <> 0 as is_split
    from timed
    -- what one batch hands to the next never left the account
    where type <> 'Balancetransfer'

),

moves as (

    select
        *,
        own_no as flow_no,
        type as business_type,
        case when coalesce(net_credit, gross_credit) is not null then 'in' else 'out' end as direction,
        case when is_split then coalesce(gross_credit, gross_debit) else coalesce(net_credit, net_debit) end as amount
    from sided
    union all
    select
        *,
        own_no || '/fee' as flow_no,
        type || ' fee' as business_type,
        case when fee_amount > 0 then 'out' else 'in' end as direction,
        cast(abs(fee_amount) as string) as amount
    from sided
    where is_split

),

received as (

    select
        file_id,
        row_number,
        landed_on,
        net_currency as currency,
        flow_no,
        happened_at as occurred_at,
        direction,
        amount,
        business_type,
        merchant_reference as merchant_pay_no,
        number as business_ref,
        case when type = 'MerchantPayout' then split_part(modification_reference, ' ', 1) end as payout_no,
        coalesce(modification_reference, modification_merchant_reference) as remark
    from moves

),

{{ typed_records(
    'fund_flows',
    [
        'currency', 'flow_no', 'occurred_at', 'direction', 'amount', 'business_type', 'merchant_pay_no', 'business_ref',
        'payout_no', 'remark',
    ],
) }}

select * from records
