{% macro _fail(macro, problem, remedy) %}
    {#- The only raiser: what is wrong, where, and what to do about it. -#}
    {%- do exceptions.raise_compiler_error(
        'dbt_opsplugin.' ~ macro ~ ': ' ~ problem ~ ': ' ~ remedy
    ) %}
{%- endmacro %}
