{% macro _measure(plan) %}
    {%- set tables = [] %}
    {%- for row in plan if row['type'] == 'table' %}
        {%- do tables.append(row) %}
    {%- endfor %}
    {%- set sizes = {} %}
    {%- if tables %}
        {%- for key, count, bytes in adapter.dispatch('size_rows', 'dbt_opsplugin')(tables) %}
            {%- do sizes.update({key: {'rows': count | int, 'bytes': bytes}}) %}
        {%- endfor %}
    {%- endif %}
    {%- for row in plan %}
        {%- do row.update(sizes.get(row['key'], {'rows': none, 'bytes': none})) %}
    {%- endfor %}
{%- endmacro %}


{% macro default__size_rows(relations) %}
    {%- set rows = [] %}
    {%- for group in relations | batch(dbt_opsplugin.engine_facts()['max_tables'] or relations | length) %}
        {%- do rows.extend(dbt_opsplugin.query_rows(adapter.dispatch('sizes_sql', 'dbt_opsplugin')(group))) %}
    {%- endfor %}
    {%- do return(rows) %}
{%- endmacro %}


{% macro default__sizes_sql(relations) %}
    {% for relation in relations %}
    select
        {{ dbt_opsplugin.literal(relation['key']) }}, {{ dbt_opsplugin.engine_facts()['row_count'] }},
        cast(null as {{ dbt.type_bigint() }})
    from {{ dbt_opsplugin._render(relation) }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
{% endmacro %}
