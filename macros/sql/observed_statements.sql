{% macro observed_statements(statements) %}
    {#- What only records, in a form that cannot fail a run where the engine can catch an error in
        SQL; elsewhere the statements as they are. What went wrong is asked for afterwards by
        observed_problem_sql. -#}
    {{ return(adapter.dispatch('observed_statements', 'dbt_opsplugin')(statements)) }}
{% endmacro %}


{% macro default__observed_statements(statements) %}
    {% do return(statements) %}
{% endmacro %}


{% macro postgres__observed_statements(statements) %}
    {#- All or none of them. The lock keeps runs that write at once from doubling a row. Of
        several errors in a session the first is kept: the others follow from it. -#}
    {% if not statements %}
        {% do return([]) %}
    {% endif %}
    {% set quotes = '$opsplugin_' ~ local_md5(statements | join) ~ '$' %}
    {% do return([
        'do ' ~ quotes ~ ' declare opsplugin_detail text; begin perform '
        ~ dbt_opsplugin._postgres_lock() ~ '; ' ~ statements | join('; ')
        ~ '; exception when others then get stacked diagnostics opsplugin_detail = pg_exception_detail;'
        ~ " perform set_config('opsplugin.problem', coalesce(nullif(current_setting("
        ~ "'opsplugin.problem', true), ''), sqlerrm || coalesce('. ' || nullif(opsplugin_detail, ''),"
        ~ " '')), false); end " ~ quotes
    ]) %}
{% endmacro %}


{% macro _postgres_lock() %}
    {#- Of this package in this database, until the transaction ends. -#}
    {% do return("pg_advisory_xact_lock(hashtext('dbt_opsplugin'))") %}
{% endmacro %}


{% macro observed_problem_sql() %}
    {#- A query for what observed_statements has caught in this session, null or empty when
        nothing; '' on an engine that catches nothing. -#}
    {{ return(adapter.dispatch('observed_problem_sql', 'dbt_opsplugin')()) }}
{% endmacro %}


{% macro default__observed_problem_sql() %}
    {% do return('') %}
{% endmacro %}


{% macro postgres__observed_problem_sql() %}
    {% do return("select current_setting('opsplugin.problem', true)") %}
{% endmacro %}


{% macro _warn_of_problem() %}
    {#- One warning with the reason, in place of a run that fails. -#}
    {% set query = dbt_opsplugin.observed_problem_sql() %}
    {% if query %}
        {% for row in dbt_opsplugin.query_rows(query) if row[0] %}
            {% do dbt_opsplugin._warn('on_run_end', 'not everything could be recorded: ' ~ row[0]) %}
        {% endfor %}
    {% endif %}
{% endmacro %}
