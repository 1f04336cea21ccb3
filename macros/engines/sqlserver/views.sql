{% macro _model_performance_in_tsql() %}
    {#- ops_model_performance: there, a percentile is of a window and not of a group. -#}
    {% set percentile = 'percentile_cont(0.%p) within group (order by %s)'
        ~ ' over (partition by project_name, target_name, target_schema, unique_id)' %}
    with builds as (
        select
            project_name, target_name, target_schema, unique_id, execution_time,
            coalesce(completed_at, recorded_at) as completed_at,
            row_number() over (
                partition by project_name, target_name, target_schema, unique_id
                order by coalesce(completed_at, recorded_at) desc
            ) as age
        from {{ dbt_opsplugin.ops_relation('ops_builds') }}
        where status = 'success'
            and not coalesce(empty, 0) = 1
            and not (coalesce(full_refresh, 0) = 1 and coalesce(materialized, '') = 'incremental')
    ),
    measured as (
        select
            builds.*,
            {{ percentile.replace('%p', '50').replace('%s', 'execution_time') }} as p50_seconds,
            {{ percentile.replace('%p', '95').replace('%s', 'execution_time') }} as p95_seconds,
            {{ percentile.replace('%p', '50').replace(
                '%s', 'case when age > 1 then execution_time end'
            ) }} as usual_seconds
        from builds
    )
    select
        project_name, target_name, target_schema, unique_id, count(*) as build_count,
        max(case when age = 1 then execution_time end) as last_seconds,
        avg(execution_time) as mean_seconds, max(p50_seconds) as p50_seconds,
        max(p95_seconds) as p95_seconds, max(execution_time) as max_seconds,
        max(usual_seconds) as usual_seconds,
        avg(case when age <= 5 then execution_time end)
            / nullif(avg(case when age between 6 and 35 then execution_time end), 0) as trend,
        max(completed_at) as last_completed_at
    from measured
    group by project_name, target_name, target_schema, unique_id
{% endmacro %}


{% macro _row_counts_in_tsql() %}
    {#- ops_row_counts: without greatest, which SQL Server has since 2022, and with a condition as a value. -#}
    {%- set measured_at
        = 'case when runs.completed_at < metrics.recorded_at then runs.completed_at else metrics.recorded_at end' %}
    {%- set double = dbt_opsplugin.engine_facts()['types']['double'] %}
    with measured as (
        select
            metrics.unique_id, runs.project_name, runs.target_name,
            runs.schema_name as target_schema, metrics.metric, metrics.value,
            metrics.invocation_id, {{ measured_at }} as measured_at,
            case when abs(metrics.value) < cast('1e150' as {{ double }}) then metrics.value end as counted,
            row_number() over (
                partition by
                    runs.project_name, runs.target_name, runs.schema_name, metrics.unique_id,
                    metrics.metric
                order by {{ measured_at }} desc
            ) as age
        from {{ dbt_opsplugin.ops_relation('ops_metrics') }} as metrics
        inner join {{ dbt_opsplugin.ops_relation('ops_runs') }} as runs
            on metrics.invocation_id = runs.invocation_id
    ),
    history as (
        select
            project_name, target_name, target_schema, unique_id, metric,
            max(case when age = 1 then value end) as value,
            max(case when age = 2 then value end) as previous_value,
            max(case when age = 1 then measured_at end) as recorded_at,
            max(case when age = 1 then invocation_id end) as invocation_id,
            count(case when age > 1 then counted end) as history_count,
            avg(case when age > 1 then counted end) as mean_value,
            coalesce(stdev(case when age > 1 then counted end), 0) as deviation
        from measured
        where age <= 31
        group by project_name, target_name, target_schema, unique_id, metric
    ),
    ranges as (
        select
            history.*,
            case
                when history_count < 5 then null
                when 3 * deviation > 0.1 * abs(mean_value) then 3 * deviation
                else 0.1 * abs(mean_value)
            end as tolerance
        from history
    )
    select
        ranges.project_name, ranges.target_name, ranges.target_schema, ranges.unique_id, ranges.metric,
        ranges.value, ranges.previous_value, ranges.recorded_at, ranges.invocation_id,
        ranges.history_count, ranges.mean_value, ranges.deviation,
        ranges.mean_value - ranges.tolerance as expected_min,
        ranges.mean_value + ranges.tolerance as expected_max,
        cast(case
            when ranges.value between ranges.mean_value - ranges.tolerance
                and ranges.mean_value + ranges.tolerance then 1
            when ranges.value is not null and ranges.tolerance is not null then 0
        end as bit) as is_expected
    from ranges
    {{ dbt_opsplugin._left_join_removals('ranges') }}
    where removals.removed_at is null or removals.removed_at < ranges.recorded_at
{% endmacro %}
