{#
    Whole minor units as text in the currency's unit (1234 → 12.34); anything else stays visible and is no amount.

    `currency`: SQL of its code, where it is not one with two minor digits by contract of the source.
#}
{% macro minor_text(text, currency=none) -%}
case
            when {{ full_match(text, '[+-]?[0-9]{1,15}') }}
                then cast(
                    try_cast({{ text }} as decimal(15, 0))
                    * {% if currency %}case
                        when upper({{ currency }}) in (
                            'BIF', 'CLP', 'DJF', 'GNF', 'ISK', 'JPY', 'KMF', 'KRW', 'PYG', 'RWF', 'UGX', 'UYI', 'VND',
                            'VUV', 'XAF', 'XOF', 'XPF'
                        ) then cast(1 as decimal(4, 3))
                        when upper({{ currency }}) in ('BHD', 'IQD', 'JOD', 'KWD', 'LYD', 'OMR', 'TND')
                            then cast(0.001 as decimal(4, 3))
                        else cast(0.01 as decimal(4, 3))
                    end{% else %}cast(0.01 as decimal(3, 2)){% endif %} as string
                )
            else {{ text }} || ' is no whole minor unit'
        end
{%- endmacro %}
