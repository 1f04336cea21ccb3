{% macro clickhouse__relations_sql(database, schemas) %}
    {#- A table that only shows what is elsewhere (Distributed, Merge, S3) is no table of ours to drop. -#}
    select
        '' as database_name, database as schema_name, name as relation_name,
        {{ dbt_opsplugin._clickhouse_kind() }} as kind,
        if(kind in ('table', 'view'), create_table_query, null) as value
    from system.tables
    where not is_temporary and {{ dbt_opsplugin._in_schemas('database', schemas) }}
{% endmacro %}


{% macro _clickhouse_kind() %}
    {#- What a row of system.tables is. -#}
    multiIf(
        engine = 'View', 'view',
        engine = 'MaterializedView', 'materialized view',
        startsWith(name, '.inner'), 'table of a materialized view',
        endsWith(engine, 'MergeTree') or engine in ('Log', 'Memory', 'StripeLog', 'TinyLog'), 'table',
        engine = 'Dictionary', 'dictionary',
        'table of ' || engine
    )
{% endmacro %}


{% macro clickhouse__drop_relation_sql(relation) %}
    {%- do return(
        'drop ' ~ relation['type'].replace('materialized ', '') ~ ' ' ~ dbt_opsplugin._render(relation)
    ) %}
{%- endmacro %}


{% macro clickhouse__sizes_sql(relations) %}
    {#- Rows are counted: system.tables holds those too that a light delete has marked. -#}
    {% for relation in relations %}
    select
        {{ dbt_opsplugin.literal(relation['key']) }} as relation_key,
        (select count(*) from {{ dbt_opsplugin._render(relation) }}) as row_count,
        (
            select total_bytes
            from system.tables
            where database = {{ dbt_opsplugin.literal(relation['schema']) }}
                and name = {{ dbt_opsplugin.literal(relation['identifier']) }}
        ) as byte_count
    {{ 'union all' if not loop.last }}
    {% endfor %}
{% endmacro %}


{% macro clickhouse__view_texts(relations) %}
    {#- Of whatever reads other tables: views, also what a materialized one writes to, dictionaries, tables
        that show others, and functions. ClickHouse writes whole names into a text, but for one that stands
        in quotes or in a function, where any schema may be meant: then it counts as a text of each. A
        pattern for names may mean any. -#}
    {%- set texts = [] %}
    {%- for schema, name, text, is_pattern in dbt_opsplugin.query_rows(dbt_opsplugin._clickhouse_texts_sql()) %}
        {%- set plain = text.replace('\\`', '`').replace("\\'", "'").replace('\\\\', '\\') %}
        {%- do texts.append([none, schema, name, '' if is_pattern else plain]) %}
        {%- for relation in relations if relation['schema'] != schema
            and (not schema or "'" ~ relation['identifier'] ~ "'" in plain) %}
            {%- do texts.append([none, relation['schema'], (schema ~ '.' ~ name).lstrip('.'), plain, true]) %}
        {%- endfor %}
    {%- endfor %}
    {%- do return(texts) %}
{%- endmacro %}


{% macro _clickhouse_texts_sql() %}
    {% set has_pattern = "match(create_query, '(?i)[^a-z0-9_]merge *\\\\(')" %}
    select database, name, create_table_query as create_query, engine = 'Merge' or {{ has_pattern }}
    from system.tables
    where not is_temporary
        and database not in ('system', 'information_schema', 'INFORMATION_SCHEMA')
        and {{ dbt_opsplugin._clickhouse_kind() }} <> 'table'
    union all
    select '', 'function ' || name, create_query, {{ has_pattern }}
    from system.functions
    where origin = 'SQLUserDefined'
{% endmacro %}


{% macro clickhouse__asks_for_schema(database, schema) %}
    {#- The right to create one is asked for even if it is there. -#}
    {%- do return(not adapter.check_schema_exists(database, schema)) %}
{%- endmacro %}
