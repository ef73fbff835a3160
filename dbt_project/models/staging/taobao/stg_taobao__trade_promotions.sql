-- One row per promotion of a trade detail received; who bears it is told by the kind of its id, never by its name.
with

promotions as (

    select
        file_id,
        row_number,
        landed_on,
        {{ json_text('record', '$.tid') }} as tid,
        {{ each_item(json_field_list('record', '$.promotion_details.promotion_detail', [
            'id', 'promotion_id', 'promotion_name', 'discount_fee',
        ])) }} as fields
    from {{ source('taobao', 'taobao__trade_details') }}

),

received as (

    select
        file_id,
        row_number,
        landed_on,
        tid as order_no,
        nullif(fields.id, tid) as line_no,
        fields.promotion_name as name,
        case
            when lower(split_part(fields.promotion_id, '-', 1)) = 'tmallbonus' then 'platform'
            when lower(split_part(fields.promotion_id, '-', 1)) in ('shopbonus', 'mjs') then 'merchant'
            else 'promotion id ' || fields.promotion_id
        end as bearer,
        fields.discount_fee as amount
    from promotions

),

{{ typed_records('discounts', ['order_no', 'line_no', 'name', 'bearer', 'amount']) }}

select * from records
