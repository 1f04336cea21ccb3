{% macro literal(value) %}
    {{ return(adapter.dispatch('literal', 'dbt_opsplugin')(value)) }}
{% endmacro %}


{% macro default__literal(value) %}
    {#- ANSI: a quote is doubled and a backslash is itself. No engine takes NUL in a string. -#}
    {% if value is none %}
        {% do return('null') %}
    {% elif value is boolean %}
        {% do return('true' if value else 'false') %}
    {% elif value is number %}
        {% do return(value | string) %}
    {% endif %}
    {% do return(
        "'" ~ (value | string).replace('\u0000', '\ufffd').replace("'", "''") ~ "'"
    ) %}
{% endmacro %}
