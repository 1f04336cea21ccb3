{% macro run_statement(sql) %}
    {#- For DDL and DML: run_query expects rows, which some drivers refuse to look for. -#}
    {% if execute %}
        {% set commit = dbt_opsplugin._must_commit() %}
        {% call dbt.statement(auto_begin=commit) %}{{ sql }}{% endcall %}
        {% if commit %}
            {% do adapter.commit() %}
        {% endif %}
    {% endif %}
    {% do return('') %}
{% endmacro %}


{% macro _must_commit() %}
    {#- A model has its transaction, or none around a hook that asks for none. -#}
    {%- do return(dbt_opsplugin.engine_facts()['must_commit'] and not dbt_opsplugin._is_in_model()) %}
{%- endmacro %}


{% macro run_transaction(statements) %}
    {#- All or nothing: dbt rolls back when a statement fails. For hooks of a run and
        run-operations only: in a model's hook it would commit that model's transaction. -#}
    {% if execute and statements %}
        {% for sql in adapter.dispatch('transaction_statements', 'dbt_opsplugin')(statements) %}
            {% call dbt.statement(auto_begin=true) %}{{ sql }}{% endcall %}
        {% endfor %}
        {% do adapter.commit() %}
    {% endif %}
    {% do return('') %}
{% endmacro %}


{% macro default__transaction_statements(statements) %}
    {%- do return(statements) %}
{%- endmacro %}


{% macro query_rows(sql) %}
    {#- The rows of a query as lists in column order: column names change case between
        engines and dbt versions, positions do not. -#}
    {%- set rows = [] %}
    {%- if execute %}
        {%- for row in dbt.run_query(sql).rows %}
            {%- do rows.append(row.values() | list) %}
        {%- endfor %}
    {%- endif %}
    {%- do return(rows) %}
{%- endmacro %}


{% macro utc_now() %}
    {%- do return(modules.datetime.datetime.now(modules.pytz.utc).strftime('%Y-%m-%d %H:%M:%S.%f')) %}
{%- endmacro %}
