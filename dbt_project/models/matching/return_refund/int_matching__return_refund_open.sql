-- One row per return that is not refunded, or refunded ticket whose goods have not come; each has its time.
with

members as (

    select
        members.*,
        tickets.ticket_status as refund_status,
        coalesce(tickets.amount, members.amount) as open_amount,
        tickets.received_on as ticket_received_on,
        {{ day_of(['members.received_at + ' ~ hours('parameters.return_refund_hours')]) }} as refund_due_on,
        cast({{ day_of(['members.refunded_at']) }} + parameters.refund_return_days as date) as return_due_on
    from {{ ref('int_matching__return_refund_members') }} as members
    left join {{ ref('int_matching__return_refund_members') }} as tickets
        on tickets.record_type = 'refund' and members.ticket_key = tickets.record_key
    cross join {{ ref('int_ledger__parameters') }} as parameters

),

waiting as (

    select
        'return' as record_type,
        record_key,
        'left' as side,
        'not_refunded' as situation,
        ticket_key,
        open_amount,
        refund_due_on as due_on,
        greatest(received_on, coalesce(ticket_received_on, received_on)) as received_on
    from members
    where record_type = 'return' and coalesce(refund_status <> 'succeeded', true)
    union all
    select
        'refund' as record_type,
        record_key,
        'right' as side,
        'not_returned' as situation,
        ticket_key,
        open_amount,
        return_due_on as due_on,
        received_on
    from members
    where record_type = 'refund' and ticket_status = 'succeeded' and return_key is null

),

int_matching__return_refund_open as (

    select
        'return_refund' as level,
        record_type,
        record_key,
        side,
        situation,
        coalesce(ticket_key, record_key) as group_key,
        cast(open_amount as decimal(18, 2)) as amount,
        {{ run_variable('today') }} <= due_on as is_waiting,
        cast(due_on + 1 as date) as breaks_on,
        greatest(received_on, cast(due_on + 1 as date)) as evident_on
    from waiting

)

select * from int_matching__return_refund_open
