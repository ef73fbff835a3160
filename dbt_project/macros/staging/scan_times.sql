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
        [
            {'said': scan.said, 'kind': scan.kind, 'at': {{ time_text('scan.said', "'UTC'") }}}
            for scan in answers.scans if nullif(scan.said, '') is not null
        ] as timed_scans
    from answers

),

moved as (

    select
        timed.*,
        list_min([scan.at for scan in timed_scans if scan.kind in ('moved', 'delivered', 'returned')]) as moved_at,
        list_min([scan.at for scan in timed_scans if scan.kind = 'returned']) as sent_back_at,
        [scan.said for scan in timed_scans if scan.at is null] as no_times
    from timed

),

received as (

    select
        file_id,
        row_number,
        landed_on,
        waybill_no,
        carrier,
        cast(moved_at as string) as picked_up_at,
        cast(list_min(
            [scan.at for scan in timed_scans if scan.kind = 'delivered' and coalesce(scan.at < sent_back_at, true)]
        ) as string) as delivered_at,
        cast(sent_back_at as string) as returned_at,
        coalesce(
            no_times[1],
            cast(list_max([
                scan.at for scan in timed_scans
                if scan.kind in ('seen', 'moved', 'delivered', 'returned')
                    or (scan.kind = 'unclear' and coalesce(scan.at > moved_at, false))
            ]) as string)
        ) as last_scan_at
    from moved

),

{{ typed_records(
    'trackings',
    ['waybill_no', 'carrier', 'picked_up_at', 'delivered_at', 'returned_at', 'last_scan_at'],
    zone='UTC',
) }}
{% endmacro %}
