-- One row per record of a closed thread that is taken up again, because one of its numbers arrived or its scope changed.
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    post_hook="{{ take_out_of_closed() }}",
) }}
{% set streams = dict(threaded_streams(), **telling_streams()) %}
with

arrived as (

    {% for stream in streams if is_fed(stream) %}
    {{ numbers_of(stream, ref('int_ledger__' ~ stream ~ '_records'), 'record_key is not null and ' ~ in_window('landed_on')) }}
    union all
    {% endfor %}
    -- what is decided about a record
    select
        record_type || 's' as stream,
        record_key,
        landed_on,
        {{ number_key("record_type || 's|' || record_key") }} as node,
        {{ number_key("record_type || 's|' || record_key") }} as number
    from {{ ref('int_ledger__decisions') }}
    where record_key is not null and {{ in_window('landed_on') }}
    union all
    -- the number that a record is given
    select
        stream,
        record_key,
        landed_on,
        {{ number_key("stream || '|' || record_key") }} as node,
        {{ number_key('coalesce(part_ref, new_value)') }} as number
    from {{ ref('int_ledger__corrections') }}
    where {{ in_window('landed_on') }}
    union all
    -- what two people put together or took apart
    select
        members.record_type || 's' as stream,
        members.record_key,
        decisions.landed_on,
        {{ number_key("members.record_type || 's|' || members.record_key") }} as node,
        {{ number_key("members.record_type || 's|' || members.record_key") }} as number
    from {{ ref('int_ledger__decision_members') }} as members
    inner join {{ ref('int_ledger__decisions') }} as decisions on members.decision_id = decisions.decision_id
    where {{ in_window('decisions.landed_on') }}

),

scope as (

    select md5({{ listed("fact || '|' || coalesce(place, '')", ' ', "fact, place") }}) as scope
    from {{ ref('int_ledger__scope') }}

),

threads as (

    select thread from {{ source('closed', 'numbers') }}
    where number in (select number from arrived)
    union
    select thread from {{ source('closed', 'records') }}
    where {{ in_window('landed_on') }}
    union
    select records.thread
    from {{ source('closed', 'records') }} as records
    cross join scope
    inner join {{ source('closed', 'state') }} as state on state.scope <> scope.scope

),

int_ledger__reopened as (

    select stream, record_key, thread, landed_on, closed_in
    from {{ source('closed', 'records') }}
    where thread in (select thread from threads)

)

select * from int_ledger__reopened
