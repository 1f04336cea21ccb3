{% macro default__copy_table_sql(copy, source, relation) %}
    {% do return('create table ' ~ copy ~ ' as select * from ' ~ source) %}
{% endmacro %}
