{% macro set_query_tag() %}
    {#- Tags the session of the model that is being built, for a pre-hook; set before every
        model and never read back, since a failed model leaves its tag on the session. -#}
    {% do dbt_opsplugin._validate_arguments('set_query_tag', kwargs, []) %}
    {% if execute and dbt_opsplugin._is_recorded_command() %}
        {% do dbt_opsplugin.run_statement(
            dbt_opsplugin.session_tag_sql(dbt_opsplugin.query_tag(format='json'))
        ) %}
    {% endif %}
    {% do return('') %}
{% endmacro %}


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
