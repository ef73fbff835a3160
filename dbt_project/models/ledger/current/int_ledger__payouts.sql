-- One row per payout: as delivered, or, for an account that delivers none, made from the wallet flow that paid it out.
with

payouts as (

    select * from {{ ref('int_ledger__payouts_versions') }}
    where known_to is null

),

flows as (

    select * from {{ ref('int_ledger__fund_flows_versions') }}
    where known_to is null and category = 'payout' and direction = 'out'

),

accounts as (

    select * from {{ ref('int_ledger__accounts') }}

),

numbered as (

    select
        flows.*,
        coalesce(flows.payout_no, flows.business_ref, flows.flow_no) as own_no,
        accounts.pays_out_to
    from flows
    inner join accounts on flows.account = accounts.account
    where flows.account not in (select account from payouts where account is not null)

),

-- a number that the wallet pays out again is a payout of its own
derived as (

    select
        *,
        own_no || case
            when row_number() over (partition by account, own_no order by occurred_at, flow_no) > 1
                then '|' || flow_no
            else ''
        end as own_key
    from numbered

),

int_ledger__payouts as (

    select
        payouts.*,
        cast(null as string) as derived_from_flow_key
    from payouts
    union all
    select
        {{ payout_of_flow() }}
    from derived

)

select * from int_ledger__payouts
