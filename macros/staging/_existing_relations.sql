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


{% macro readers_sql(relations) %}
    {#- A select of pairs: the key of a relation, and the database, schema and name of a view
        that reads it, whoever made that view. -#}
    {{ return(adapter.dispatch('readers_sql', 'dbt_opsplugin')(relations)) }}
{% endmacro %}


{% macro default__readers_sql(relations) %}
    {% do dbt_opsplugin._fail(
        'readers_sql', 'views that read a relation cannot be found on ' ~ target.type,
        'use a supported engine (see the support table in the README)'
    ) %}
{% endmacro %}


{% macro duckdb__readers_sql(relations) %}
    {#- DuckDB keeps no dependencies of views, only their text. A name in it counts when it
        is qualified with the relation's schema, or when it is bare and resolves so: to the
        view's own schema where that has such a relation, else to main. It may take a CTE in
        the same schema for a reader: then we keep too much. -#}
    with candidates as (
        {% for relation in relations %}
        select
            {{ dbt_opsplugin.literal(relation['key']) }} as relation_key,
            lower({{ dbt_opsplugin.literal(relation['schema']) }}) as schema_name,
            lower({{ dbt_opsplugin.literal(relation['identifier']) }}) as relation_name,
            regexp_escape(lower({{ dbt_opsplugin.literal(relation['schema']) }})) as schema_pattern,
            regexp_escape(lower({{ dbt_opsplugin.literal(relation['identifier'].replace('"', '""')) }})) as name_pattern
        {{ 'union all' if not loop.last }}
        {% endfor %}
    ),
    views as (
        select
            v.database_name, v.schema_name, v.view_name,
            regexp_replace(lower(v.sql), '''[^'']*''', '', 'g') as definition,
            (
                select list(lower(t.table_name))
                from duckdb_tables() as t
                where t.database_name = v.database_name and t.schema_name = v.schema_name
            ) as own_tables
        from duckdb_views() as v
        where not v.internal
    )
    select candidates.relation_key, views.database_name, views.schema_name, views.view_name
    from views
    cross join candidates
    where
        regexp_matches(
            definition,
            '(^|[^a-z0-9_])"?' || schema_pattern || '"?\s*\.\s*"?' || name_pattern
                || '("|[^a-z0-9_"]|$)'
        )
        or (
            (
                candidates.schema_name = lower(views.schema_name)
                or candidates.schema_name = 'main'
                    and not coalesce(list_contains(own_tables, relation_name), false)
            )
            and regexp_matches(
                regexp_replace(definition, '^.*?\sas\s', '', 's'),
                '(^|[^a-z0-9_."])"?' || name_pattern || '("|[^a-z0-9_"]|$)'
            )
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
    {#- Bytes are whole blocks of the database file; a table in memory has none. -#}
    {% for relation in relations %}
    select
        {{ dbt_opsplugin.literal(relation['key']) }},
        (select count(*) from {{ dbt_opsplugin._render(relation) }}),
        (
            select count(distinct case when block_id >= 0 then block_id end) * 262144
            from pragma_storage_info({{ dbt_opsplugin.literal(dbt_opsplugin._render(relation)) }})
        )
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
