-- One row per record that a decision puts together with others or takes apart from them, as its maker saw it.
{{ config(materialized='table') }}
with

listed as (

    select
        decision_id,
        {{ each_item(json_field_list('content', '$.members', [
            'record_type', 'record_key', 'sha256', 'row', 'exception_id', 'record_fingerprint',
        ])) }} as member
    from {{ ref('int_ledger__decisions') }}
    where action in ('manual_match', 'unmatch')

),

int_ledger__decision_members as (

    select
        decision_id,
        member.record_type as record_type,
        member.record_key as record_key,
        member.sha256 as sha256,
        member.row as row_text,
        member.exception_id as exception_id,
        member.record_fingerprint as record_fingerprint
    from listed

)

select * from int_ledger__decision_members
