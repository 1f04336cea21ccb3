{% macro duckdb__relations_sql(database, schemas) %}
    {% set of_schemas %}
        lower(database_name) = lower({{ dbt_opsplugin.literal(database) }})
        and {{ dbt_opsplugin._in_schemas('schema_name', schemas) }}
    {% endset %}
    select database_name, schema_name, table_name, 'table', cast(null as varchar)
    from duckdb_tables()
    where not temporary and {{ of_schemas }}
    union all
    select database_name, schema_name, view_name, 'view', sql
    from duckdb_views()
    where not internal and not temporary and {{ of_schemas }}
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


{% macro duckdb__readers(relations) %}
    {#- DuckDB keeps no dependencies of views and macros, only their text. A name in it counts
        when it is qualified with the relation's schema (or database, of main), or when it is bare
        and resolves so: to the reader's own schema where that has such a relation, else to main;
        by the search path to any other, where it stands as a table, and is none of the view's own (a
        CTE, unless that reads the name itself): DuckDB writes a comma that joins with a space before it.
        In a macro any name counts: what it means depends on the search path of its caller. Text in
        quotes does not count, unless a query is made of it, nor a keyword. It may take a CTE in the
        same schema for a reader: then we keep too much. A foreign key holds a table too. -#}
    {% set query %}
    with candidates as materialized (
        select
            named.* exclude (written),
            {#- A reserved word stands in quotes, where it is a name. -#}
            case
                when relation_name in (
                    select keyword_name from duckdb_keywords() where keyword_category = 'reserved'
                ) then '"' || written || '"'
                else written
            end as text_name
        from (
        {% for relation in relations %}
        select
            {{ dbt_opsplugin.literal(relation['key']) }} as relation_key,
            lower({{ dbt_opsplugin.literal(relation['schema']) }}) as schema_name,
            lower({{ dbt_opsplugin.literal(relation['identifier']) }}) as relation_name,
            {#- What may stand before its name: of its database alone, for what is in main. -#}
            regexp_escape(lower({{ dbt_opsplugin.literal(relation['schema'].replace('"', '""')) }}))
            {%- if relation['schema'] | lower == 'main' %}
                || '|' || regexp_escape(lower({{ dbt_opsplugin.literal(relation['database'].replace('"', '""')) }}))
            {%- endif %} as qualifiers,
            lower({{ dbt_opsplugin.literal(relation['identifier'].replace('"', '""')) }}) as written
        {{ 'union all' if not loop.last }}
        {% endfor %}
        ) as named
    ),
    texts as materialized (
        select
            database_name, schema_name, name, is_macro,
            case
                when regexp_matches(text, '\bquery(_table)?\s*\(') then replace(text, '''', '"')
                else regexp_replace(text, '("(?:[^"]|"")*")|''(?:[^'']|'''')*''', '\1', 'g')
            end as definition
        from (
            select
                database_name, schema_name, view_name as name, false as is_macro, lower(sql) as text
            from duckdb_views()
            where not internal
            union all
            select
                database_name, schema_name, function_name, true, lower(macro_definition)
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
            texts.is_macro, own_tables.names,
            '(\bfrom|\bjoin|\s,)[\s(]*"?' || regexp_escape(text_name) || '("|[^a-z0-9_".]|$)' as as_table,
            '"?' || regexp_escape(text_name)
                || '"?\s*(\([^()]*\)\s*)?as\s*(not\s+)?(materialized\s*)?\(' as as_cte
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
            '(^|[^a-z0-9_])"?(' || qualifiers || ')"?\s*\.\s*"?'
                || regexp_escape(text_name) || '("|[^a-z0-9_"]|$)'
        )
        or is_macro and regexp_matches(
            definition, '(^|[^a-z0-9_])"?' || regexp_escape(text_name) || '("|[^a-z0-9_"]|$)'
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
        or (
            not coalesce(list_contains(names, relation_name), false)
            and regexp_matches(definition, as_table)
            and (
                not regexp_matches(definition, as_cte)
                or regexp_matches(
                    definition,
                    as_cte || '(?:[^()]|\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)|\()*?' || as_table
                )
            )
        )
    union all
    select candidates.relation_key, keys.database_name, keys.schema_name, keys.table_name
    from duckdb_constraints() as keys
    inner join candidates
        on lower(keys.schema_name) = candidates.schema_name
        and lower(keys.referenced_table) = candidates.relation_name
    where keys.constraint_type = 'FOREIGN KEY'
    {% endset %}
    {% do return(dbt_opsplugin.query_rows(query)) %}
{% endmacro %}
