{# What the key of a match made by two people begins with, and its decision. #}
{% macro is_by_hand(match_key) -%}{{ match_key }} like 'hand|%'{%- endmacro %}
{% macro decision_of(match_key) -%}split_part({{ match_key }}, '|', 2){%- endmacro %}

{# The records of a level that people have dealt with themselves, joined to those of `records`. #}
{% macro joined_by_hand(level, records, record_type) -%}
left join {{ ref('int_matching__by_hand') }} as by_hand
        on
            by_hand.level = '{{ level }}'
            and by_hand.record_type = {{ record_type }}
            and {{ records }}.record_key = by_hand.record_key
{%- endmacro %}
