{% macro _views_of_performance() %}
    {% set percentile = dbt_opsplugin.engine_facts()['percentile'].replace('%s', 'execution_time') %}
    {% set refreshed = dbt_opsplugin._form('is_surely_true', 'full_refresh') %}
    {% set model_performance %}
    {#- Seconds of successful builds with data; of an incremental model, of the builds that
        were not full refreshes. usual_seconds is the median of the builds before the last, in a
        select of its own: some engines take percentiles of but one column in a select.
        trend is the mean of the last five over the mean of up to 30 before those (1.0:
        unchanged, null: five builds or fewer). -#}
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
            and not {{ dbt_opsplugin._form('is_surely_true', 'empty') }}
            and not ({{ refreshed }} and coalesce(materialized, '') = 'incremental')
    ),
    totals as (
        select
            project_name, target_name, target_schema, unique_id, count(*) as build_count,
            max(case when age = 1 then execution_time end) as last_seconds,
            avg(execution_time) as mean_seconds,
            {{ percentile.replace('%p', '50') }} as p50_seconds,
            {{ percentile.replace('%p', '95') }} as p95_seconds,
            max(execution_time) as max_seconds,
            avg(case when age <= 5 then execution_time end)
                / nullif(avg(case when age between 6 and 35 then execution_time end), 0) as trend,
            max(completed_at) as last_completed_at
        from builds
        group by project_name, target_name, target_schema, unique_id
    ),
    earlier as (
        select
            project_name, target_name, target_schema, unique_id,
            {{ percentile.replace('%p', '50') }} as usual_seconds
        from builds
        where age > 1
        group by project_name, target_name, target_schema, unique_id
    )
    select
        totals.project_name, totals.target_name, totals.target_schema, totals.unique_id,
        totals.build_count, totals.last_seconds, totals.mean_seconds, totals.p50_seconds,
        totals.p95_seconds, totals.max_seconds, earlier.usual_seconds, totals.trend,
        totals.last_completed_at
    from totals
    left join earlier
        on totals.project_name = earlier.project_name
        and totals.target_name = earlier.target_name
        and totals.target_schema = earlier.target_schema
        and totals.unique_id = earlier.unique_id
    {% endset %}
    {% set slow_models %}
    {#- Slow by the limit that the last run had (opsplugin_slow_model_seconds), or against
        its own history of four builds or more: more than a second, and twice as long as
        usual. Not of models that have been removed. -#}
    select
        performance.project_name as project_name, performance.target_name as target_name,
        performance.target_schema as target_schema, performance.unique_id as unique_id,
        performance.last_seconds, performance.usual_seconds, runs.slow_model_seconds,
        performance.build_count, performance.last_completed_at,
        case
            when performance.last_seconds > runs.slow_model_seconds then 'over the limit'
            else 'twice its usual time'
        end as reason
    from {{ dbt_opsplugin.ops_relation('ops_model_performance') }} as performance
    inner join {{ dbt_opsplugin.ops_relation('ops_latest_runs') }} as runs
        on performance.project_name = runs.project_name
        and performance.target_name = runs.target_name
        and performance.target_schema = runs.schema_name
    {{ dbt_opsplugin._left_join_removals('performance') }}
    where (
            performance.last_seconds > runs.slow_model_seconds
            or performance.build_count >= 5
            and performance.last_seconds > 1
            and performance.last_seconds > 2 * performance.usual_seconds
        )
        and (removals.removed_at is null or removals.removed_at < performance.last_completed_at)
    {% endset %}
    {% do return({
        'ops_model_performance': model_performance,
        'ops_slow_models': slow_models,
    }) %}
{% endmacro %}
