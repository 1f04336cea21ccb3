{% macro _json_safe(value) %}
    {#- The value without what JSON cannot hold: a date becomes its text, a decimal, as a query has
        its numbers, a number, and what is not a number, null. YAML and drivers bring such values. -#}
    {%- if value is none or value is string or value is boolean or value is integer %}
        {%- do return(value) %}
    {%- elif value is float %}
        {%- do return(value if value | abs <= 1.7976931348623157e308 else none) %}
    {%- elif value is number %}
        {%- set finite = value | float | abs <= 1.7976931348623157e308 %}
        {%- do return(none if not finite else value | int if value == value | int else value | float) %}
    {%- elif value is mapping %}
        {%- set safe = {} %}
        {%- for key, item in value.items() %}
            {%- do safe.update({key | string: dbt_opsplugin._json_safe(item)}) %}
        {%- endfor %}
        {%- do return(safe) %}
    {%- elif value is iterable %}
        {%- set safe = [] %}
        {%- for item in value %}
            {%- do safe.append(dbt_opsplugin._json_safe(item)) %}
        {%- endfor %}
        {%- do return(safe) %}
    {%- endif %}
    {%- do return(value | string) %}
{%- endmacro %}
