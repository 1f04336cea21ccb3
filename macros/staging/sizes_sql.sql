{% macro size_rows(relations) %}
    {#- Key, rows and bytes of tables: by one statement, where one can ask for all. -#}
    {{ return(adapter.dispatch('size_rows', 'dbt_opsplugin')(relations)) }}
{% endmacro %}


{% macro default__size_rows(relations) %}
    {% set rows = [] %}
    {% for group in relations | batch(dbt_opsplugin.engine_facts()['max_tables'] or relations | length) %}
        {% do rows.extend(dbt_opsplugin.query_rows(dbt_opsplugin.sizes_sql(group))) %}
    {% endfor %}
    {% do return(rows) %}
{% endmacro %}


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
