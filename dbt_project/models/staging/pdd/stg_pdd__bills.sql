-- One row per row of a money file: one movement of the shop's money at Pinduoduo. 支出 is already negative there.
with

cleaned as (

    select
        file_id,
        row_number,
        landed_on,
        {% for name in ['order_no', 'occurred_at', 'in_amount', 'out_amount', 'account_type', 'description', 'nth'] %}
        {{ bare(name) }} as {{ name }},
        {% endfor %}
        nullif({{ bare('remark') }}, '-') as remark
    from {{ source('pdd', 'pdd__bills') }}

),

sided as (

    select
        *,
        {{ is_zero_text('out_amount') }} as has_no_outgo,
        replace(occurred_at, '/', '-') as moment,
        coalesce(nullif(split_part(description, '|', 1), ''), account_type) as kind_code,
        coalesce(nullif(split_part(description, '|', 2), ''), description, account_type) as kind
    from cleaned

),

numbered as (

    select
        *,
        kind like '提现%' as is_payout,
        -- the file gives a row no number: order, time, kind and the count of rows like it make one
        concat_ws('|', coalesce(order_no, ''), moment, kind_code, nth) as made_no
    from sided

),

received as (

    select
        file_id,
        row_number,
        landed_on,
        made_no as flow_no,
        moment as occurred_at,
        case when has_no_outgo then 'in' else 'out' end as direction,
        case when has_no_outgo then coalesce(in_amount, out_amount) else trim(leading '-' from out_amount) end as amount,
        kind as business_type,
        -- some rows name their order in the remark only
        case
            when not is_payout then coalesce(order_no, {{ first_group('remark', '([0-9]{6}-[0-9]{15})') }})
        end as order_no,
        case
            when is_payout
                then coalesce({{ first_group("concat_ws(' ', order_no, remark)", '([0-9A-Za-z]{8,})') }}, made_no)
        end as payout_no,
        remark
    from numbered

),

{{ typed_records(
    'fund_flows',
    ['flow_no', 'occurred_at', 'direction', 'amount', 'business_type', 'order_no', 'payout_no', 'remark'],
    zone='Asia/Shanghai',
) }}

select * from records
