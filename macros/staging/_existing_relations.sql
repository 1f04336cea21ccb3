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
    {#- DuckDB keeps no dependencies of views and macros, only their text. A name in it counts
        when it is qualified with the relation's schema, or when it is bare and resolves so:
        to the reader's own schema where that has such a relation, else to main. Text in
        quotes does not count, unless a query is made of it. It may take a CTE in the same
        schema for a reader: then we keep too much. A foreign key holds a table too. -#}
    with candidates as materialized (
        {% for relation in relations %}
        select
            {{ dbt_opsplugin.literal(relation['key']) }} as relation_key,
            lower({{ dbt_opsplugin.literal(relation['schema']) }}) as schema_name,
            lower({{ dbt_opsplugin.literal(relation['identifier']) }}) as relation_name,
            lower({{ dbt_opsplugin.literal(relation['identifier'].replace('"', '""')) }}) as text_name
        {{ 'union all' if not loop.last }}
        {% endfor %}
    ),
    texts as materialized (
        select
            database_name, schema_name, name,
            case when regexp_matches(text, '\bquery(_table)?\s*\(') then text
                else regexp_replace(
                    text, '("(?:[^"]|"")*")|''(?:[^'']|'''')*''', '\1', 'g'
                ) end as definition
        from (
            select database_name, schema_name, view_name as name, lower(sql) as text
            from duckdb_views()
            where not internal
            union all
            select database_name, schema_name, function_name, 'as ' || lower(macro_definition)
            from duckdb_functions()
            where not internal and macro_definition is not null
        ) as sources
    ),
    own_tables as materialized (
        select database_name, schema_name, list(lower(table_name)) as names
        from duckdb_tables()
        group by database_name, schema_name
    ),
    mentions as (
        select
            candidates.*, texts.database_name as reader_database,
            texts.schema_name as reader_schema, texts.name as reader, texts.definition,
            own_tables.names
        from texts
        inner join candidates on contains(texts.definition, candidates.text_name)
        left join own_tables
            on texts.database_name = own_tables.database_name
            and texts.schema_name = own_tables.schema_name
    )
    select relation_key, reader_database, reader_schema, reader
    from mentions
    where
        regexp_matches(
            definition,
            '(^|[^a-z0-9_])"?' || regexp_escape(schema_name) || '"?\s*\.\s*"?'
                || regexp_escape(text_name) || '("|[^a-z0-9_"]|$)'
        )
        or (
            (
                schema_name = lower(reader_schema)
                or schema_name = 'main' and not coalesce(list_contains(names, relation_name), false)
            )
            and regexp_matches(
                regexp_replace(definition, '^.*?\sas\s', '', 's'),
                '(^|[^a-z0-9_."])"?' || regexp_escape(text_name) || '("|[^a-z0-9_"]|$)'
            )
        )
    union all
    select candidates.relation_key, keys.database_name, keys.schema_name, keys.table_name
    from duckdb_constraints() as keys
    inner join candidates
        on lower(keys.schema_name) = candidates.schema_name
        and lower(keys.referenced_table) = candidates.relation_name
    where keys.constraint_type = 'FOREIGN KEY'
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
