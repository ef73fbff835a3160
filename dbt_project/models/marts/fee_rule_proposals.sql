-- One row per proposed fee rule, of a place and kind of fee that charges without a rule.
{% set cells = [
    'rule_id', 'platform', 'store', 'account', 'fee_type', 'category', 'base',
    without_pattern('cast(rate as string)', '0+$'), 'cast(fixed as string)', 'cast(minimum as string)',
    'cast(maximum as string)', 'cast(refundable as string)', 'cast(after_refunds as string)', 'date_basis',
    'cast(valid_from as string)', 'cast(valid_to as string)', 'evidence',
] %}
with

proposals as (

    select
        *,
        concat_ws(
            '_', platform, store, account, fee_type, lower(currency), replace(cast(valid_from as string), '-', '')
        ) as rule_id,
        cast(null as string) as category,
        cast(null as boolean) as refundable,
        'explains ' || explained_count || ' of ' || fee_count || ' charges, ' || explained_amount || ' of ' || charged_amount
        || ' ' || currency || '; other rules that explain as much: ' || alternatives as evidence
    from {{ ref('int_exceptions__fee_rule_proposals') }}

)

select
    rule_id,
    platform,
    store,
    account,
    fee_type,
    category,
    base,
    rate,
    fixed,
    minimum,
    maximum,
    refundable,
    after_refunds,
    date_basis,
    valid_from,
    valid_to,
    evidence,
    entity,
    currency,
    fee_count,
    explained_count,
    charged_amount,
    explained_amount,
    explained_share,
    other_count,
    other_amount,
    alternatives,
    {% for cell in cells %}
    {{ csv_cell(cell) }}{{ " || ',' ||" if not loop.last else ' as proposed_row' }}
    {% endfor %}
from proposals
