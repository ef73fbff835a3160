{# The raw tables of configured sources, each once: list of {source, table}. #}
{% macro raw_tables() %}
{% set seen, found = [], [] %}
{% set configured = env_var('TIEOUT_SOURCES', '').split(',') %}
{% for source_name, streams in var('ledger_sources').items() if source_name in configured %}
    {% for feed in streams.values() | list + var('more_raw_tables').get(source_name, []) %}
        {% set table = feed.raw.split('/')[1] %}
        {% if source_name ~ '/' ~ table not in seen %}
            {% do seen.append(source_name ~ '/' ~ table) %}
            {% do found.append({'source': source_name, 'table': table}) %}
        {% endif %}
    {% endfor %}
{% endfor %}
{{ return(found) }}
{% endmacro %}

{# How many ledger rows one raw row must become, told by the raw row alone. #}
{% macro row_count_of(feed) -%}
{%- if feed.unnests -%} coalesce({{ json_length('record', feed.unnests) }}, 0)
{%- else -%} {{ of_raw_row(feed.rows or '1') }}
{%- endif -%}
{%- endmacro %}

{# What `ledger_sources` says of a raw row, as SQL: a macro's name, or SQL with {$.path}, {has $.path} and {zero text}. #}
{% macro of_raw_row(said) %}
{% if said in context %}{{ return(context[said]()) }}{% endif %}
{% set sql = namespace(text=said) %}
{% for kind, pattern in [('text', '[{]([$][^{}]*)[}]'), ('has', '[{]has ([$][^{}]*)[}]'), ('zero', '[{]zero ([^{}]*)[}]')] %}
    {% for part in modules.re.finditer(pattern, sql.text) | list %}
        {% set made = is_zero_text(part[1]) if kind == 'zero' else json_has('record', part[1]) if kind == 'has' else json_text('record', part[1]) %}
        {% set sql.text = sql.text.replace(part[0], made) %}
    {% endfor %}
{% endfor %}
{{ return(sql.text) }}
{% endmacro %}

{# The parts of a settlement row that are not zero, and what they leave of its amount. #}
{% macro douyin_settlement_rows() -%}
case
            when {{ json_text('record', '$.flow_no') }} is null
                then 1
                {%- for name in [
                    'post_amount', 'platform_coupon', 'refund_before_settle', 'platform_service_fee', 'commission',
                    'good_learn_channel_fee', 'colonel_service_fee', 'channel_promotion_fee', 'other_sharing_amount',
                    'packing_amount',
                ] %} + cast(not {{ is_zero_text(json_text('record', '$.' ~ name)) }} as integer){% endfor %}

            when coalesce(nullif({{ json_text('record', '$.sub_order_no') }}, ''), nullif({{ json_text('record', '$.shop_order_no') }}, '')) is null
                then 0
            else 1
                {%- for name in [
                    'freight_part', 'freight_subsidy_part', 'platform_part', 'refund_part', 'platform_fee_part',
                    'creator_fee_part', 'channel_fee_part', 'recruiter_fee_part', 'agency_fee_part', 'promotion_fee_part',
                    'other_fee_part',
                ] %} + cast(not {{ is_zero_text(json_text('record', '$.' ~ name)) }} as integer){% endfor %}

        end
{%- endmacro %}

{% macro jd_waybill_count() -%}
{{ length_of(jd_waybills(json_text('record', '$.waybill'))) }}
{%- endmacro %}

{% macro shopify_parcel_count() -%}
coalesce({{ length_of(json_inner_list('record', '$.fulfillments', 'trackingInfo')) }}, 0)
{%- endmacro %}

{% macro woocommerce_parcel_count() -%}
(
            select coalesce(sum({{ json_length('note', '$.value') }}), 0)
            from {{ each_item(json_list('record', '$.meta_data')) }} as notes (note)
            where {{ json_text('note', '$.key') }} = '_wc_shipment_tracking_items'
        )
{%- endmacro %}

{# raw → staged, counted from the raw rows themselves: every one is accepted or in quarantine, money likewise. #}
{% macro staged_counts(stream) %}
{% set facts = stream_facts(stream) %}
{% set window %}{% if is_incremental() %}where {{ in_window('landed_on') }}{% endif %}{% endset %}
received_{{ stream }} as (

    {% for feed in feeds(stream) %}
    select
        file_id,
        landed_on,
        row_number,
        {{ row_count_of(feed) }} as row_count,
        -- money is followed where the source tells in which cell its amount stands
        {{ 'true' if facts.amount and feed.amount else 'false' }} as is_followed,
        {{ signed_text(bare('(' ~ of_raw_row(feed.amount) ~ ')')) if facts.amount and feed.amount else 'cast(null as decimal(18, 2))' }} as amount
    from {{ source(feed.source, feed.source ~ '__' ~ feed.raw.split('/')[1]) }}
    {{ window }}
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

decided_{{ stream }} as (

    select
        file_id,
        landed_on,
        row_number,
        min(currency) as currency,
        count(*) as row_count,
        sum(case when reject_column is not null then 1 else 0 end) as rejected_count,
        {{ 'sum(case when reject_column is null then ' ~ facts.amount ~ ' end)' if facts.amount else 'cast(null as decimal(38, 2))' }} as amount
    from {{ ref('int_ledger__' ~ stream ~ '_records') }}
    {{ window }}
    group by file_id, landed_on, row_number

),

staged_{{ stream }} as (

    select
        received.file_id,
        received.landed_on,
        '{{ stream }}' as stream,
        decided.currency,
        'staged' as stage,
        sum(received.row_count) as rows_in,
        sum(coalesce(decided.row_count - decided.rejected_count, 0)) as rows_out,
        sum(coalesce(decided.rejected_count, 0)) as rows_quarantined,
        0 as rows_excluded,
        sum(case when coalesce(decided.rejected_count, 0) = 0 then received.amount end) as amount_in,
        sum(case when received.is_followed then decided.amount end) as amount_out
    from received_{{ stream }} as received
    left join decided_{{ stream }} as decided
        on received.file_id = decided.file_id and received.row_number = decided.row_number
    group by received.file_id, received.landed_on, decided.currency

),

{% endmacro %}

{# staged → ledger: every accepted record is a version, or repeats or is older than one that is already known. #}
{% macro ledger_counts(stream) %}
{% set facts = stream_facts(stream) %}
{% set window %}{% if is_incremental() %}and {{ in_window('landed_on') }}{% endif %}{% endset %}
accepted_{{ stream }} as (

    select file_id, landed_on, row_number, record_key, currency, {{ facts.amount or 'cast(null as decimal(18, 2))' }} as amount
    from {{ ref('int_ledger__' ~ stream ~ '_records') }}
    where record_key is not null {{ window }}

),

-- versions that no source delivered
told_by_two_{{ stream }} as (

    select record_key, known_at as told_at
    from {{ ref('int_ledger__corrections') }}
    where stream = '{{ stream }}'
    union all
    select record_key, ended_at as told_at
    from {{ ref('int_ledger__corrections') }}
    where stream = '{{ stream }}' and ended_at is not null

),

kept_{{ stream }} as (

    select file_id, row_number, record_key, {{ facts.amount or 'cast(null as decimal(18, 2))' }} as amount
    from {{ ref('int_ledger__' ~ stream ~ '_versions') }}
    where (record_key, known_from) not in (select record_key, told_at from told_by_two_{{ stream }}) {{ window }}

),

-- what two people made of an amount is no loss of ours
corrected_{{ stream }} as (

    select record_key, file_id, ended_file_id, try_cast(old_value as decimal(18, 2)) as old_amount, try_cast(new_value as decimal(18, 2)) as new_amount
    from {{ ref('int_ledger__corrections') }}
    where stream = '{{ stream }}' and field = '{{ facts.amount }}'

),

known_{{ stream }} as (

    select distinct record_key
    from {{ ref('int_ledger__' ~ stream ~ '_versions') }}
    where record_key in (select record_key from accepted_{{ stream }})

),

ledger_{{ stream }} as (

    select
        accepted.file_id,
        accepted.landed_on,
        '{{ stream }}' as stream,
        accepted.currency,
        'ledger' as stage,
        count(*) as rows_in,
        count(kept.file_id) as rows_out,
        0 as rows_quarantined,
        sum(case when kept.file_id is null and known.record_key is not null then 1 else 0 end) as rows_excluded,
        sum(case when kept.file_id is not null or known.record_key is null then accepted.amount end) as amount_in,
        sum(
            case
                when kept.amount = corrected.new_amount and accepted.amount = corrected.old_amount then corrected.old_amount
                else kept.amount
            end
        ) as amount_out
    from accepted_{{ stream }} as accepted
    left join kept_{{ stream }} as kept
        on
            accepted.file_id = kept.file_id
            and accepted.row_number = kept.row_number
            and accepted.record_key = kept.record_key
    left join known_{{ stream }} as known on accepted.record_key = known.record_key
    left join corrected_{{ stream }} as corrected
        on
            accepted.record_key = corrected.record_key
            and accepted.file_id > corrected.file_id
            and accepted.file_id < coalesce(corrected.ended_file_id, accepted.file_id + 1)
    group by accepted.file_id, accepted.landed_on, accepted.currency

),

{% endmacro %}
