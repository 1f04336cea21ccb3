{% macro sqlserver__relations_sql(database, schemas) %}
    {#- What is a table or view of another kind is neither copied nor dropped. Beside rows of our tables, whose
        collation may be another than the catalog's. -#}
    {% set catalog = adapter.quote(database) ~ '.sys.' %}
    select
        {{ dbt_opsplugin.literal(database) }} as database_name,
        spaces.name collate database_default as schema_name,
        relations.name collate database_default as relation_name,
        case
            when relations.type = 'V' and exists (
                select 1 from {{ catalog }}indexes as indexes where indexes.object_id = relations.object_id
            ) then 'indexed view'
            when relations.type = 'V' then 'view'
            when relations.type = 'SN' then 'synonym'
            when tables.is_external = 1 then 'external table'
            when tables.temporal_type <> 0 then 'system-versioned table'
            when tables.is_memory_optimized = 1 then 'memory-optimized table'
            when tables.is_node = 1 or tables.is_edge = 1 then 'graph table'
            when tables.is_filetable = 1 then 'filetable'
            else 'table'
        end as relation_type,
        modules.definition collate database_default as definition
    from {{ catalog }}objects as relations
    inner join {{ catalog }}schemas as spaces on relations.schema_id = spaces.schema_id
    left join {{ catalog }}tables as tables on relations.object_id = tables.object_id
    left join {{ catalog }}sql_modules as modules on relations.object_id = modules.object_id
    where relations.type in ('U', 'V', 'SN', 'ET')
        and {{ dbt_opsplugin._in_schemas('spaces.name', schemas) }}
{% endmacro %}


{% macro sqlserver__sizes_sql(relations) %}
    {#- The rows that the catalog tells are approximate. -#}
    {% for relation in relations %}
    {%- set name = dbt_opsplugin._render(relation) %}
    {%- set catalog = adapter.quote(relation['database']) ~ '.sys.' %}
    select
        {{ dbt_opsplugin.literal(relation['key']) }} as relation_key,
        (select count_big(*) from {{ name }}) as row_count,
        (
            select sum(units.total_pages) * 8192
            from {{ catalog }}partitions as parts
            inner join {{ catalog }}allocation_units as units
                on (units.type in (1, 3) and units.container_id = parts.hobt_id)
                or (units.type = 2 and units.container_id = parts.partition_id)
            where parts.object_id = object_id({{ dbt_opsplugin.literal(name) }})
        ) as bytes
    {{ 'union all' if not loop.last }}
    {% endfor %}
{% endmacro %}


{% macro sqlserver__readers(relations) %}
    {#- Of each database that this project builds in, what names one of the relations: views, functions, procedures
        and triggers, tables by foreign keys, and synonyms. A name without a schema may be of any. What the login
        may not see is not listed, so without the right to see all nothing is known. -#}
    {%- set databases = {} %}
    {%- for database in (relations | map(attribute='database') | list)
        + (graph.nodes.values() | map(attribute='database') | select | list) %}
        {%- do databases.setdefault(database | lower, database) %}
    {%- endfor %}
    {%- set found = [] %}
    {%- for database in databases.values() %}
        {%- set may_see = dbt_opsplugin.query_rows(
            'select has_perms_by_name(quotename(' ~ dbt_opsplugin.literal(database)
            ~ "), 'DATABASE', 'VIEW DEFINITION') as may_see"
        ) %}
        {%- if not may_see or may_see[0][0] != 1 %}
            {%- do dbt_opsplugin._fail(
                'drop_stg_tables', 'what reads a table is not to be known: the user of target ' ~ target.name
                ~ ' may not see every definition in database ' ~ database,
                'nothing was dropped; grant view definition, and select on sys.sql_expression_dependencies, there'
            ) %}
        {%- endif %}
        {%- for schema, name, of_database, of_schema, of_name in dbt_opsplugin.query_rows(
            dbt_opsplugin._links_in_tsql(adapter.quote(database) ~ '.sys.', relations)
        ) %}
            {%- for relation in relations if relation['identifier'] | lower == of_name | lower
                and (of_schema or relation['schema']) | lower == relation['schema'] | lower
                and (of_database or database) | lower == relation['database'] | lower %}
                {%- do found.append([relation['key'], database, schema, name]) %}
            {%- endfor %}
        {%- endfor %}
    {%- endfor %}
    {%- do return(found) %}
{%- endmacro %}


{% macro _links_in_tsql(catalog, relations) %}
    {#- Rows: schema and name of what refers to something, or of the table that it is a part of; and database,
        schema and name of that. -#}
    {% set names = [] %}
    {% for name in relations | map(attribute='identifier') | map('lower') | unique %}
        {% do names.append(dbt_opsplugin.literal(name)) %}
    {% endfor %}
    {% set names = ' in (' ~ names | join(', ') ~ ')' %}
    select
        spaces.name as schema_name, coalesce(wholes.name, readers.name, 'a trigger of the database') as reader,
        links.referenced_database_name as of_database, links.referenced_schema_name as of_schema,
        links.referenced_entity_name as of_name
    from {{ catalog }}sql_expression_dependencies as links
    left join {{ catalog }}objects as readers
        on links.referencing_id = readers.object_id and links.referencing_class = 1
    left join {{ catalog }}objects as wholes on readers.parent_object_id = wholes.object_id
    left join {{ catalog }}schemas as spaces
        on coalesce(wholes.schema_id, readers.schema_id) = spaces.schema_id
    where lower(links.referenced_entity_name){{ names }}
    union all
    select spaces.name, readers.name, null, of_spaces.name, wanted.name
    from {{ catalog }}foreign_keys as links
    inner join {{ catalog }}objects as readers on links.parent_object_id = readers.object_id
    inner join {{ catalog }}schemas as spaces on readers.schema_id = spaces.schema_id
    inner join {{ catalog }}objects as wanted on links.referenced_object_id = wanted.object_id
    inner join {{ catalog }}schemas as of_spaces on wanted.schema_id = of_spaces.schema_id
    where lower(wanted.name){{ names }}
    union all
    select
        spaces.name, links.name, parsename(links.base_object_name, 3), parsename(links.base_object_name, 2),
        parsename(links.base_object_name, 1)
    from {{ catalog }}synonyms as links
    inner join {{ catalog }}schemas as spaces on links.schema_id = spaces.schema_id
    where lower(parsename(links.base_object_name, 1)){{ names }}
{% endmacro %}


{% macro sqlserver__drop_relation_sql(relation) %}
    {#- That of a view names no database. -#}
    {%- if relation['type'] == 'view' %}
        {%- do return('drop view ' ~ dbt_opsplugin._quoted([relation['schema'], relation['identifier']])) %}
    {%- endif %}
    {%- do return(dbt_opsplugin.default__drop_relation_sql(relation)) %}
{%- endmacro %}
