-- One row per decision: what was proposed, the first verdict that counts, and what reversed it.
{%- set said = [
    'action', 'exception_id', 'code', 'level', 'record_type', 'record_key', 'record_fingerprint', 'amount', 'currency',
    'posted_on', 'cause', 'note', 'assignee', 'reverses', 'proposal', 'field', 'old_value', 'new_value', 'part_ref',
] %}
{{ config(materialized='table') }}
with

delivered as (

    select
        cast(sequence as bigint) as sequence,
        cast({{ quoted('at') }} as {{ type_moment() }}) as said_at,
        person,
        kind,
        decision_id,
        content,
        {{ json_fields('content', said) }} as said,
        hash,
        is_signature_valid = 'true' as is_signed,
        file_id,
        row_number,
        landed_on,
        row_number() over (partition by sequence order by file_id, row_number) as delivery_no
    from {{ source('decisions', 'events') }}

),

-- the people in force when the event was archived: who leaves later takes nothing back
tables_before as (

    select delivered.sequence, max(people.file_id) as file_id
    from delivered
    inner join (select distinct file_id from {{ source('rules', 'people') }}) as people
        on people.file_id < delivered.file_id
    where delivered.delivery_no = 1
    group by delivered.sequence

),

people as (

    select
        file_id,
        person,
        cast(nullif(limit_amount, '') as decimal(18, 2)) as own_limit,
        ' ' || replace(replace(roles, ',', ' '), ';', ' ') || ' ' as roles
    from {{ source('rules', 'people') }}

),

-- domain: a role may approve so much, in the base currency; a limit of one's own wins
events as (

    select
        delivered.*,
        coalesce(delivered.is_signed, false) and people.person is not null as is_sound,
        people.own_limit is null and contains(people.roles, ' FM ') as has_no_limit,
        contains(people.roles, ' FM ') as is_manager,
        case
            when people.own_limit is not null then people.own_limit
            when contains(people.roles, ' supervisor ') then 5000
            when contains(people.roles, ' RA ') then 50
        end as limit_amount
    from delivered
    left join tables_before on delivered.sequence = tables_before.sequence
    left join people on tables_before.file_id = people.file_id and delivered.person = people.person
    where delivered.delivery_no = 1

),

first_proposals as (

    select
        *,
        row_number() over (partition by decision_id order by sequence) as proposal_no
    from events
    where kind = 'proposed'

),

proposals as (

    select
        own.decision_id,
        own.sequence,
        own.said_at,
        own.person,
        own.is_sound,
        own.is_manager,
        own.said,
        own.content,
        own.hash,
        own.landed_on,
        try_cast(coalesce(target.said.amount, own.said.amount) as decimal(18, 2)) as amount,
        coalesce(target.said.currency, own.said.currency) as currency,
        target.said.action as target_action
    from first_proposals as own
    left join first_proposals as target
        on own.said.reverses = target.decision_id and target.proposal_no = 1 and target.sequence < own.sequence
    where own.proposal_no = 1

),

-- four eyes: an approval is somebody else's, whose limit covers the amount, and about what was proposed to the letter
counting_verdicts as (

    select
        events.decision_id,
        events.sequence,
        events.kind,
        events.person,
        events.is_manager,
        events.said_at,
        events.said.note as note,
        events.hash,
        events.file_id,
        events.row_number,
        events.landed_on,
        row_number() over (partition by events.decision_id order by events.sequence) as verdict_no
    from events
    inner join proposals on events.decision_id = proposals.decision_id and events.said.proposal = proposals.hash
    where
        events.sequence > proposals.sequence
        and events.is_sound
        and proposals.is_sound
        and (
            events.kind = 'rejected'
            or (
                events.kind = 'approved'
                and events.person <> proposals.person
                and (
                    events.has_no_limit
                    or (
                        events.limit_amount is not null
                        and (
                            proposals.amount is null
                            or (
                                proposals.currency = {{ run_variable('base_currency') }}
                                and proposals.amount <= events.limit_amount
                            )
                        )
                    )
                )
            )
        )

),

decided as (

    select
        proposals.*,
        verdicts.kind as verdict,
        verdicts.sequence as verdict_sequence,
        verdicts.person as checker,
        coalesce(proposals.is_manager, false) or coalesce(verdicts.is_manager, false) as is_by_manager,
        verdicts.said_at as checked_at,
        verdicts.note as verdict_note,
        verdicts.file_id as verdict_file_id,
        verdicts.row_number as verdict_row_number,
        verdicts.landed_on as verdict_landed_on,
        coalesce(verdicts.hash, proposals.hash) as chain_hash,
        greatest(proposals.landed_on, coalesce(verdicts.landed_on, proposals.landed_on)) as last_landed_on
    from proposals
    left join counting_verdicts as verdicts
        on proposals.decision_id = verdicts.decision_id and verdicts.verdict_no = 1

),

reversals as (

    select
        reversing.said.reverses as decision_id,
        reversing.decision_id as reversed_by,
        reversing.verdict_sequence,
        reversing.verdict_file_id,
        reversing.verdict_row_number,
        reversing.verdict_landed_on,
        row_number() over (partition by reversing.said.reverses order by reversing.sequence) as reversal_no
    from decided as reversing
    inner join decided as reversed on reversing.said.reverses = reversed.decision_id
    where
        reversing.said.action = 'reverse'
        and reversing.verdict = 'approved'
        and reversed.verdict = 'approved'
        -- a month is taken up again by a decision of its own
        and reversed.said.action not in ('reverse', 'lock', 'reopen')
        and reversing.sequence > reversed.verdict_sequence

),

int_ledger__decisions as (

    select
        -- keys
        decided.decision_id,
        decided.sequence,
        decided.said.exception_id as exception_id,
        decided.said.level as level,
        decided.said.record_type as record_type,
        decided.said.record_key as record_key,
        decided.said.record_fingerprint as record_fingerprint,
        decided.said.reverses as reverses,
        reversals.reversed_by,
        -- what
        decided.said.action as action,
        decided.said.code as code,
        decided.amount,
        decided.currency,
        try_cast(decided.said.posted_on as date) as posted_on,
        decided.said.cause as cause,
        decided.said.note as note,
        decided.said.assignee as assignee,
        decided.said.field as field,
        decided.said.old_value as old_value,
        decided.said.new_value as new_value,
        decided.said.part_ref as part_ref,
        decided.content,
        -- who
        decided.person as maker,
        decided.said_at as made_at,
        decided.checker,
        decided.checked_at,
        decided.verdict,
        decided.verdict_note,
        decided.is_by_manager,
        case
            when not decided.is_sound or decided.verdict = 'rejected' or reversals.reversed_by is not null then 'rejected'
            when decided.verdict = 'approved' then 'effective'
            else 'proposed'
        end as state,
        -- where the log says that it counts, and that it does no more
        decided.verdict_sequence,
        decided.verdict_file_id,
        decided.verdict_row_number,
        decided.verdict_landed_on,
        reversals.verdict_sequence as reversal_sequence,
        reversals.verdict_file_id as reversal_file_id,
        reversals.verdict_row_number as reversal_row_number,
        reversals.verdict_landed_on as reversal_landed_on,
        -- provenance
        decided.chain_hash,
        decided.last_landed_on as landed_on
    from decided
    left join reversals on decided.decision_id = reversals.decision_id and reversals.reversal_no = 1

)

select * from int_ledger__decisions
