-- One row per exception of goods sent back and the money for them.
with

-- E505
return_not_refunded as (

    select
        {{ exception_columns(
            'return_refund', "'E505'", 'open', 'record_type', 'record_key', 'amount',
            is_waiting='is_waiting', breaks_on='breaks_on', evident_on='evident_on', difference='-amount',
            explanation="'The goods came back, and no refund is paid'",
            explanation_zh="'货物已退回，尚未退款'"
        ) }}
    from {{ ref('int_matching__return_refund_open') }}
    where situation = 'not_refunded'

),

-- E506
refund_not_returned as (

    select
        {{ exception_columns(
            'return_refund', "'E506'", 'open', 'record_type', 'record_key', 'amount',
            is_waiting='is_waiting', breaks_on='breaks_on', evident_on='evident_on', difference='amount',
            explanation="'Refunded against goods that have not come back'",
            explanation_zh="'已退款，货物尚未退回'"
        ) }}
    from {{ ref('int_matching__return_refund_open') }}
    where situation = 'not_returned'

),

int_exceptions__return_refund as (

    select * from return_not_refunded
    union all
    select * from refund_not_returned

)

select * from int_exceptions__return_refund
