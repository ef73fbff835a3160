-- One row per open exception that is not alone: those of one code, entity, place and currency are one incident.
with

open_ones as (

    select
        *,
        -- shops of one platform fail together; what is about an account or a connection is named by it
        code || '|' || coalesce(entity, '') || '|' || coalesce(account, platform, connection, '') || '|'
        || coalesce(currency, '') as signature
    from {{ ref('int_exceptions__all') }}
    -- a rule's children are explained by their parent
    where status not in ('timing', 'cleared') and parent_exception_id is null

),

together as (

    select signature
    from open_ones
    group by signature
    having count(*) > 1

),

int_exceptions__incidents as (

    select
        open_ones.exception_id,
        md5('incident|' || open_ones.signature) as incident_id,
        open_ones.signature,
        open_ones.code,
        open_ones.store,
        open_ones.order_no,
        open_ones.currency,
        open_ones.amount,
        open_ones.first_seen_on,
        open_ones.cause
    from open_ones
    inner join together on open_ones.signature = together.signature

)

select * from int_exceptions__incidents
