{% macro postgres__definition_statements(tables, views, observed) %}
    {#- Postgres replaces a view only by one that begins with the same columns, so all go first.
        The lock is for runs that start at once: there, "if not exists" can fail. -#}
    {%- set old = [] %}
    {%- set new = [] %}
    {%- for view, sql in views.items() %}
        {%- do old.append(dbt_opsplugin.ops_relation(view) | string) %}
        {%- do new.append('create view ' ~ old[-1] ~ ' as ' ~ sql) %}
    {%- endfor %}
    {%- if old %}
        {%- do new.insert(0, 'drop view if exists ' ~ old | join(', ')) %}
    {%- endif %}
    {%- set lock = "pg_advisory_xact_lock(hashtext('dbt_opsplugin'))" %}
    {%- if not observed %}
        {%- do return(['select ' ~ lock] + tables + new) %}
    {%- endif %}
    {%- set statements = [] %}
    {%- for part in [tables, new] if part %}
        {%- do statements.extend(dbt_opsplugin.observed_statements(['perform ' ~ lock] + part)) %}
    {%- endfor %}
    {%- do return(statements) %}
{%- endmacro %}


{% macro postgres___ops_columns_sql(relation) %}
    {#- Of what may be read, for the rest is as good as missing. With a row for a schema that holds
        nothing yet: who may not make one may be given it. In quotes a name has its case. -#}
    {%- set schema = relation.include(database=false, identifier=false) | string %}
    {%- set name = relation.schema if '"' in schema else schema | lower %}
    select cast(relations.relname as text), cast(columns.attname as text)
    from pg_catalog.pg_namespace as spaces
    inner join pg_catalog.pg_class as relations on relations.relnamespace = spaces.oid
    inner join pg_catalog.pg_attribute as columns on columns.attrelid = relations.oid
    where spaces.nspname = {{ dbt_opsplugin.literal(name) }}
        and relations.relname like 'ops%'
        and relations.relkind in ('r', 'p', 'v')
        and columns.attnum > 0
        and not columns.attisdropped
        and has_table_privilege(relations.oid, 'select')
    union all
    select '', ''
    from pg_catalog.pg_namespace
    where nspname = {{ dbt_opsplugin.literal(name) }}
{% endmacro %}


{% macro postgres__trial_statements(schema_exists) %}
    {#- What a block has done is undone when it ends by an error, here by one of its own. -#}
    {%- set trial = dbt_opsplugin.ops_relation('ops_trial_' ~ invocation_id.replace('-', '')) %}
    {%- set schema = '' if schema_exists else dbt_opsplugin._create_schema_sql(trial) ~ '; ' %}
    {%- do return([
        'do $opsplugin$ begin ' ~ schema ~ 'create table ' ~ trial ~ ' as select 1 as id; insert into '
        ~ trial ~ " values (2); raise exception using errcode = 'OPS01';"
        ~ " exception when sqlstate 'OPS01' then null; end $opsplugin$"
    ]) %}
{%- endmacro %}
