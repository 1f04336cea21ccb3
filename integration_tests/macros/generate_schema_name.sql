{% macro generate_schema_name(custom_schema_name, node) %}
    {#- In prod a model lives in the schema it names, in dev everything in one schema. -#}
    {{ generate_schema_name_for_env(custom_schema_name, node) }}
{% endmacro %}
