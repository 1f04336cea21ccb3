{% macro sqlserver__definition_statements(tables, views, observed) %}
    {#- What one select cannot say in T-SQL as elsewhere has a view of its own. -#}
    {%- set statements = [] %}
    {%- set own = {
        'ops_model_performance': dbt_opsplugin._model_performance_in_tsql(),
        'ops_row_counts': dbt_opsplugin._row_counts_in_tsql(),
    } if views else {} %}
    {%- for view, sql in views.items() %}
        {%- do statements.append(
            'create or alter view ' ~ dbt_opsplugin.ops_relation(view).include(database=false) ~ ' as '
            ~ own.get(view, sql)
        ) %}
    {%- endfor %}
    {%- if not observed %}
        {%- do return(tables + statements) %}
    {%- endif %}
    {%- do return(dbt_opsplugin.observed_statements(tables) + dbt_opsplugin.observed_statements(statements)) %}
{%- endmacro %}


{% macro sqlserver___ops_columns_sql(relation) %}
    {#- Also where another database is refused, which a view is not made in. -#}
    {% if relation.database | lower != (target.database or '') | lower %}
        {% do dbt_opsplugin._fail(
            'engine_facts', 'opsplugin_database is ' ~ relation.database ~ ', the database of target ' ~ target.name
            ~ ' is ' ~ target.database ~ ': on ' ~ target.type ~ ' the ops tables are in that of the target',
            'leave opsplugin_database out, or set opsplugin_enabled: false'
        ) %}
    {% endif %}
    {% set catalog = adapter.quote(relation.database) ~ '.sys.' %}
    select relations.name as table_name, columns.name as column_name
    from {{ catalog }}objects as relations
    inner join {{ catalog }}schemas as spaces on relations.schema_id = spaces.schema_id
    inner join {{ catalog }}columns as columns on relations.object_id = columns.object_id
    where lower(spaces.name) = {{ dbt_opsplugin.literal(relation.schema | lower) }}
        and relations.type in ('U', 'V')
        and relations.name like 'ops%'
{% endmacro %}


{% macro sqlserver__trial_statements(schema_exists) %}
    {%- set trial = dbt_opsplugin.ops_relation('ops_trial_' ~ invocation_id.replace('-', '')) %}
    {%- set view = dbt_opsplugin.ops_relation('ops_trial_view_' ~ invocation_id.replace('-', '')) %}
    {%- do return([dbt_opsplugin._transaction_of_tsql(
        ([] if schema_exists else [dbt_opsplugin._create_schema_sql(trial)]) + [
            'create table ' ~ trial ~ ' (id int)',
            'insert into ' ~ trial ~ ' (id) values (1)',
            'create or alter view ' ~ view.include(database=false) ~ ' as select 1 as id',
        ], 'rollback'
    )]) %}
{%- endmacro %}
