{#
    The CTEs behind `versions` of int_ledger__<stream>_versions: the accepted records of every key that the run touched,
    in order of receipt, equal neighbours collapsed into one version.
    The source's own time of change alone makes no version; what two people corrected makes one.
#}
{% macro ledger_versions(stream) %}
{% set facts = stream_facts(stream) %}
{% set columns = ledger_columns(stream) %}
{% set names = columns | map(attribute='name') | list %}
{% set content = names | reject('equalto', 'updated_at') | list + ['currency'] %}
{% set known = 'fresh' if 'updated_at' in names else 'told' %}
{% set records = ref('int_ledger__' ~ stream ~ '_records') %}
{{ corrections_of(stream) }}
{% if is_incremental() %}
touched as (

    select record_key from {{ records }}
    where {{ in_window('landed_on') }} and record_key is not null
    union
    select record_key from corrections
    where {{ in_window('landed_on') }} or {{ in_window('ended_landed_on') }}

),

-- the days on which earlier deliveries of those keys landed: few, and they prune the read
earlier_days as (

    select distinct landed_on from {{ records }}
    where not {{ in_window('landed_on') }} and record_key in (select record_key from touched)

),

received as (

    select * from {{ records }}
    where reject_column is null and {{ in_window('landed_on') }}
    union all
    select records.*
    from {{ records }} as records
    inner join earlier_days on records.landed_on = earlier_days.landed_on
    where records.reject_column is null and records.record_key in (select record_key from touched)

),
{% else %}
received as (

    select * from {{ records }} where reject_column is null

),
{% endif %}

{{ corrected_deliveries(stream, names) }}
{% if 'updated_at' in names %}
-- an older state that arrives later never overwrites a newer one
fresh as (

    select * from (
        select
            told.*,
            max(updated_at) over (
                partition by record_key
                order by told_file_id, updated_at nulls first, told_row_number
                rows between unbounded preceding and 1 preceding
            ) as newest_before
        from told
    ) as ordered
    where updated_at is null or newest_before is null or updated_at >= newest_before

),

{% endif %}
-- most records are delivered once: only the others pay for being put in order
repeated as (

    select record_key from {{ known }} group by record_key having count(*) > 1

),

sequenced as (

    select
        *,
        {{ content_of(content) }} as content
    from {{ known }}
    where record_key in (select record_key from repeated)

),

compared as (

    select
        *,
        lag(content) over (partition by record_key order by {{ receipt_order(names) }}) as previous,
        row_number() over (partition by record_key order by {{ receipt_order(names) }}) as place_no
    from sequenced

),

changed as (

    select * from compared where place_no = 1 or content is distinct from previous

),

versions as (

    select
        -- keys
        record_key,
        cast(row_number() over in_order as integer) as version,
        known_at as known_from,
        lead(known_at) over in_order as known_to,
        min(known_at) over (partition by record_key) as first_known_at,
        received_on,
        {{ carried_columns() }}
        case
            when place_no > 1
                then concat_ws(
                    ',',
                    {% for name in content %}
                    case when {{ name }} is distinct from previous.{{ name }} then '{{ name }}' end{{ ',' if not loop.last }}
                    {% endfor %}
                )
        end as changed_columns,
        -- the record
        {% for column in columns %}
        {% if facts.keeps and column.kind == 'ref' %}
        {{ last_known(column.name) }} over so_far as {{ column.name }}{{ ',' if not loop.last }}
        {% else %}
        {{ column.name }}{{ ',' if not loop.last }}
        {% endif %}
        {% endfor %}
    from changed
    window
        in_order as (partition by record_key order by {{ receipt_order(names) }}),
        so_far as (
            partition by record_key
            order by {{ receipt_order(names) }}
            rows between unbounded preceding and current row
        )
    union all
    select
        record_key,
        1 as version,
        known_at as known_from,
        cast(null as {{ type_moment() }}) as known_to,
        known_at as first_known_at,
        received_on,
        {{ carried_columns() }}
        cast(null as string) as changed_columns,
        {% for column in columns %}
        {{ column.name }}{{ ',' if not loop.last }}
        {% endfor %}
    from {{ known }}
    where record_key not in (select record_key from repeated)

)
{% endmacro %}

{# What a version carries over from its record as it is. #}
{% macro carried_columns() -%}
-- parties
        entity,
        platform,
        store,
        account,
        currency,
        connection,
        role,
        business_date,
        -- provenance
        file_id,
        row_number,
        landed_on,
{%- endmacro %}

{# The manifest's order; inside one file by the record's own time of change, then by row. #}
{% macro receipt_order(names) -%}
told_file_id, {{ 'updated_at nulls first, ' if 'updated_at' in names }}told_row_number
{%- endmacro %}

{# Some columns as one value that compares null-safe and field by field. #}
{% macro content_of(names) %}{{ return(adapter.dispatch('content_of')(names)) }}{% endmacro %}
{% macro duckdb__content_of(names) -%}
struct_pack({% for name in names %}{{ name }} := {{ name }}{{ ', ' if not loop.last }}{% endfor %})
{%- endmacro %}
{% macro default__content_of(names) -%}
named_struct({% for name in names %}'{{ name }}', {{ name }}{{ ', ' if not loop.last }}{% endfor %})
{%- endmacro %}

{# Whether a record's key is among those that this run has received. #}
{% macro is_touched(records, key='record_key') -%}
{{ key }} in (select record_key from {{ records }} where {{ in_window('landed_on') }} and record_key is not null)
{%- endmacro %}

{# Whether a record, or a part of one, was corrected in this run, or its correction taken back. #}
{% macro is_corrected(stream) -%}
record_key in (
    select case when part.no = 0 then record_key else part_key end
    from {{ ref('int_ledger__corrections') }}
    cross join (select 0 as no union all select 1 as no) as part
    where
        stream = '{{ stream }}'
        and ({{ in_window('landed_on') }} or {{ in_window('ended_landed_on') }})
        and (part.no = 0 or part_key is not null)
)
{%- endmacro %}

{#
    Before the touched keys are written again, they go; so does what stood in the window and has no key any more.
    Statements of their own, for each prunes by itself what all together do not.
#}
{% macro delete_touched(stream) -%}
{% if is_incremental() -%}
delete from {{ this }} where {{ is_touched(ref('int_ledger__' ~ stream ~ '_records')) }};
delete from {{ this }} where {{ in_window('landed_on') }};
delete from {{ this }} where {{ is_corrected(stream) }}
{%- endif %}
{%- endmacro %}

{# A stream that no configured source brings: the relation with its types, and no row. #}
{% macro empty_stream(stream, added={}) -%}
select
    cast(null as string) as record_key,
    cast(null as integer) as version,
    cast(null as {{ type_moment() }}) as known_from,
    cast(null as {{ type_moment() }}) as known_to,
    cast(null as {{ type_moment() }}) as first_known_at,
    cast(null as date) as received_on,
    {% for name in ['entity', 'platform', 'store', 'account', 'currency', 'connection', 'role'] %}
    cast(null as string) as {{ name }},
    {% endfor %}
    cast(null as date) as business_date,
    cast(null as integer) as file_id,
    cast(null as bigint) as row_number,
    cast(null as date) as landed_on,
    cast(null as string) as changed_columns,
    {% for column in ledger_columns(stream) %}
    cast(null as {{ column.type }}) as {{ column.name }}{{ ',' if not loop.last or added }}
    {% endfor %}
    {% for name, type in added.items() %}
    cast(null as {{ type }}) as {{ name }}{{ ',' if not loop.last }}
    {% endfor %}
where false
{%- endmacro %}
