{% macro _views_of_failures() %}
    {% set failures %}
    {#- Every failed result with its run. A status that is not known counts as a failure. -#}
    select
        res.unique_id, res.resource_type, res.status, res.failures, res.message,
        coalesce(res.completed_at, res.recorded_at) as completed_at, res.owner, res.tags,
        runs.project_name, runs.target_name, runs.schema_name as target_schema, runs.command,
        runs.invocation_id as invocation_id, runs.git_sha, runs.orchestrator_url
    from {{ dbt_opsplugin.ops_relation('ops_results') }} as res
    inner join {{ dbt_opsplugin.ops_relation('ops_runs') }} as runs
        on res.invocation_id = runs.invocation_id
    where res.status not in (
        {%- for status in dbt_opsplugin._harmless_statuses() %}
        {{- dbt_opsplugin.literal(status) }}{{ ', ' if not loop.last }}
        {%- endfor -%}
    )
    {% endset %}
    {% set flaky_tests %}
    {#- Tests that went back and forth: of their last 30 outcomes, pass or not, at least three
        differ from the one before. Two do not count: that is one incident and its repair. Not of
        tests that have been removed. A case without an "else" has nulls, without which ClickHouse
        gives the first row a 0 before it. -#}
    with outcomes as (
        select
            res.unique_id, runs.project_name, runs.target_name, runs.schema_name as target_schema,
            coalesce(res.completed_at, res.recorded_at) as completed_at,
            case when res.status = 'pass' then 1 when res.status <> 'pass' then 0 end as passed,
            row_number() over (
                partition by
                    runs.project_name, runs.target_name, runs.schema_name, res.unique_id
                order by coalesce(res.completed_at, res.recorded_at) desc
            ) as age
        from {{ dbt_opsplugin.ops_relation('ops_results') }} as res
        inner join {{ dbt_opsplugin.ops_relation('ops_runs') }} as runs
            on res.invocation_id = runs.invocation_id
        where res.resource_type in ('test', 'unit_test')
            and res.status in ('pass', 'warn', 'fail', 'error')
    ),
    changes as (
        select
            outcomes.*,
            lag(passed) over (
                partition by project_name, target_name, target_schema, unique_id order by age desc
            ) as passed_before
        from outcomes
        where age <= 30
    )
    select flaky.*
    from (
        select
            project_name, target_name, target_schema, unique_id, count(*) as run_count,
            sum(passed) as pass_count,
            sum(case when passed <> passed_before then 1 else 0 end) as change_count,
            max(completed_at) as last_completed_at
        from changes
        group by project_name, target_name, target_schema, unique_id
        having sum(case when passed <> passed_before then 1 else 0 end) >= 3
    ) as flaky
    {{ dbt_opsplugin._left_join_removals('flaky') }}
    where removals.removed_at is null or removals.removed_at < flaky.last_completed_at
    {% endset %}
    {% set source_freshness %}
    {#- The last freshness check of every source. -#}
    select
        project_name, target_name, target_schema, unique_id, status, max_loaded_at,
        max_loaded_at_time_ago_in_s, message, completed_at
    from (
        select
            res.unique_id, runs.project_name, runs.target_name, runs.schema_name as target_schema,
            res.status, res.max_loaded_at, res.max_loaded_at_time_ago_in_s, res.message,
            coalesce(res.completed_at, res.recorded_at) as completed_at,
            row_number() over (
                partition by
                    runs.project_name, runs.target_name, runs.schema_name, res.unique_id
                order by coalesce(res.completed_at, res.recorded_at) desc
            ) as age
        from {{ dbt_opsplugin.ops_relation('ops_results') }} as res
        inner join {{ dbt_opsplugin.ops_relation('ops_runs') }} as runs
            on res.invocation_id = runs.invocation_id
        where res.resource_type = 'source'
    ) as checks
    where age = 1
    {% endset %}
    {% do return({
        'ops_failures': failures,
        'ops_flaky_tests': flaky_tests,
        'ops_source_freshness': source_freshness,
    }) %}
{% endmacro %}
