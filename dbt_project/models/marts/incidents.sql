-- One row per incident: open exceptions of one signature, how much they are about, and whether they grow.
with

members as (

    select
        *,
        first_seen_on > {{ run_variable('today') }} - 7 as is_of_this_week,
        first_seen_on > {{ run_variable('today') }} - 14 and first_seen_on <= {{ run_variable('today') }} - 7 as is_of_last_week
    from {{ ref('int_exceptions__incidents') }}

),

causes as (

    select
        incident_id,
        cause,
        row_number() over (partition by incident_id order by count(*) desc, cause) as place
    from members
    group by incident_id, cause

),

incidents as (

    select
        incident_id,
        min(signature) as signature,
        min(code) as code,
        min(currency) as currency,
        min(first_seen_on) as first_seen_on,
        max(first_seen_on) as last_seen_on,
        count(*) as exception_count,
        count(distinct order_no) as order_count,
        count(distinct store) as store_count,
        sum(amount) as amount,
        count(case when is_of_this_week then 1 end) as this_week,
        count(case when is_of_last_week then 1 end) as last_week
    from members
    group by incident_id

)

select
    incidents.incident_id,
    incidents.signature,
    incidents.code,
    incidents.currency,
    incidents.first_seen_on,
    incidents.last_seen_on,
    incidents.exception_count,
    incidents.order_count,
    incidents.store_count,
    cast(incidents.amount as decimal(18, 2)) as amount,
    case
        when incidents.this_week = incidents.exception_count then 'new'
        when incidents.this_week > incidents.last_week then 'rising'
        when incidents.this_week < incidents.last_week then 'falling'
        else 'steady'
    end as trend,
    causes.cause as likely_cause
from incidents
inner join causes on incidents.incident_id = causes.incident_id and causes.place = 1
