{% macro observed_statements(statements) %}
    {#- What only records, in a form that cannot fail a run where the engine can catch an error in
        SQL; elsewhere the statements as they are. For run_observed. -#}
    {{ return(adapter.dispatch('observed_statements', 'dbt_opsplugin')(statements)) }}
{% endmacro %}


{% macro default__observed_statements(statements) %}
    {% do return(statements) %}
{% endmacro %}


{% macro run_observed(statements) %}
    {#- Runs what observed_statements gives. Where its result tells of an error, the first one of
        this hook is kept for _warn_of_caught_errors. -#}
    {% set facts = dbt_opsplugin.engine_facts() %}
    {% for sql in statements %}
        {% if facts['catches_errors'] and not facts['caught_error_sql'] %}
            {% call dbt.statement('opsplugin_observed', fetch_result=true) %}{{ sql }}{% endcall %}
            {% set said = load_result('opsplugin_observed')['data'][0][0] %}
            {#- dbt gives a result once. -#}
            {% set first = load_result('opsplugin_problem') %}
            {% if first or said %}
                {% do store_result('opsplugin_problem', response=first['response'] if first else said) %}
            {% endif %}
        {% else %}
            {% do dbt_opsplugin.run_statement(sql) %}
        {% endif %}
    {% endfor %}
    {% do return('') %}
{% endmacro %}


{% macro _warn_of_caught_errors(complete, macro='on_run_end') %}
    {#- One warning with the reason, in place of a run that fails. Returns whether there was any;
        without a reason, where the tables are not there or may not be read. -#}
    {% set query = dbt_opsplugin.engine_facts()['caught_error_sql'] %}
    {% set kept = load_result('opsplugin_problem') %}
    {% set caught = dbt_opsplugin.query_rows(query)[0][0] if query else (kept['response'] if kept else none) %}
    {% if not caught and not complete %}
        {% set caught = 'the ops tables are not there, or may not be read' %}
    {% endif %}
    {% if caught %}
        {% do dbt_opsplugin._warn(macro, 'not everything could be recorded: ' ~ caught) %}
    {% endif %}
    {% do return(true if caught else false) %}
{% endmacro %}
