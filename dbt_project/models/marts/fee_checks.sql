-- One row per charged fee, with what the rule in force would have charged.
select
    record_type,
    record_key,
    entity,
    platform,
    store,
    account,
    currency,
    business_date,
    order_no,
    fee_type,
    cast(base_amount as decimal(18, 2)) as base,
    expected_amount as expected,
    charged_amount as charged,
    difference,
    rule_id,
    rule_version,
    implied_rate
from {{ ref('int_exceptions__fee_checks') }}
