{% macro _view_row_counts() %}
    {#- The newest value of every metric beside the range that its up to 30 earlier values
        make likely: their mean, three standard deviations to each side and at least a tenth
        of the mean. Nothing is expected from fewer than five earlier values, of which those are left
        out whose square an engine cannot hold; so are nodes that have been removed. Columns are named with
        their table where a result has the same name, which ClickHouse would take. -#}
    {#- What was delivered late is no newer than the end of its run. -#}
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
            max(case when age = 1 then measured.value end) as value,
            max(case when age = 2 then measured.value end) as previous_value,
            max(case when age = 1 then measured.measured_at end) as recorded_at,
            max(case when age = 1 then measured.invocation_id end) as invocation_id,
            count(case when age > 1 then measured.counted end) as history_count,
            avg(case when age > 1 then measured.counted end) as mean_value,
            case
                when count(case when age > 1 then measured.counted end) < 2 then 0
                else stddev_samp(case when age > 1 then measured.counted end)
            end as deviation
        from measured
        where age <= 31
        group by project_name, target_name, target_schema, unique_id, metric
    ),
    expected as (
        select
            history.*,
            case when history_count >= 5 then mean_value
                - greatest(3 * deviation, 0.1 * abs(mean_value)) end as expected_min,
            case when history_count >= 5 then mean_value
                + greatest(3 * deviation, 0.1 * abs(mean_value)) end as expected_max
        from history
    )
    select expected.*, value between expected_min and expected_max as is_expected
    from expected
    {{ dbt_opsplugin._left_join_removals('expected') }}
    where removals.removed_at is null or removals.removed_at < expected.recorded_at
{% endmacro %}
