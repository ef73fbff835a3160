-- One row per record of the run's window whose versions are not numbered from 1 without a gap, do not follow each other in
-- time, or whose last one is not its only current one.
-- Everything that joins the ledger on record_key rests on this.
{{ config(meta={'dagster': {'ref': {'name': 'int_ledger__orders_versions'}}}) }}

{% for stream in stream_definitions() if stream_facts(stream).versions %}
select
    '{{ stream }}' as stream,
    record_key
from {{ ref('int_ledger__' ~ stream ~ '_versions') }}
where record_key in (
        select record_key from {{ ref('int_ledger__' ~ stream ~ '_versions') }} where {{ in_window('landed_on') }}
    )
group by record_key
having
    count(*) <> max(version)
    or count(distinct version) <> count(*)
    or sum(case when known_to is null then 1 else 0 end) <> 1
    or sum(case when known_to < known_from then 1 else 0 end) > 0
    or sum(case when known_to is null and version <> 1 and changed_columns is null then 1 else 0 end) > 0
{{ 'union all' if not loop.last }}
{% endfor %}
