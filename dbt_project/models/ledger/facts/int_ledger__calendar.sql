-- One row per calendar and day from 2015 to 2037: open on weekdays, unless the bank calendar says otherwise.
{{ config(materialized='table') }}

with

exceptions as (

    select * from {{ ref('int_ledger__bank_calendar') }}

),

calendars as (

    select calendar from {{ ref('int_ledger__accounts') }} where calendar is not null
    union
    select calendar from exceptions

),

days as (

    select cast(day as date) as day from {{ days_between('2015-01-01', '2037-12-31') }}

),

judged as (

    select
        calendars.calendar,
        days.day,
        coalesce(exceptions.is_open, {{ day_of_week('days.day') }} < 6) as is_open
    from calendars
    cross join days
    left join exceptions on calendars.calendar = exceptions.calendar and days.day = exceptions.day

),

int_ledger__calendar as (

    select
        calendar,
        day,
        is_open,
        cast(sum(case when is_open then 1 else 0 end) over (
            partition by calendar order by day rows between unbounded preceding and current row
        ) as bigint) as open_index
    from judged

)

select * from int_ledger__calendar
order by calendar, day
