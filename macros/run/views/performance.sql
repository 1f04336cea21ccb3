{% macro _view_model_performance() %}
    {#- Seconds of successful builds; trend is the mean of the last five over the mean of
        those before (1.0: unchanged, null: five builds or fewer). -#}
    with builds as (
        select
            unique_id, target_name, execution_time, completed_at,
            row_number() over (
                partition by unique_id, target_name order by completed_at desc
            ) as age
        from {{ dbt_opsplugin.ops_relation('ops_builds') }}
        where status = 'success' and not coalesce(empty, false)
    )
    select
        unique_id, target_name, count(*) as build_count,
        max(case when age = 1 then execution_time end) as last_seconds,
        avg(execution_time) as mean_seconds,
        percentile_cont(0.5) within group (order by execution_time) as p50_seconds,
        percentile_cont(0.95) within group (order by execution_time) as p95_seconds,
        max(execution_time) as max_seconds,
        avg(case when age <= 5 then execution_time end)
            / nullif(avg(case when age > 5 then execution_time end), 0) as trend,
        max(completed_at) as last_completed_at
    from builds
    group by unique_id, target_name
{% endmacro %}


{% macro _view_slow_models() %}
    {#- Slow by the limit (opsplugin_slow_model_seconds), or against its own history. -#}
    select
        p.*,
        case when last_seconds > {{ dbt_opsplugin.literal(dbt_opsplugin._config('slow_model_seconds')) }}
            then 'over the limit of '
                || {{ dbt_opsplugin.literal(dbt_opsplugin._config('slow_model_seconds') | string) }}
                || ' seconds'
            else 'twice its usual time' end as reason
    from {{ dbt_opsplugin.ops_relation('ops_model_performance') }} as p
    where last_seconds > {{ dbt_opsplugin.literal(dbt_opsplugin._config('slow_model_seconds')) }}
        or (build_count >= 5 and last_seconds > 2 * p50_seconds and last_seconds > 1)
{% endmacro %}
