{% macro fabric__copy_table_sql(copy, source, relation) %}
    {#- It has all attributes, keys and policies of its source, and outlives it. -#}
    {%- do return('create table ' ~ copy ~ ' as clone of ' ~ source) %}
{%- endmacro %}


{% macro fabric__restore_relation_sql(details) %}
    {%- set restore = dbt_opsplugin.sqlserver__restore_relation_sql(details) %}
    {%- do return(dbt_opsplugin._alone_in_fabric(restore) if details['type'] == 'view' else restore) %}
{%- endmacro %}
