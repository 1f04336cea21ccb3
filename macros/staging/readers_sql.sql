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


{% macro postgres__readers_sql(relations) %}
    {#- Postgres knows what depends on what: views and materialized views by their rules,
        tables by foreign keys and inheritance, functions whose body it has parsed. -#}
    with candidates as (
        {% for relation in relations %}
        select
            {{ dbt_opsplugin.literal(relation['key']) }} as relation_key,
            cast({{ dbt_opsplugin.literal(dbt_opsplugin._render(relation)) }} as regclass) as id
        {{ 'union all' if not loop.last }}
        {% endfor %}
    ),
    links as (
        select candidates.relation_key, candidates.id, pg_depend.classid, pg_depend.objid
        from candidates
        inner join pg_catalog.pg_depend on pg_depend.refobjid = candidates.id
        where pg_depend.refclassid = cast('pg_catalog.pg_class' as regclass)
    ),
    readers as (
        select links.relation_key, links.id, relations.oid, relations.relnamespace as space,
            relations.relname as name
        from links
        inner join pg_catalog.pg_rewrite as rules
            on links.classid = cast('pg_catalog.pg_rewrite' as regclass) and links.objid = rules.oid
        inner join pg_catalog.pg_class as relations on rules.ev_class = relations.oid
        union
        select links.relation_key, links.id, null, functions.pronamespace, functions.proname
        from links
        inner join pg_catalog.pg_proc as functions
            on links.classid = cast('pg_catalog.pg_proc' as regclass) and links.objid = functions.oid
        union
        select candidates.relation_key, candidates.id, relations.oid, relations.relnamespace,
            relations.relname
        from candidates
        inner join pg_catalog.pg_constraint as keys
            on candidates.id = keys.confrelid and keys.contype = 'f'
        inner join pg_catalog.pg_class as relations on keys.conrelid = relations.oid
        union
        select candidates.relation_key, candidates.id, relations.oid, relations.relnamespace,
            relations.relname
        from candidates
        inner join pg_catalog.pg_inherits as parts on candidates.id = parts.inhparent
        inner join pg_catalog.pg_class as relations on parts.inhrelid = relations.oid
    )
    select
        readers.relation_key, cast(current_database() as text), cast(spaces.nspname as text),
        cast(readers.name as text)
    from readers
    inner join pg_catalog.pg_namespace as spaces on readers.space = spaces.oid
    where readers.oid is null or readers.oid <> readers.id
{% endmacro %}
