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
        {#- A name of the catalog has the collation "C", in which only ASCII has a lower case. -#}
        {{- ' and ' ~ dbt_opsplugin._in_schemas('spaces.nspname collate "default"', schemas) }}
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


{% macro postgres__readers(relations) %}
    {#- Postgres knows what depends on what: views and materialized views by their rules,
        tables by foreign keys and inheritance (a parent reads the rows of its parts), functions whose
        body it has parsed. -#}
    {% set query %}
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
        inner join pg_catalog.pg_inherits as parts on candidates.id in (parts.inhparent, parts.inhrelid)
        inner join pg_catalog.pg_class as relations on relations.oid in (parts.inhparent, parts.inhrelid)
    )
    select
        readers.relation_key, cast(current_database() as text), cast(spaces.nspname as text),
        cast(readers.name as text)
    from readers
    inner join pg_catalog.pg_namespace as spaces on readers.space = spaces.oid
    where readers.oid is null or readers.oid <> readers.id
    {% endset %}
    {% do return(dbt_opsplugin.query_rows(query)) %}
{% endmacro %}
