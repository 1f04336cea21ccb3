{% macro databricks__copy_table_sql(copy, source, relation) %}
    {#- A deep clone is a table of its own: what is vacuumed of the source stays in it. -#}
    {% do return('create table ' ~ copy ~ ' deep clone ' ~ source) %}
{% endmacro %}
