{% macro literal(value) %}
    {{ return(adapter.dispatch('literal', 'dbt_opsplugin')(value)) }}
{% endmacro %}


{% macro default__literal(value) %}
    {#- ANSI: a quote is doubled and a backslash is itself. No engine takes NUL or half of a
        surrogate pair in a string: they become U+FFFD. What is not a finite number is null. -#}
    {% if value is none %}
        {% do return('null') %}
    {% elif value is boolean %}
        {% do return('true' if value else 'false') %}
    {% elif value is number %}
        {% set finite = modules.re.match('^[-+0-9.eE]+$', value | string) %}
        {% do return(value | string if finite else 'null') %}
    {% endif %}
    {% set text = modules.re.sub('[\\x00\\ud800-\\udfff]', '\ufffd', value | string) %}
    {% do return("'" ~ text.replace("'", "''") ~ "'") %}
{% endmacro %}
