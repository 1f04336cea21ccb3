{% macro _log(macro, message) %}
    {% do log('dbt_opsplugin.' ~ macro ~ ': ' ~ message, info=true) %}
{% endmacro %}


{% macro _warn(macro, message) %}
    {% do exceptions.warn('dbt_opsplugin.' ~ macro ~ ': ' ~ message) %}
{% endmacro %}
