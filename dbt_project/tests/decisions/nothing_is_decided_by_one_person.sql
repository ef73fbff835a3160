-- What a decision did although no other person, known and by his own signature, approved it. Read from the log as it was
-- landed, and not from the model that judges it.
{{ config(meta={'dagster': {'ref': {'name': 'decisions'}}}) }}
with

events as (

    select decision_id, person, kind from {{ source('decisions', 'events') }}
    where
        (is_signature_valid = 'true' or (kind = 'proposed' and is_signature_valid = 'unsigned'))
        and person in (select person from {{ source('rules', 'people') }})

),

approved as (

    select proposals.decision_id
    from events as proposals
    inner join events as approvals on proposals.decision_id = approvals.decision_id
    where proposals.kind = 'proposed' and approvals.kind = 'approved' and proposals.person <> approvals.person

),

effects as (

    select decision_id, 'is effective' as effect from {{ ref('decisions') }} where state = 'effective'
    union all
    select cleared_by as decision_id, 'clears ' || exception_id as effect from {{ ref('exceptions') }}
    where cleared_by <> 'match'
    union all
    select decisions.decision_id, 'changes ' || exceptions.exception_id as effect
    from {{ ref('exceptions') }} as exceptions
    left join {{ ref('decisions') }} as decisions
        on exceptions.exception_id = decisions.exception_id and decisions.state = 'effective'
    where exceptions.status in ('acknowledged', 'approved')

)

select decision_id, effect from effects
where decision_id is null or decision_id not in (select decision_id from approved)
