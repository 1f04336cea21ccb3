{% macro observed_statements(statements) %}
    {#- What only records, in a form that cannot fail a run where the engine can catch an error in
        SQL; elsewhere the statements as they are. The fact caught_error_sql asks afterwards what
        went wrong. -#}
    {{ return(adapter.dispatch('observed_statements', 'dbt_opsplugin')(statements)) }}
{% endmacro %}


{% macro default__observed_statements(statements) %}
    {% do return(statements) %}
{% endmacro %}


{% macro postgres__observed_statements(statements) %}
    {#- All or none of them. Of several errors in a session the first is kept: the others follow
        from it. -#}
    {% if not statements %}
        {% do return([]) %}
    {% endif %}
    {% set quotes = '$opsplugin_' ~ local_md5(statements | join) ~ '$' %}
    {% do return([
        'do ' ~ quotes ~ ' declare opsplugin_detail text; begin ' ~ statements | join('; ')
        ~ '; exception when others then get stacked diagnostics opsplugin_detail = pg_exception_detail;'
        ~ " perform set_config('opsplugin.problem', coalesce(nullif(current_setting("
        ~ "'opsplugin.problem', true), ''), sqlerrm || coalesce('. ' || nullif(opsplugin_detail, ''),"
        ~ " '')), false); end " ~ quotes
    ]) %}
{% endmacro %}


{% macro _warn_of_caught_errors(complete) %}
    {#- One warning with the reason, in place of a run that fails. Returns whether there was any;
        without a reason, where the tables are not there or may not be read. -#}
    {% set query = dbt_opsplugin.engine_facts()['caught_error_sql'] %}
    {% set caught = dbt_opsplugin.query_rows(query)[0][0] if query else none %}
    {% if not caught and not complete %}
        {% set caught = 'the ops tables are not there, or may not be read' %}
    {% endif %}
    {% if caught %}
        {% do dbt_opsplugin._warn('on_run_end', 'not everything could be recorded: ' ~ caught) %}
    {% endif %}
    {% do return(true if caught else false) %}
{% endmacro %}
