{% macro copy_table_sql(copy, source, relation) %}
    {#- Makes a table of another, or of what backup_source names: of the given relation, or of
        its backup. -#}
    {{ return(adapter.dispatch('copy_table_sql', 'dbt_opsplugin')(copy, source, relation)) }}
{% endmacro %}


{% macro default__copy_table_sql(copy, source, relation) %}
    {% do return('create table ' ~ copy ~ ' as select * from ' ~ source) %}
{% endmacro %}
