-- One row per decision of a person, with its second person, and whether it still holds for what it was made about.
with

exceptions as (

    select exception_id, record_fingerprint from {{ ref('int_exceptions__all') }}
    union all
    select exception_id, record_fingerprint from {{ source('closed', 'exceptions') }}

),

decisions as (

    select * from {{ ref('int_ledger__decisions') }}

),

-- matches made by hand that stand, in open threads and in closed ones; and records that are kept apart
made_by_hand as (

    select decision_id from {{ ref('int_matching__by_hand') }}
    union
    select rule_id as decision_id from {{ source('closed', 'matches') }} where pass = 'MANUAL'

),

corrected as (

    select decision_id, max(is_said) as is_said from {{ ref('int_ledger__corrected') }} group by decision_id

),

-- records that are there, in open threads and in closed ones
records as (

    select record_type, record_key from {{ ref('int_matching__records') }}
    union
    select 'invoice' as record_type, record_key from {{ ref('int_ledger__invoices') }}
    union
    select 'commission_bill' as record_type, record_key from {{ ref('int_ledger__commission_bills') }}
    union
    select substr(stream, 1, length(stream) - 1) as record_type, record_key from {{ source('closed', 'records') }}
    where record_key in (select record_key from decisions)

)

select
    decisions.decision_id,
    decisions.exception_id,
    decisions.action,
    decisions.amount,
    decisions.currency,
    decisions.posted_on,
    decisions.cause,
    decisions.note,
    decisions.assignee,
    decisions.maker,
    decisions.made_at,
    decisions.checker,
    decisions.checked_at,
    case
        -- whether a month still is what was signed is said by its statements
        when decisions.record_type = 'period' then decisions.state
        when decisions.state = 'rejected' or decisions.reverses is not null then decisions.state
        when decisions.action in ('correct', 'link', 'map', 'split') and decisions.state = 'effective'
            then case
                when corrected.is_said = 1 then 'effective'
                when corrected.decision_id is not null or records.record_key is not null then 'contradicted'
                else 'orphaned'
            end
        when decisions.action in ('manual_match', 'unmatch') and decisions.state = 'effective'
            then case
                when made_by_hand.decision_id is not null then 'effective'
                when records.record_key is not null then 'contradicted'
                else 'orphaned'
            end
        when exceptions.record_fingerprint = decisions.record_fingerprint then decisions.state
        when exceptions.exception_id is not null then 'contradicted'
        when records.record_key is null then 'orphaned'
        -- nothing is in question any more, so the money that was given up has come after all
        when decisions.action = 'write_off' then 'contradicted'
        else decisions.state
    end as state,
    decisions.reverses,
    decisions.reversed_by,
    decisions.record_type,
    decisions.record_key,
    decisions.record_fingerprint,
    decisions.chain_hash,
    decisions.field,
    decisions.old_value,
    decisions.new_value,
    decisions.part_ref
from decisions
left join exceptions on decisions.exception_id = exceptions.exception_id
left join records on decisions.record_type = records.record_type and decisions.record_key = records.record_key
left join made_by_hand on decisions.decision_id = made_by_hand.decision_id
left join corrected on decisions.decision_id = corrected.decision_id
