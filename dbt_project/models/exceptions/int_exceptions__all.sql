-- One row per exception of any level under its stable number, with names, owner, dates and evidence.
{%- set steps = ['source'] + matching_levels() + ['moves', 'fees', 'bills'] %}
{%- set columns = [
    'connection', 'entity', 'platform', 'store', 'account', 'currency', 'business_date', 'received_on', 'file_id', 'row_number',
] %}
with

every_level as (
{% for step in steps %}
    select * from {{ ref('int_exceptions__' ~ step) }}
    {% if not loop.last %}union all{% endif %}
{% endfor %}
),

numbered as (

    select
        md5(
            level || '|' || anchor_type || '|' || anchor_key || case when is_tag then '|' || code else '' end
        ) as exception_id,
        *
    from every_level

),

codes as (

    select * from {{ ref('exception_codes') }}

),

owners as (

    select
        code,
        min(severity) as severity,
        min(role) as role,
        min(person) as person,
        min(sla_hours) as sla_hours
    from {{ ref('int_ledger__owners') }}
    group by code

),

-- what is matched, and the bills of suppliers and promoters, which are not
known_records as (

    select record_type, record_key, source_no, order_no, counterparty, {{ columns | join(', ') }}
    from {{ ref('int_matching__records') }}
    union all
    select
        'invoice' as record_type,
        record_key,
        invoice_no as source_no,
        order_no,
        counterparty,
        {{ columns | join(', ') }}
    from {{ ref('int_ledger__invoices') }}
    where kind in ('purchase', 'fee')
    union all
    select
        'commission_bill' as record_type,
        record_key,
        bill_no as source_no,
        order_no,
        cast(null as string) as counterparty,
        {{ columns | join(', ') }}
    from {{ ref('int_ledger__commission_bills') }}

),

records as (

    select records.*, files.sha256
    from known_records as records
    left join {{ ref('int_ledger__files') }} as files on records.file_id = files.file_id

),

match_records as (

    select
        legs.level,
        legs.match_key,
        case when legs.side = 'left' then records.source_no end as left_no,
        case when legs.side = 'right' then records.source_no end as right_no,
        case when legs.side = 'left' then legs.amount end as left_amount,
        case when legs.side = 'right' then legs.amount end as right_amount,
        '{"sha256": "' || records.sha256 || '", "row": ' || records.row_number || '}' as place
    from {{ ref('int_matching__legs') }} as legs
    inner join (select distinct level, match_key from numbered where match_key is not null) as wanted
        on legs.level = wanted.level and legs.match_key = wanted.match_key
    inner join records on legs.record_type = records.record_type and legs.record_key = records.record_key

),

-- numbers, money and files of both sides of a finding's match
match_sides as (

    select
        level,
        match_key,
        {{ listed_once('left_no', ' ') }} as left_key,
        {{ listed_once('right_no', ' ') }} as right_key,
        sum(left_amount) as left_amount,
        sum(right_amount) as right_amount,
        {{ listed_once('place', ', ') }} as evidence
    from match_records
    group by level, match_key

),

joined as (

    select
        numbered.*,
        case
            when numbered.level = 'fee' then {{ without_last_part('numbered.anchor_key') }} else numbered.anchor_key
        end as anchor_record_key,
        records.entity,
        records.platform,
        records.store,
        coalesce(numbered.account, records.account) as account_code,
        records.connection,
        records.order_no,
        records.source_no,
        records.counterparty,
        records.currency,
        records.business_date,
        records.received_on,
        records.sha256,
        records.row_number,
        open_items.side,
        open_items.expected_on,
        match_sides.left_key as match_left_key,
        match_sides.right_key as match_right_key,
        -- of a charge: what its rule expects, and what was taken
        coalesce(match_sides.left_amount, charges.expected_amount) as match_left_amount,
        coalesce(match_sides.right_amount, charges.charged_amount) as match_right_amount,
        match_sides.evidence as match_evidence,
        candidates.nearest_candidates
    from numbered
    left join records
        on
            numbered.anchor_type = records.record_type
            and case when numbered.level = 'fee' then {{ without_last_part('numbered.anchor_key') }} else numbered.anchor_key end
            = records.record_key
    left join {{ ref('int_matching__open') }} as open_items
        on
            numbered.level = open_items.level
            and numbered.anchor_type = open_items.record_type
            and numbered.anchor_key = open_items.record_key
    left join match_sides on numbered.level = match_sides.level and numbered.match_key = match_sides.match_key
    left join {{ ref('int_exceptions__fee_checks') }} as charges
        on
            case when numbered.level = 'fee' then numbered.anchor_key end
            = charges.record_key || '|' || charges.fee_type
            and numbered.anchor_type = charges.record_type
    left join {{ ref('int_exceptions__candidates') }} as candidates
        on
            numbered.level = candidates.level
            and numbered.anchor_type = candidates.record_type
            and numbered.anchor_key = candidates.record_key

),

-- where no record tells, the account or connection does
placed as (

    select
        joined.*,
        coalesce(joined.entity, accounts.entity, connections.entity) as entity_code,
        coalesce(joined.platform, accounts.platform, connections.platform) as platform_code,
        coalesce(joined.currency, accounts.currency, connections.currency, {{ run_variable('base_currency') }})
            as currency_code,
        case when joined.anchor_type = 'bill' then split_part(joined.anchor_key, '|', 1) end as bill_connection,
        case
            when joined.anchor_type = 'bill' then cast(split_part(joined.anchor_key, '|', 3) as date)
        end as bill_day
    from joined
    left join {{ ref('int_ledger__accounts') }} as accounts on joined.account_code = accounts.account
    left join {{ ref('int_ledger__connections') }} as connections
        on case when joined.anchor_type = 'bill' then split_part(joined.anchor_key, '|', 1) end = connections.connection

),

-- what a person sees who decides about it: where it changes, what was decided does not hold any more
printed as (

    select
        placed.*,
        md5(
            {% for column in [
                'anchor_type', 'anchor_key', 'source_no', 'counterparty', 'currency_code', 'business_date', 'amount',
            ] %}
            coalesce(cast(placed.{{ column }} as string), '') || '|' ||
            {% endfor %}
            case
                when placed.match_key is null then ''
                else coalesce(cast(placed.difference as string), '') || '|' || coalesce(placed.match_left_key, '')
                    || '|' || coalesce(placed.match_right_key, '')
            end
        ) as record_fingerprint
    from placed

),

-- who puts records together decides about the exception of each
about as (

    select
        *,
        exception_id as about_id,
        record_fingerprint as about_fingerprint
    from {{ ref('int_ledger__decisions') }}
    union all
    select decisions.*, members.exception_id, members.record_fingerprint
    from {{ ref('int_ledger__decisions') }} as decisions
    inner join {{ ref('int_ledger__decision_members') }} as members
        on decisions.decision_id = members.decision_id and decisions.exception_id <> members.exception_id

),

-- decisions about an exception as it is now; the newest of its kind counts
holding as (

    select
        printed.exception_id,
        decisions.decision_id,
        decisions.action,
        decisions.state,
        decisions.posted_on,
        decisions.assignee,
        decisions.cause,
        decisions.amount as decided_amount,
        {{ day_of(['decisions.checked_at']) }} as checked_on,
        row_number() over (
            partition by printed.exception_id, decisions.state, decisions.action order by decisions.sequence desc
        ) as newest_of_action,
        row_number() over (
            partition by printed.exception_id, decisions.state, case when decisions.cause is not null then 1 else 0 end
            order by decisions.sequence desc
        ) as newest_with_cause
    from printed
    inner join about as decisions
        on
            printed.exception_id = decisions.about_id
            and printed.record_fingerprint = decisions.about_fingerprint
    where
        decisions.state in ('effective', 'proposed')
        and decisions.reverses is null
        -- more is not given up than there is, and a bill that is missing is not made good by a word
        and (
            decisions.action <> 'write_off'
            or (decisions.amount <= printed.amount and decisions.currency = printed.currency_code)
        )
        and (decisions.action <> 'accept_timing' or printed.anchor_type <> 'bill')

),

standing as (

    select
        exception_id,
        {% for name, action, fact in [
            ('written_off_by', 'write_off', 'decision_id'),
            ('written_off_on', 'write_off', 'checked_on'),
            ('accepted_until', 'accept_timing', 'cast(posted_on + 1 as date)'),
            ('assignee', 'assign', 'assignee'),
        ] %}
        max(case when state = 'effective' and action = '{{ action }}' and newest_of_action = 1 then {{ fact }} end) as {{ name }},
        {% endfor %}
        cast(sum(case when state = 'effective' and action = 'write_off' then decided_amount else 0 end) as decimal(18, 2))
            as written_off_amount,
        max(case when state = 'effective' and newest_with_cause = 1 then cause end) as cause,
        bool_or(state = 'effective' and action = 'dispute') as is_disputed,
        bool_or(state = 'effective' and action in ('assign', 'cause')) as is_acknowledged,
        bool_or(state = 'proposed') as is_proposed
    from holding
    group by exception_id

),

decided as (

    select
        printed.*,
        coalesce(
            printed.cleared_on, case when standing.written_off_amount >= printed.amount then standing.written_off_on end
        ) as closed_on,
        case
            when printed.cleared_on is null and standing.written_off_amount >= printed.amount then standing.written_off_by
        end as written_off_by,
        coalesce(standing.written_off_amount, 0) as written_off_amount,
        case
            when standing.accepted_until is null then printed.breaks_on
            else greatest(coalesce(printed.breaks_on, standing.accepted_until), standing.accepted_until)
        end as last_breaks_on,
        printed.is_waiting or coalesce({{ run_variable('today') }} < standing.accepted_until, false) as is_in_time,
        case
            when printed.cleared_on is not null then 'cleared'
            when printed.is_waiting then 'timing'
            else 'open'
        end as undecided_status,
        case
            when standing.is_disputed then 'approved'
            when standing.is_proposed then 'proposed'
            when standing.is_acknowledged then 'acknowledged'
            else 'open'
        end as open_status,
        standing.assignee,
        standing.cause as decided_cause
    from printed
    left join standing on printed.exception_id = standing.exception_id

),

dated as (

    select
        decided.*,
        case
            when decided.is_waiting then coalesce(decided.received_on, decided.evident_on)
            else decided.evident_on
        end as first_seen_on,
        case
            when decided.closed_on is not null then 'cleared'
            when decided.is_in_time then 'timing'
            else decided.open_status
        end as status
    from decided

),

deadlines as (

    select
        dated.exception_id,
        min(ends.day) as due_on
    from dated
    inner join codes on dated.code = codes.code
    left join owners on dated.code = owners.code
    inner join {{ ref('int_ledger__calendar') }} as starts
        on starts.calendar = 'CN' and dated.first_seen_on = starts.day
    inner join {{ ref('int_ledger__calendar') }} as ends
        on
            ends.calendar = 'CN'
            and ends.is_open
            and ends.open_index = starts.open_index
            + cast(ceil(coalesce(owners.sla_hours, codes.sla_hours) * cast(0.125 as decimal(4, 3))) as bigint)
    where dated.status not in ('timing', 'cleared')
    group by dated.exception_id

),

int_exceptions__all as (

    select
        dated.exception_id,
        dated.code,
        codes.name,
        codes.name_zh,
        dated.kind,
        -- a step may raise what its code says, never lower it; S1 is the gravest
        least(coalesce(owners.severity, codes.severity), coalesce(dated.raised_severity, 'S4')) as severity,
        dated.status,
        dated.level,
        dated.entity_code as entity,
        dated.platform_code as platform,
        dated.store,
        dated.account_code as account,
        coalesce(dated.connection, dated.bill_connection) as connection,
        dated.order_no,
        coalesce(dated.left_key, dated.match_left_key, case when dated.side = 'left' then dated.source_no end) as left_key,
        coalesce(
            dated.right_key, dated.match_right_key,
            case when dated.side = 'right' or (dated.side is null and dated.match_key is null) then dated.source_no end
        ) as right_key,
        coalesce(
            dated.match_left_amount, case when dated.kind = 'open' and dated.side = 'left' then dated.amount end
        ) as left_amount,
        coalesce(
            dated.match_right_amount,
            case when dated.kind = 'open' and (dated.side = 'right' or dated.side is null) then dated.amount end
        ) as right_amount,
        dated.counterparty,
        dated.currency_code as currency,
        dated.amount,
        case when dated.status = 'cleared' then 0 else dated.amount - dated.written_off_amount end as open_amount,
        dated.difference,
        coalesce(dated.business_date, dated.bill_day, dated.evident_on) as business_date,
        dated.first_seen_on,
        dated.closed_on as last_seen_on,
        case when dated.is_in_time then dated.last_breaks_on end as breaks_on,
        deadlines.due_on,
        case
            when dated.status in ('timing', 'cleared') or deadlines.due_on is null then 'none'
            when {{ run_variable('today') }} > deadlines.due_on then 'overdue'
            else 'in_time'
        end as sla_state,
        greatest(0, {{ days_from('dated.first_seen_on', 'coalesce(dated.closed_on, ' ~ run_variable('today') ~ ')') }}) as days_open,
        coalesce(owners.role, codes.role) as owner,
        coalesce(dated.assignee, owners.person) as assignee,
        coalesce(dated.decided_cause, case when dated.is_in_time then 'timing' else codes.usual_cause end) as cause,
        dated.explanation,
        dated.explanation_zh,
        dated.nearest_candidates,
        codes.suggested_action,
        codes.suggested_action_zh,
        case when dated.parent_key is not null then md5('fee|rule|' || dated.parent_key) end as parent_exception_id,
        dated.closed_on as cleared_on,
        coalesce(dated.written_off_by, case when dated.closed_on is not null then 'match' end) as cleared_by,
        '[' || coalesce(
            dated.match_evidence,
            case
                when dated.sha256 is not null
                    then '{"sha256": "' || dated.sha256 || '", "row": ' || dated.row_number || '}'
            end,
            ''
        ) || ']' as evidence,
        dated.undecided_status,
        dated.record_fingerprint,
        dated.anchor_type,
        dated.anchor_key,
        dated.anchor_record_key,
        dated.match_key
    from dated
    left join codes on dated.code = codes.code
    left join owners on dated.code = owners.code
    left join deadlines on dated.exception_id = deadlines.exception_id

)

select * from int_exceptions__all
