{% macro _view_failures() %}
    select
        res.unique_id, res.resource_type, res.status, res.failures, res.message,
        res.completed_at, res.owner, res.tags, runs.target_name, runs.command,
        runs.invocation_id, runs.git_sha, runs.orchestrator_url
    from {{ dbt_opsplugin.ops_relation('ops_results') }} as res
    inner join {{ dbt_opsplugin.ops_relation('ops_runs') }} as runs
        on res.invocation_id = runs.invocation_id
    where res.status in ('error', 'fail', 'runtime error', 'partial success')
{% endmacro %}


{% macro _view_flaky_tests() %}
    {#- Tests whose outcome changed at least twice. -#}
    with outcomes as (
        select
            res.unique_id, runs.target_name, res.completed_at,
            case when res.status in ('pass', 'warn') then 1 else 0 end as passed,
            lag(case when res.status in ('pass', 'warn') then 1 else 0 end) over (
                partition by res.unique_id, runs.target_name order by res.completed_at
            ) as passed_before
        from {{ dbt_opsplugin.ops_relation('ops_results') }} as res
        inner join {{ dbt_opsplugin.ops_relation('ops_runs') }} as runs
            on res.invocation_id = runs.invocation_id
        where res.resource_type in ('test', 'unit_test')
            and res.status in ('pass', 'warn', 'fail', 'error')
    )
    select
        unique_id, target_name, count(*) as run_count, sum(passed) as pass_count,
        sum(case when passed <> passed_before then 1 else 0 end) as change_count,
        max(completed_at) as last_completed_at
    from outcomes
    group by unique_id, target_name
    having sum(case when passed <> passed_before then 1 else 0 end) >= 2
{% endmacro %}


{% macro _view_source_freshness() %}
    select * from (
        select
            res.unique_id, runs.target_name, res.status, res.max_loaded_at,
            res.max_loaded_at_time_ago_in_s, res.completed_at,
            row_number() over (
                partition by res.unique_id, runs.target_name order by res.completed_at desc
            ) as check_rank
        from {{ dbt_opsplugin.ops_relation('ops_results') }} as res
        inner join {{ dbt_opsplugin.ops_relation('ops_runs') }} as runs
            on res.invocation_id = runs.invocation_id
        where res.resource_type = 'source'
    ) as checks
    where check_rank = 1
{% endmacro %}
