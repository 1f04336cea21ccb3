{% macro bigquery__copy_table_sql(copy, source, relation) %}
    {#- No data is copied. -#}
    {% do return('create table ' ~ copy ~ ' clone ' ~ source) %}
{% endmacro %}


{% macro bigquery__restore_relation_sql(details) %}
    {#- The statement that made a view names it. -#}
    {% if details['type'] == 'view' %}
        {% do return(details['definition']) %}
    {% endif %}
    {% do return(dbt_opsplugin.default__restore_relation_sql(details)) %}
{% endmacro %}
