{# The CTEs of a settlement details report with its times carrying their offset: an unknown zone leaves no time. #}
{% macro adyen_rows() %}
cleaned as (

    select
        file_id,
        row_number,
        landed_on,
        {% for name in [
            'merchant_account', 'psp_reference', 'merchant_reference', 'type', 'modification_reference', 'gross_currency',
            'gross_debit', 'gross_credit', 'net_currency', 'net_debit', 'net_credit', 'commission', 'markup',
            'scheme_fees', 'interchange', 'modification_merchant_reference', 'batch_number', 'nth',
        ] %}
        {{ trimmed(name) }} as {{ name }},
        {% endfor %}
        coalesce({{ trimmed('booked_at') }}, {{ trimmed('created_at') }}) as moment,
        coalesce({{ trimmed('booked_zone') }}, {{ trimmed('created_zone') }}) as zone
    from {{ source('adyen', 'adyen__batches') }}

),

-- the abbreviations the report uses; another one shows itself as a time nobody can read
timed as (

    select
        *,
        replace(moment, ' ', 'T') || case zone
            when 'CET' then '+01:00' when 'CEST' then '+02:00' when 'GMT' then '+00:00' when 'UTC' then '+00:00'
            when 'BST' then '+01:00' when 'EST' then '-05:00' when 'EDT' then '-04:00' when 'PST' then '-08:00'
            when 'PDT' then '-07:00' else ' ' || coalesce(zone, 'no zone')
        end as happened_at,
        {{ signed_text("coalesce(commission, '0')") }} + {{ signed_text("coalesce(markup, '0')") }}
        + {{ signed_text("coalesce(scheme_fees, '0')") }} + {{ signed_text("coalesce(interchange, '0')") }} as fee_amount
    from cleaned

),
{% endmacro %}
