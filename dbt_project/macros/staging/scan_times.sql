{#
    What the scans of a parcel say about it: the CTEs `timed`, `moved`, `received` and `records` behind a CTE
    `answers`.

    `answers` brings file_id, row_number, landed_on, waybill_no, carrier and `scans`, a list of {said, kind}. Kinds:
    label (the carrier has not got the parcel), unclear (a scan only once it has moved), seen (a scan that proves no
    pick-up), moved, delivered, returned. Scans count by instant, in whatever order they come and however often. What is
    delivered after it was sent back has come back to its sender. A text that is no time stands in last_scan_at, which
    rejects the row.
#}
{% macro received_scans() %}
timed as (

    select
        answers.*,
        {{ made_of_each(
            those_of('answers.scans', 'scan', "nullif(scan.said, '') is not null"), 'scan',
            record_of([('said', 'scan.said'), ('kind', 'scan.kind'), ('at', time_text('scan.said', "'UTC'"))]),
        ) }} as timed_scans
    from answers

),

moved as (

    select
        timed.*,
        {{ least_of(times_of("scan.kind in ('moved', 'delivered', 'returned')")) }} as moved_at,
        {{ least_of(times_of("scan.kind = 'returned'")) }} as sent_back_at,
        {{ made_of_each(those_of('timed_scans', 'scan', 'scan.at is null'), 'scan', 'scan.said') }} as no_times
    from timed

),

received as (

    select
        file_id,
        row_number,
        landed_on,
        waybill_no,
        carrier,
        {{ moment_text('moved_at') }} as picked_up_at,
        {{ moment_text(least_of(times_of("scan.kind = 'delivered' and coalesce(scan.at < sent_back_at, true)"))) }} as delivered_at,
        {{ moment_text('sent_back_at') }} as returned_at,
        coalesce(
            {{ first_of('no_times') }},
            {{ moment_text(greatest_of(times_of(
                "scan.kind in ('seen', 'moved', 'delivered', 'returned')"
                ~ " or (scan.kind = 'unclear' and coalesce(scan.at > moved_at, false))"
            ))) }}
        ) as last_scan_at
    from moved

),

{{ typed_records(
    'trackings',
    ['waybill_no', 'carrier', 'picked_up_at', 'delivered_at', 'returned_at', 'last_scan_at'],
    zone='UTC',
) }}
{% endmacro %}

{# The times of the scans for which a condition holds. #}
{% macro times_of(condition) -%}
{{ made_of_each(those_of('timed_scans', 'scan', condition), 'scan', 'scan.at') }}
{%- endmacro %}

{# The scans of an answer as a list of {said, kind}; a status that `kinds` does not name is `seen`. #}
{% macro scans_of(scans, time_path, status_path, kinds) -%}
{%- set kind -%}
case coalesce({{ json_text('scan', status_path) }}, '')
{%- for status, kind in kinds.items() %} when '{{ status }}' then '{{ kind }}'{% endfor %} else 'seen' end
{%- endset -%}
{{ made_of_each(scans, 'scan', record_of([('said', json_text('scan', time_path)), ('kind', kind)])) }}
{%- endmacro %}
