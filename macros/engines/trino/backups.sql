{% macro trino__restore_relation_sql(details) %}
    {% if details['type'] == 'view' %}
        {% do return('create view ' ~ dbt_opsplugin._render(details) ~ ' as ' ~ details['definition']) %}
    {% endif %}
    {% do return(dbt_opsplugin.default__restore_relation_sql(details)) %}
{% endmacro %}
