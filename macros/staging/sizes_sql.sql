{% macro sizes_sql(relations) %}
    {#- A select of key, rows, bytes for tables: measured, not estimated; null where unknown. -#}
    {{ return(adapter.dispatch('sizes_sql', 'dbt_opsplugin')(relations)) }}
{% endmacro %}


{% macro default__sizes_sql(relations) %}
    {% for relation in relations %}
    select
        {{ dbt_opsplugin.literal(relation['key']) }}, count(*),
        cast(null as {{ dbt.type_bigint() }})
    from {{ dbt_opsplugin._render(relation) }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
{% endmacro %}
