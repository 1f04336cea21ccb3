{% macro session_tag_sql(tag) %}
    {{ return(adapter.dispatch('session_tag_sql', 'dbt_opsplugin')(tag)) }}
{% endmacro %}


{% macro default__session_tag_sql(tag) %}
    {% do dbt_opsplugin._fail(
        'set_query_tag', target.type ~ ' has no tag of a session',
        'use query-comment with dbt_opsplugin.query_comment(node) instead'
    ) %}
{% endmacro %}


{% macro duckdb__session_tag_sql(tag) %}
    {#- DuckDB has no tags: a variable of the connection, read by getvariable('query_tag'). -#}
    {% do return('set variable query_tag = ' ~ dbt_opsplugin.literal(tag)) %}
{% endmacro %}


{% macro postgres__session_tag_sql(tag) %}
    {#- Seen in pg_stat_activity and in the log; of other than ASCII, Postgres makes "?". -#}
    {% do return('set application_name = ' ~ dbt_opsplugin.literal(tag)) %}
{% endmacro %}


{% macro session_untag_sql() %}
    {{ return(adapter.dispatch('session_untag_sql', 'dbt_opsplugin')()) }}
{% endmacro %}


{% macro default__session_untag_sql() %}
    {% do return(dbt_opsplugin.session_tag_sql('')) %}
{% endmacro %}


{% macro duckdb__session_untag_sql() %}
    {% do return('reset variable query_tag') %}
{% endmacro %}


{% macro postgres__session_untag_sql() %}
    {% do return('reset application_name') %}
{% endmacro %}


{% macro tag_session_of(unique_id) %}
    {#- For the Python half, before a model: whether the session is tagged, which takes
        opsplugin_session_tags. -#}
    {% set wanted = dbt_opsplugin._config('session_tags') and dbt_opsplugin._is_recorded_command() %}
    {% if wanted %}
        {% do dbt_opsplugin._tag_session(graph.nodes[unique_id]) %}
    {% endif %}
    {% do return(wanted) %}
{% endmacro %}


{% macro untag_session() %}
    {#- For the Python half, after a model, also a failed one. -#}
    {% do dbt_opsplugin.run_statement(dbt_opsplugin.session_untag_sql()) %}
    {% do return('') %}
{% endmacro %}


{% macro _tag_session(node) %}
    {#- As JSON where there is room for it. -#}
    {% set short = dbt_opsplugin.engine_facts()['query_tag_limit'] < 500 %}
    {% do dbt_opsplugin.run_statement(dbt_opsplugin.session_tag_sql(
        dbt_opsplugin.query_tag(node=node, format='compact' if short else 'json')
    )) %}
{% endmacro %}
