{% macro run_statement(sql) %}
    {#- For DDL and DML: run_query expects rows, which some drivers refuse to look for. -#}
    {% if execute %}
        {{ adapter.dispatch('run_statement', 'dbt_opsplugin')(sql) }}
    {% endif %}
    {% do return('') %}
{% endmacro %}


{% macro default__run_statement(sql) %}
    {% call dbt.statement(auto_begin=false) %}{{ sql }}{% endcall %}
{% endmacro %}


{% macro postgres__run_statement(sql) %}
    {#- The driver opens a transaction by itself, and dbt commits none that it did not begin.
        Within a model there is the model's, or none around a hook that asks for none. -#}
    {% set in_model = model and model.resource_type in ('model', 'seed', 'snapshot') %}
    {% call dbt.statement(auto_begin=not in_model) %}{{ sql }}{% endcall %}
    {% if not in_model %}
        {% do adapter.commit() %}
    {% endif %}
{% endmacro %}


{% macro run_transaction(statements) %}
    {#- All or nothing: dbt rolls back when a statement fails. For hooks of a run and
        run-operations only: in a model's hook it would commit that model's transaction. -#}
    {% if execute and statements %}
        {% for sql in statements %}
            {% call dbt.statement(auto_begin=true) %}{{ sql }}{% endcall %}
        {% endfor %}
        {% do adapter.commit() %}
    {% endif %}
    {% do return('') %}
{% endmacro %}


{% macro query_rows(sql) %}
    {#- The rows of a query as lists in column order: column names change case between
        engines and dbt versions, positions do not. -#}
    {% set rows = [] %}
    {% if execute %}
        {% for row in dbt.run_query(sql).rows %}
            {% do rows.append(row.values() | list) %}
        {% endfor %}
    {% endif %}
    {% do return(rows) %}
{% endmacro %}


{% macro utc_now() %}
    {% do return(modules.datetime.datetime.now(modules.pytz.utc).strftime('%Y-%m-%d %H:%M:%S.%f')) %}
{% endmacro %}
