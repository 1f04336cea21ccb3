{% macro databricks__copy_table_sql(copy, source, relation) %}
    {#- A deep clone is a table of its own: what is vacuumed of the source stays in it. -#}
    {% do return('create table ' ~ copy ~ ' deep clone ' ~ source) %}
{% endmacro %}


{% macro databricks__restore_relation_sql(details) %}
    {% if details['type'] == 'view' %}
        {% do return('create view ' ~ dbt_opsplugin._render(details) ~ ' ' ~ details['definition']) %}
    {% endif %}
    {% do return(dbt_opsplugin.default__restore_relation_sql(details)) %}
{% endmacro %}
