{% macro redshift__relation_rows(schemas, query) %}
    {#- The catalog is of the leader node, which no statement can read together with a table. -#}
    {%- set rows = dbt_opsplugin.query_rows(query) if query else [] %}
    {%- for database, names in schemas.items() %}
        {%- do rows.extend(dbt_opsplugin.query_rows(
            adapter.dispatch('relations_sql', 'dbt_opsplugin')(database, names)
        )) %}
    {%- endfor %}
    {%- do return(rows) %}
{%- endmacro %}


{% macro redshift__relations_sql(database, schemas) %}
    {#- A materialized view is a view there, beside a table of its own that nobody should drop. Of a
        late-binding view the definition is the statement that makes it, of another its select. -#}
    select
        cast(current_database() as varchar(128)), cast(spaces.nspname as varchar(128)),
        cast(relations.relname as varchar(128)),
        case
            when relations.relkind = 'r' and relations.relname not like 'mv\\_tbl\\_\\_%' then 'table'
            when relations.relkind = 'r' then 'table of a materialized view'
            when pg_get_viewdef(relations.oid) ilike '%create materialized view%' then 'materialized view'
            else 'view'
        end,
        case
            when relations.relkind = 'v' and pg_get_viewdef(relations.oid) not ilike '%create materialized view%'
                then pg_get_viewdef(relations.oid)
        end
    from pg_catalog.pg_class as relations
    inner join pg_catalog.pg_namespace as spaces on spaces.oid = relations.relnamespace
    where relations.relkind in ('r', 'v')
        and {{ dbt_opsplugin._in_schemas('spaces.nspname', schemas) }}
{% endmacro %}


{% macro redshift__readers(relations) %}
    {#- Of views with a schema binding and foreign keys by what Redshift knows; of late-binding and
        materialized views by their text. -#}
    {% set query %}
    with candidates as (
        {% for relation in relations %}
        select
            cast({{ dbt_opsplugin.literal(relation['key']) }} as varchar(1000)) as relation_key,
            relations.oid as id
        from pg_catalog.pg_class as relations
        inner join pg_catalog.pg_namespace as spaces on spaces.oid = relations.relnamespace
        where spaces.nspname = {{ dbt_opsplugin.literal(relation['schema']) }}
            and relations.relname = {{ dbt_opsplugin.literal(relation['identifier']) }}
        {{ 'union all' if not loop.last }}
        {% endfor %}
    ),
    readers as (
        select candidates.relation_key, candidates.id, rules.ev_class as reader
        from candidates
        inner join pg_catalog.pg_depend as links on links.refobjid = candidates.id
        inner join pg_catalog.pg_rewrite as rules on links.objid = rules.oid
        union
        select candidates.relation_key, candidates.id, keys.conrelid
        from candidates
        inner join pg_catalog.pg_constraint as keys
            on candidates.id = keys.confrelid and keys.contype = 'f'
    )
    select
        readers.relation_key, cast(current_database() as varchar(128)),
        cast(spaces.nspname as varchar(128)), cast(relations.relname as varchar(128))
    from readers
    inner join pg_catalog.pg_class as relations on readers.reader = relations.oid
    inner join pg_catalog.pg_namespace as spaces on relations.relnamespace = spaces.oid
    where readers.reader <> readers.id
    {% endset %}
    {% do return(dbt_opsplugin.query_rows(query) + dbt_opsplugin.default__readers(relations)) %}
{% endmacro %}


{% macro redshift__view_texts(relations) %}
    {%- do return(dbt_opsplugin.query_rows(
        'select cast(current_database() as varchar(128)), cast(schemaname as varchar(128)),'
        ~ ' cast(viewname as varchar(128)), definition from pg_catalog.pg_views'
        ~ " where schemaname not in ('pg_catalog', 'information_schema')"
    )) %}
{%- endmacro %}
