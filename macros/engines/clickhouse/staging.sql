{% macro clickhouse__relations_sql(database, schemas) %}
    select
        '' as database_name, database as schema_name, name as relation_name,
        multiIf(
            is_temporary = 1, 'temporary table',
            engine = 'View', 'view',
            engine = 'MaterializedView', 'materialized view',
            engine = 'Dictionary', 'dictionary',
            startsWith(name, '.inner'), 'table of a materialized view',
            endsWith(engine, 'MergeTree') or engine in ('Log', 'Memory', 'StripeLog', 'TinyLog'), 'table',
            'table of ' || engine
        ) as kind,
        if(engine = 'View', create_table_query, engine_full) as value
    from system.tables
    where {{ dbt_opsplugin._in_schemas('database', schemas) }}
{% endmacro %}
