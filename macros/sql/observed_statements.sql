{% macro observed_statements(statements) %}
    {#- What only records, in a form that cannot fail a run where the engine can catch an error in
        SQL; elsewhere the statements as they are. For run_observed. -#}
    {{ return(adapter.dispatch('observed_statements', 'dbt_opsplugin')(statements)) }}
{% endmacro %}


{% macro default__observed_statements(statements) %}
    {%- do return(statements) %}
{%- endmacro %}


{% macro run_observed(statements) %}
    {#- Runs what observed_statements gives. Where they catch errors, the result of each is the
        message of one, or nothing: the first of this hook is kept for _warn_of_caught_errors. -#}
    {% for sql in statements %}
        {% if dbt_opsplugin.engine_facts()['catches_errors'] %}
            {% set commit = dbt_opsplugin._must_commit() %}
            {% call dbt.statement('opsplugin_observed', fetch_result=true, auto_begin=commit) %}{{ sql }}{% endcall %}
            {% set said = load_result('opsplugin_observed')['data'][0][0] %}
            {% if commit %}
                {% do adapter.commit() %}
            {% endif %}
            {#- dbt gives a result once. -#}
            {% set first = load_result('opsplugin_problem') %}
            {% if first or said %}
                {% do store_result('opsplugin_problem', response=(first['response'] if first else '') or said) %}
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
    {%- set kept = load_result('opsplugin_problem') %}
    {%- set caught = kept['response'] if kept else none %}
    {%- if kept %}
        {#- Told, and to be asked for again by the next hook of a model. -#}
        {%- do store_result('opsplugin_problem', response='') %}
    {%- endif %}
    {%- if not caught and not complete %}
        {%- set caught = 'the ops tables are not there, or may not be read' %}
    {%- endif %}
    {%- if caught %}
        {%- do dbt_opsplugin._warn(macro, 'not everything could be recorded: ' ~ caught) %}
    {%- endif %}
    {%- do return(true if caught else false) %}
{%- endmacro %}
