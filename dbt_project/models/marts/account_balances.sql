-- One row per account and day: what it opened with, what moved, and whether that leads to the balance the source states.
select
    account,
    day,
    entity,
    currency,
    opening_balance,
    in_amount,
    out_amount,
    closing_balance,
    stated_closing_balance,
    difference
from {{ ref('int_matching__account_balances') }}
