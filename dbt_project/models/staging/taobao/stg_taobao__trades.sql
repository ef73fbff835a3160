-- One row per trade that a list page named: a witness that its detail must have arrived, no record of its own.
with

received as (

    select
        file_id,
        row_number,
        landed_on,
        fields.tid as order_no,
        fields.modified as updated_at
    from (
        select
            file_id,
            row_number,
            landed_on,
            {{ json_fields('record', ['tid', 'modified']) }} as fields
        from {{ source('taobao', 'taobao__trades') }}
    ) as parsed

),

{{ typed_records('listed_orders', ['order_no', 'updated_at'], zone='Asia/Shanghai') }}

select * from records
