{% macro _existing_ops_columns() %}
    {#- table -> its columns, of what stands in the ops schema now. -#}
    {% do dbt_opsplugin._require_supported_engine() %}
    {% set found = {} %}
    {% for row in dbt_opsplugin._ops_column_rows(dbt_opsplugin.ops_relation('x')) %}
        {% do found.setdefault(row[0] | lower, []).append(row[1] | lower) %}
    {% endfor %}
    {% do return(found) %}
{% endmacro %}


{% macro _ops_column_rows(relation) %}
    {#- Table and column: by one query, where the engine has a catalog to query. -#}
    {{ return(adapter.dispatch('_ops_column_rows', 'dbt_opsplugin')(relation)) }}
{% endmacro %}


{% macro default___ops_column_rows(relation) %}
    {% do return(dbt_opsplugin.query_rows(dbt_opsplugin._ops_columns_sql(relation))) %}
{% endmacro %}


{% macro _ops_columns_sql(relation) %}
    {{ return(adapter.dispatch('_ops_columns_sql', 'dbt_opsplugin')(relation)) }}
{% endmacro %}


{% macro default___ops_columns_sql(relation) %}
    select table_name, column_name
    from {{ relation.information_schema('columns') }}
    where lower(table_schema) = lower({{ dbt_opsplugin.literal(relation.schema) }})
        and lower(table_name) like 'ops%'
{% endmacro %}
