{% macro _existing_relations(nodes) %}
    {#- key -> {database, schema, identifier, type, definition} of what really stands in the
        schemas of the given nodes, named as the database names it. -#}
    {% set schemas = {} %}
    {% for node in nodes %}
        {% do schemas.setdefault(node.database, {}).update({node.schema | lower: node.schema}) %}
    {% endfor %}
    {% set relations = {} %}
    {% for database, names in schemas.items() %}
        {% for row in dbt_opsplugin.query_rows(
            dbt_opsplugin.relations_sql(database, names.values() | list)
        ) %}
            {% do relations.update({dbt_opsplugin._relation_key(row[0], row[1], row[2]): {
                'database': row[0], 'schema': row[1], 'identifier': row[2], 'type': row[3],
                'definition': row[4],
            }}) %}
        {% endfor %}
    {% endfor %}
    {% do return(relations) %}
{% endmacro %}


{% macro relations_sql(database, schemas) %}
    {{ return(adapter.dispatch('relations_sql', 'dbt_opsplugin')(database, schemas)) }}
{% endmacro %}


{% macro default__relations_sql(database, schemas) %}
    {% do dbt_opsplugin._fail(
        'relations_sql', 'relations cannot be listed on ' ~ target.type,
        'use a supported engine (see the support table in the README)'
    ) %}
{% endmacro %}


{% macro duckdb__relations_sql(database, schemas) %}
    {% set of_schemas %}
        lower(database_name) = lower({{ dbt_opsplugin.literal(database) }})
        and lower(schema_name) in (
            {%- for schema in schemas %}
            lower({{ dbt_opsplugin.literal(schema) }}){{ ',' if not loop.last }}
            {%- endfor %}
        )
    {% endset %}
    select database_name, schema_name, table_name, 'table', cast(null as varchar)
    from duckdb_tables()
    where not temporary and {{ of_schemas }}
    union all
    select database_name, schema_name, view_name, 'view', sql
    from duckdb_views()
    where not internal and not temporary and {{ of_schemas }}
{% endmacro %}


{% macro postgres__relations_sql(database, schemas) %}
    select
        cast(current_database() as text) as database_name, cast(spaces.nspname as text) as schema_name,
        cast(relations.relname as text) as relation_name,
        case relations.relkind
            when 'v' then 'view' when 'm' then 'materialized view' when 'f' then 'foreign table'
            else 'table'
        end as relation_type,
        case when relations.relkind in ('v', 'm') then pg_get_viewdef(relations.oid) end as definition
    from pg_catalog.pg_class as relations
    inner join pg_catalog.pg_namespace as spaces on spaces.oid = relations.relnamespace
    where relations.relkind in ('r', 'p', 'v', 'm', 'f')
        and lower(spaces.nspname) in (
            {%- for schema in schemas %}
            lower({{ dbt_opsplugin.literal(schema) }}){{ ',' if not loop.last }}
            {%- endfor %}
        )
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


{% macro duckdb__sizes_sql(relations) %}
    {#- Bytes are whole blocks of the database file; of a table that is not there yet, but in
        memory or in the write-ahead log, the size is not known. -#}
    {% for relation in relations %}
    select
        {{ dbt_opsplugin.literal(relation['key']) }},
        (select count(*) from {{ dbt_opsplugin._render(relation) }}),
        (
            select nullif(count(distinct case when block_id >= 0 then block_id end), 0) * 262144
            from pragma_storage_info({{ dbt_opsplugin.literal(dbt_opsplugin._render(relation)) }})
        )
    {{ 'union all' if not loop.last }}
    {% endfor %}
{% endmacro %}


{% macro postgres__sizes_sql(relations) %}
    {% for relation in relations %}
    {%- set name = dbt_opsplugin._render(relation) %}
    select
        {{ dbt_opsplugin.literal(relation['key']) }}, (select count(*) from {{ name }}),
        pg_total_relation_size({{ dbt_opsplugin.literal(name) }})
    {{ 'union all' if not loop.last }}
    {% endfor %}
{% endmacro %}


{% macro _render(relation) %}
    {#- A relation of _existing_relations as quoted SQL, by its real name. -#}
    {% do return(api.Relation.create(
        database=relation['database'], schema=relation['schema'],
        identifier=relation['identifier'].replace('"', '""')
    ) | string) %}
{% endmacro %}
