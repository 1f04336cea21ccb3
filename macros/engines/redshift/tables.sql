{% macro redshift___ops_columns_sql(relation) %}
    {#- Of what may be read, for the rest is as good as missing. With a row for a schema that holds
        nothing yet: who may not make one may be given it. -#}
    select cast(relations.relname as varchar(128)), cast(columns.attname as varchar(128))
    from pg_catalog.pg_namespace as spaces
    inner join pg_catalog.pg_class as relations on relations.relnamespace = spaces.oid
    inner join pg_catalog.pg_attribute as columns on columns.attrelid = relations.oid
    where lower(spaces.nspname) = lower({{ dbt_opsplugin.literal(relation.schema) }})
        and relations.relname like 'ops%'
        and relations.relkind in ('r', 'v')
        and columns.attnum > 0
        and not columns.attisdropped
        and has_table_privilege(relations.oid, 'select')
    union all
    select '', ''
    from pg_catalog.pg_namespace
    where lower(nspname) = lower({{ dbt_opsplugin.literal(relation.schema) }})
{% endmacro %}


{% macro redshift__definition_statements(tables, views, observed) %}
    {#- Redshift replaces a view only by one of the same columns, so all go first: one by one, each
        before what it reads. Replaced still, if another run has made them meanwhile. -#}
    {%- set old = [] %}
    {%- set new = [] %}
    {%- for view, sql in views.items() %}
        {%- set relation = dbt_opsplugin.ops_relation(view) | string %}
        {%- do old.insert(0, 'drop view if exists ' ~ relation) %}
        {%- do new.append('create or replace view ' ~ relation ~ ' as ' ~ sql) %}
    {%- endfor %}
    {%- do return(tables + old + new) %}
{%- endmacro %}
