{% macro duckdb___ops_columns_sql(relation) %}
    {#- Not information_schema: it loads the whole catalog of every attached database. -#}
    select table_name, column_name
    from duckdb_columns()
    where lower(database_name) = lower({{ dbt_opsplugin.literal(relation.database) }})
        and lower(schema_name) = lower({{ dbt_opsplugin.literal(relation.schema) }})
        and table_name like 'ops%'
{% endmacro %}


{% macro duckdb__trial_statements(schema_exists) %}
    {%- set trial = dbt_opsplugin.ops_relation('ops_trial_' ~ invocation_id.replace('-', '')) %}
    {%- set statements = ['begin'] %}
    {%- if not schema_exists %}
        {%- do statements.append(dbt_opsplugin._create_schema_sql(trial)) %}
    {%- endif %}
    {%- do return(statements + [
        'create table ' ~ trial ~ ' as select 1 as id', 'insert into ' ~ trial ~ ' values (2)', 'rollback',
    ]) %}
{%- endmacro %}
