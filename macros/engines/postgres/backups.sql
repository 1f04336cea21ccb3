{% macro postgres__copy_table_sql(copy, source, relation) %}
    {#- With its keys, indexes, defaults and comments; values that the database made are copied. -#}
    {% do return(
        'create table ' ~ copy ~ ' (like ' ~ source ~ ' including all excluding identity excluding'
        ~ ' generated); insert into ' ~ copy ~ ' select * from ' ~ source
    ) %}
{% endmacro %}


{% macro postgres__restore_relation_sql(details) %}
    {% if details['type'] in ('view', 'materialized view') %}
        {% do return('create ' ~ details['type'] ~ ' ' ~ dbt_opsplugin._render(details) ~ ' as '
            ~ details['definition']) %}
    {% endif %}
    {% do return(dbt_opsplugin.default__restore_relation_sql(details)) %}
{% endmacro %}
