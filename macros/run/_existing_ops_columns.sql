{% macro _existing_ops_columns() %}
    {#- table -> its columns, of what stands in the ops schema now. -#}
    {% set found = {} %}
    {% for row in dbt_opsplugin.query_rows(
        dbt_opsplugin._ops_columns_sql(dbt_opsplugin.ops_relation('x'))
    ) %}
        {% do found.setdefault(row[0] | lower, []).append(row[1] | lower) %}
    {% endfor %}
    {% do return(found) %}
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
