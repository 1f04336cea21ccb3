{% macro copy_table_sql(copy, source) %}
    {#- Makes a table of another, or of what backup_source names. -#}
    {{ return(adapter.dispatch('copy_table_sql', 'dbt_opsplugin')(copy, source)) }}
{% endmacro %}


{% macro default__copy_table_sql(copy, source) %}
    {% do return('create table ' ~ copy ~ ' as select * from ' ~ source) %}
{% endmacro %}


{% macro postgres__copy_table_sql(copy, source) %}
    {#- With its keys, indexes, defaults and comments; values that the database made are copied. -#}
    {% do return(
        'create table ' ~ copy ~ ' (like ' ~ source ~ ' including all excluding identity excluding'
        ~ ' generated); insert into ' ~ copy ~ ' select * from ' ~ source
    ) %}
{% endmacro %}
