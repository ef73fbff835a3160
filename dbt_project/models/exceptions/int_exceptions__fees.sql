-- One row per fee, returned fee or commission beyond tolerance, and per rule that is no longer kept: its rate or its lag.
with

changes as (

    select * from {{ ref('int_exceptions__rule_changes') }}

),

-- E208: another rate explains every deviating charge
rule_change as (

    select
        {{ exception_columns(
            'fee', "'E208'", 'finding', "'rule'", "rule_id || '|' || charged_by", 'amount',
            evident_on='received_on', difference='difference', left_key='rule_id', account='account',
            explanation="fee_count || ' charges since ' || business_date || ' follow ' || new_rate || ' instead of ' || old_rate",
            explanation_zh="'自 ' || business_date || ' 起 ' || fee_count || ' 笔收费按 ' || new_rate || ' 计，规则为 ' || old_rate"
        ) }}
    from changes

),

-- E208: the money comes two or more days off, by the median
lag_shift as (

    select
        {{ exception_columns(
            'fee', "'E208'", 'finding', "'rule'", 'lag_key', '0', evident_on='evident_on',
            left_key='coalesce(rule_id, place)', account='account',
            explanation="event_count || ' ' || kind || 's of ' || place || ' since ' || business_date || ' are off: a median of ' || median_days || ' ' || day_word || ' instead of ' || usual_days",
            explanation_zh="place || ' 自 ' || business_date || ' 起 ' || event_count || ' 笔' || " ~ in_chinese('kind') ~ " || '到账日偏离：中位数 ' || median_days || case day_word when 'day(s)' then ' 天' else ' 个工作日' end || '，原为 ' || usual_days"
        ) }}
    from {{ ref('int_exceptions__lag_shifts') }}

),

-- E201, E210: one charge, or one premium of freight insurance, is not what the rule says
fee_diff as (

    select
        {{ exception_columns(
            'fee', "case checks.fee_type when 'freight_insurance' then 'E210' else 'E201' end", 'finding', 'checks.record_type', "checks.record_key || '|' || checks.fee_type",
            'abs(checks.difference)', evident_on='checks.received_on', difference='checks.difference',
            left_key='checks.source_no', account='checks.account',
            explanation="'Charged ' || checks.charged_amount || ' on ' || checks.base_amount || ', the rule says ' || checks.expected_amount",
            explanation_zh="'按 ' || checks.base_amount || ' 收取 ' || checks.charged_amount || '，规则应收 ' || checks.expected_amount",
            parent="changes.rule_id || '|' || changes.charged_by"
        ) }}
    from {{ ref('int_exceptions__fee_checks') }} as checks
    left join changes
        on checks.rule_id = changes.rule_id and coalesce(checks.account, checks.store, '') = changes.charged_by
    where checks.is_beyond

),

-- E005: two rules of one charge, or of one waybill's price, that fit equally well; none of them is used
tied_rules as (

    select
        tied_rules,
        sum(charged_amount) as amount,
        count(*) as fee_count,
        min(account) as account,
        max(received_on) as received_on
    from (
        select tied_rules, charged_amount, account, received_on from {{ ref('int_exceptions__fee_checks') }}
        union all
        select tied_rules, billed_amount, cast(null as string) as account, received_on
        from {{ ref('int_exceptions__freight_checks') }}
    ) as charges
    where tied_rules is not null
    group by tied_rules

),

unknown_type as (

    select
        {{ exception_columns(
            'fee', "'E005'", 'finding', "'rule'", 'tied_rules', 'amount', evident_on='received_on',
            left_key='tied_rules', account='account',
            explanation="'The rules ' || tied_rules || ' fit ' || fee_count || ' charges equally well'",
            explanation_zh="'规则 ' || tied_rules || ' 同样符合 ' || fee_count || ' 笔收费'"
        ) }}
    from tied_rules

),

-- E202: the fee of a refund did not come back, or not so much
fee_return_diff as (

    select
        {{ exception_columns(
            'fee', "'E202'", 'finding', 'anchor_type', 'anchor_key', 'abs(difference)',
            is_waiting='coalesce(' ~ run_variable('today') ~ ' < breaks_on, false)', breaks_on='breaks_on',
            evident_on='greatest(received_on, coalesce(breaks_on, received_on))', difference='difference',
            left_key='source_no', account='account',
            explanation="'Of the fee ' || returned_amount || ' came back, rule ' || rule_id || ' says ' || expected_amount",
            explanation_zh="'手续费退回 ' || returned_amount || '，按规则 ' || rule_id || ' 应退 ' || expected_amount"
        ) }}
    from {{ ref('int_exceptions__fee_return_checks') }}
    where is_beyond

),

-- E207: the bill of affiliates, creators and agencies is not what the platform took for them
commission_diff as (

    select
        {{ exception_columns(
            'fee', "'E207'", 'finding', "'order'", "order_key || '|bill_of_' || component", 'abs(difference)',
            evident_on='received_on', difference='difference', left_key='order_no', right_key='bill_no',
            explanation="'Charged ' || component || ' ' || charged_amount || ', billed ' || billed_amount",
            explanation_zh=in_chinese('component') ~ " || '：平台收取 ' || charged_amount || '，账单 ' || billed_amount"
        ) }}
    from {{ ref('int_exceptions__commission_checks') }}
    where is_beyond

),

int_exceptions__fees as (

    {% for step in ['rule_change', 'lag_shift', 'unknown_type', 'fee_diff', 'fee_return_diff', 'commission_diff'] %}
    select * from {{ step }}
    {{ 'union all' if not loop.last }}
    {% endfor %}

)

select * from int_exceptions__fees
