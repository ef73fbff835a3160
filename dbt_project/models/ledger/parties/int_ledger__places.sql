-- One row per store and per account: what a record inherits from the place it belongs to.
with

stores as (

    select * from {{ ref('int_ledger__stores') }}

),

accounts as (

    select * from {{ ref('int_ledger__accounts') }}

),

store_payments as (

    select * from {{ ref('int_ledger__store_payments') }}

),

uses as (

    select store, account from store_payments
    union
    select store, settles_into as account from stores where settles_into is not null

),

-- named only where there is no choice
only_store as (

    select account, min(store) as store from uses group by account having count(*) = 1

),

only_payment_account as (

    select store, min(account) as account from store_payments group by store having count(*) = 1

),

int_ledger__places as (

    select
        'store' as kind,
        stores.store as place,
        stores.entity,
        stores.platform,
        cast(null as string) as currency,
        stores.settles_into,
        only_payment_account.account as only_payment_account,
        cast(null as string) as only_store
    from stores
    left join only_payment_account on stores.store = only_payment_account.store
    union all
    select
        'account' as kind,
        accounts.account as place,
        accounts.entity,
        accounts.platform,
        accounts.currency,
        cast(null as string) as settles_into,
        cast(null as string) as only_payment_account,
        only_store.store as only_store
    from accounts
    left join only_store on accounts.account = only_store.account

)

select * from int_ledger__places
