-- One row per return or ticket in a match of the two.
with

int_matching__return_refund_legs as (

    select
        matches.match_key,
        case members.record_type when 'return' then 'left' else 'right' end as side,
        members.record_type,
        members.record_key,
        cast(0 as decimal(18, 2)) as amount
    from {{ ref('int_matching__return_refund') }} as matches
    inner join {{ ref('int_matching__return_refund_members') }} as members on matches.match_key = members.ticket_key

)

select * from int_matching__return_refund_legs
