{# The staging models of configured sources that bring a stream: list of {source, model, raw, unnests, rows, amount}. #}
{% macro feeds(stream) %}
{% set configured = env_var('TIEOUT_SOURCES', '').split(',') %}
{% set found = [] %}
{% for source_name, streams in var('ledger_sources').items() if source_name in configured and stream in streams %}
    {% do found.append(dict({'source': source_name, 'unnests': none, 'rows': none, 'amount': none}, **streams[stream])) %}
{% endfor %}
{{ return(found) }}
{% endmacro %}

{# Whether any configured source brings a stream. #}
{% macro is_fed(stream) %}
{{ return(feeds(stream) | length > 0) }}
{% endmacro %}

{# All streams that configured sources bring, in the order of the definitions. #}
{% macro fed_streams() %}
{% set found = [] %}
{% for stream in stream_definitions() if is_fed(stream) %}{% do found.append(stream) %}{% endfor %}
{{ return(found) }}
{% endmacro %}

{#
    Which canonical stream the statements of a source's stream count: list of {source, source_stream, stream}. Where a
    file becomes records of several streams, it is the one named first.
#}
{% macro canonical_streams() %}
{% set found, seen = [], [] %}
{% for source_name, streams in var('ledger_sources').items() %}
    {% for stream, feed in streams.items() if 'unnests' not in feed %}
        {% set source_stream = feed.raw.split('/')[0] %}
        {% if (source_name ~ '/' ~ source_stream) not in seen %}
            {% do seen.append(source_name ~ '/' ~ source_stream) %}
            {% do found.append({'source': source_name, 'source_stream': source_stream, 'stream': stream}) %}
        {% endif %}
    {% endfor %}
{% endfor %}
{{ return(found) }}
{% endmacro %}
