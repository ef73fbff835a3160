-- One row per movement of the wallet: a row that came in and went out at once is two, first what came, then what went.
with

parsed as (

    select
        file_id,
        row_number,
        landed_on,
        {{ json_fields('record', [
            'flow_no', 'pay_no', 'moved_at', 'received', 'spent', 'balance', 'remark',
        ]) }} as fields
    from {{ source('jd', 'jd__funds') }}

),

sided as (

    select
        *,
        {{ signed_text('fields.received') }} as received_amount,
        {{ signed_text('fields.spent') }} as spent_amount,
        {{ signed_text('fields.balance') }} as balance_after,
        not {{ is_zero_text('fields.received') }} and not {{ is_zero_text('fields.spent') }} as is_both
    from parsed

),

split as (

    select
        *,
        {{ each_item(
            'case when is_both then ' ~ list_of(["'in'", "'out'"]) ~ ' when ' ~ is_zero_text('fields.spent')
            ~ ' then ' ~ list_of(["'in'"]) ~ ' else ' ~ list_of(["'out'"]) ~ ' end'
        ) }} as side
    from sided

),

named as (

    select
        *,
        -- the remark is dated: 2021年10月30日京东支付货款
        nullif({{ without_pattern('fields.remark', '^20[0-9]{2}年[0-9]{1,2}月[0-9]{1,2}日') }}, '') as words
    from split

),

received as (

    select
        file_id,
        row_number,
        landed_on,
        nullif(fields.flow_no, '') || case when is_both then '-' || side else '' end as flow_no,
        fields.moved_at as occurred_at,
        side as direction,
        case side when 'in' then fields.received else fields.spent end as amount,
        case
            when is_both and side = 'in' then cast(cast(balance_after + spent_amount as decimal(18, 2)) as string)
            else nullif(fields.balance, '')
        end as balance,
        words as business_type,
        nullif(fields.pay_no, '') as business_ref,
        case when words in ('提现', '提现退回', '提现失败') then nullif(fields.pay_no, '') end as payout_no,
        nullif(fields.remark, '') as remark
    from named

),

{{ typed_records(
    'fund_flows',
    [
        'flow_no', 'occurred_at', 'direction', 'amount', 'balance', 'business_type', 'business_ref', 'payout_no', 'remark',
    ],
    zone='Asia/Shanghai',
) }}

select * from records
