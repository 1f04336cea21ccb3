{% macro _views_of_the_latest() %}
    {% set latest_nodes %}
    {#- The newest version of every node that was there at the last run of its environment:
        a project in a target, whose schema may be another for each tenant or branch. -#}
    select {{ dbt_opsplugin._ops_columns('ops_nodes') }}
    from (
        select
            nodes.*,
            row_number() over (
                partition by project_name, target_name, target_schema, unique_id
                order by recorded_at desc
            ) as age
        from {{ dbt_opsplugin.ops_relation('ops_nodes') }} as nodes
    ) as versions
    where age = 1 and not {{ dbt_opsplugin._form('is_surely_true', 'removed') }}
    {% endset %}
    {% set latest_runs %}
    {#- The last run of every environment: one that had nothing to do says nothing of those before it. -#}
    select {{ dbt_opsplugin._ops_columns('ops_runs') }}
    from (
        select
            runs.*,
            row_number() over (
                partition by project_name, target_name, schema_name
                order by started_at desc, recorded_at desc
            ) as age
        from {{ dbt_opsplugin.ops_relation('ops_runs') }} as runs
        where not (runs.status = 'success' and coalesce(runs.node_count, 1) = 0)
    ) as ranked
    where age = 1
    {% endset %}
    {% set builds %}
    {#- Every build of a relation, successful or not, with its run: what the views below and
        the guard of drop_stg_tables read. -#}
    select
        {{ dbt_opsplugin._ops_columns('ops_results', 'res') }},
        runs.project_name, runs.target_name, runs.schema_name as target_schema, runs.command,
        runs.full_refresh, runs.empty, runs.price_per_hour, runs.orchestrator_run_id
    from {{ dbt_opsplugin.ops_relation('ops_results') }} as res
    inner join {{ dbt_opsplugin.ops_relation('ops_runs') }} as runs
        on res.invocation_id = runs.invocation_id
    where res.resource_type in ('model', 'seed', 'snapshot')
    {% endset %}
    {% do return({
        'ops_latest_nodes': latest_nodes,
        'ops_latest_runs': latest_runs,
        'ops_builds': builds,
    }) %}
{% endmacro %}


{% macro _left_join_removals(rows) %}
    {#- To the rows of a view: when their node was last removed. A join, since not every engine takes
        a correlated select that compares by more than equality. -#}
    left join (
        select project_name, target_name, target_schema, unique_id, max(recorded_at) as removed_at
        from {{ dbt_opsplugin.ops_relation('ops_nodes') }}
        where {{ dbt_opsplugin._form('is_true', 'removed') }}
        group by project_name, target_name, target_schema, unique_id
    ) as removals
        on {{ rows }}.project_name = removals.project_name
        and {{ rows }}.target_name = removals.target_name
        and {{ rows }}.target_schema = removals.target_schema
        and {{ rows }}.unique_id = removals.unique_id
{% endmacro %}


{% macro _ops_columns(table, of=none) %}
    {#- The columns of an ops table by name: with a star, a view breaks on some engines when
        its table gets another column. ClickHouse would name one that both sides of a join have
        after its side too. -#}
    {%- set columns = [] %}
    {%- for column in dbt_opsplugin.ops_tables()[table]['columns'] %}
        {%- do columns.append(of ~ '.' ~ column ~ ' as ' ~ column if of else column) %}
    {%- endfor %}
    {%- do return(columns | join(', ')) %}
{%- endmacro %}
