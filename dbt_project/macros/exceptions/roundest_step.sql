{# The roundest whole number between two: a multiple of 100, of 10, of 5, or the lower one. #}
{% macro roundest_step(lowest, highest) -%}
case
            {% for unit in (100, 10, 5) %}
            when {{ lowest }} + ({{ unit }} - {{ lowest }} % {{ unit }}) % {{ unit }} <= {{ highest }}
                then {{ lowest }} + ({{ unit }} - {{ lowest }} % {{ unit }}) % {{ unit }}
            {% endfor %}
            else {{ lowest }}
        end
{%- endmacro %}
