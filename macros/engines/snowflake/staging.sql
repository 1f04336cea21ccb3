{% macro snowflake__relations_sql(database, schemas) %}
    {#- Of a table, the definition says whether it is transient. -#}
    {% set catalog = api.Relation.create(database=database, schema='x', identifier='x') %}
    select
        relations.table_catalog as database_name, relations.table_schema as schema_name,
        relations.table_name as relation_name,
        case
            when relations.is_dynamic = 'YES' then 'dynamic table'
            when relations.is_iceberg = 'YES' then 'iceberg table'
            when relations.is_hybrid = 'YES' then 'hybrid table'
            when relations.table_type = 'BASE TABLE' then 'table'
            else lower(relations.table_type)
        end as relation_type,
        coalesce(
            views.view_definition,
            case when relations.is_transient = 'YES' and relations.is_dynamic <> 'YES' then 'transient' end
        ) as definition
    from {{ catalog.information_schema('tables') }} as relations
    left join {{ catalog.information_schema('views') }} as views
        on relations.table_schema = views.table_schema and relations.table_name = views.table_name
    where {{ dbt_opsplugin._in_schemas('relations.table_schema', schemas) }}
{% endmacro %}


{% macro snowflake__sizes_sql(relations) %}
    {% for relation in relations %}
    {%- set catalog = adapter.quote(relation['database']) ~ '.information_schema.tables' %}
    select
        {{ dbt_opsplugin.literal(relation['key']) }},
        (select count(*) from {{ dbt_opsplugin._render(relation) }}),
        (
            select max(bytes) from {{ catalog }}
            where table_schema = {{ dbt_opsplugin.literal(relation['schema']) }}
                and table_name = {{ dbt_opsplugin.literal(relation['identifier']) }}
        )
    {{ 'union all' if not loop.last }}
    {% endfor %}
{% endmacro %}


{% macro snowflake__view_texts(relations) %}
    {#- By show, which needs no warehouse and tells of materialized views and dynamic tables too,
        but of no more than 10,000: then nothing may be dropped. -#}
    {%- set texts = [] %}
    {%- for database in relations | map(attribute='database') | unique %}
        {%- for kind in ['views', 'dynamic tables'] %}
            {%- set shown = dbt.run_query('show ' ~ kind ~ ' in database ' ~ adapter.quote(database)) %}
            {%- if shown.rows | length >= 10000 %}
                {%- do dbt_opsplugin._fail(
                    'readers', database ~ ' has more than 10,000 ' ~ kind ~ ', of which Snowflake shows no more',
                    'nothing was dropped; keep staging in a database of its own'
                ) %}
            {%- endif %}
            {%- for row in shown.rows %}
                {%- do texts.append([row['database_name'], row['schema_name'], row['name'], row['text']]) %}
            {%- endfor %}
        {%- endfor %}
    {%- endfor %}
    {%- do return(texts) %}
{%- endmacro %}
