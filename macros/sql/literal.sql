{% macro literal(value) %}
    {{ return(adapter.dispatch('literal', 'dbt_opsplugin')(value)) }}
{% endmacro %}


{% macro default__literal(value) %}
    {#- ANSI: a quote is doubled and a backslash is itself. No engine takes NUL or half of a
        surrogate pair in a string: they become U+FFFD. What is not a finite number is null. -#}
    {%- if value is none %}
        {%- do return('null') %}
    {%- elif value is boolean %}
        {%- do return('true' if value else 'false') %}
    {%- elif value is number %}
        {%- set finite = modules.re.match('^[-+0-9.eE]+$', value | string) %}
        {%- do return(value | string if finite else 'null') %}
    {%- endif %}
    {%- set text = (value | string).replace('\x00', '\ufffd') %}
    {%- if dbt_version.startswith('1.') %}
        {#- Text in dbt v2 cannot hold a surrogate, nor can its patterns name one. -#}
        {%- set text = modules.re.sub('[\\ud800-\\udfff]', '\ufffd', text) %}
    {%- endif %}
    {%- do return("'" ~ text.replace("'", "''") ~ "'") %}
{%- endmacro %}
