{% macro default__drop_relation_sql(relation) %}
    {#- Never cascade: what depends on it shall stop the drop. -#}
    {%- do return(
        'drop ' ~ relation['type'] ~ ' ' ~ dbt_opsplugin._render(relation)
        ~ dbt_opsplugin._drop_end(relation['definition'])
    ) %}
{%- endmacro %}


{% macro _drop_end(format) %}
    {%- do return(dbt_opsplugin.engine_facts()['drop_ends'].get(format, '')) %}
{%- endmacro %}
