{% macro _existing_ops_columns() %}
    {#- table -> its columns, of what stands in the ops schema now. -#}
    {%- if not dbt_opsplugin.engine_facts()['supported'] %}
        {#- Before the database is looked at: an adapter may descend from that of an engine whose
            statements it would then be given. -#}
        {%- do dbt_opsplugin._unsupported_engine() %}
    {%- endif %}
    {%- set found = {} %}
    {%- for row in adapter.dispatch('_ops_column_rows', 'dbt_opsplugin')(dbt_opsplugin.ops_relation('x')) %}
        {%- do found.setdefault(row[0] | lower, []).append(row[1] | lower) %}
    {%- endfor %}
    {%- do return(found) %}
{%- endmacro %}


{% macro default___ops_column_rows(relation) %}
    {%- do return(dbt_opsplugin.query_rows(adapter.dispatch('_ops_columns_sql', 'dbt_opsplugin')(relation))) %}
{%- endmacro %}


{% macro default___ops_columns_sql(relation) %}
    select table_name, column_name
    from {{ relation.information_schema('columns') }}
    where lower(table_schema) = lower({{ dbt_opsplugin.literal(relation.schema) }})
        and lower(table_name) like 'ops%'
{% endmacro %}
