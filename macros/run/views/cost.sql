{% macro _views_of_cost() %}
    {% set source %}
    {#- Everything that took the warehouse's time: builds, tests and freshness checks. With what the engine
        says of it (record_query_history), once for each statement, also if two have recorded it at once.
        Of an exposure a run does nothing. -#}
    select
        res.unique_id as unique_id, res.resource_type as resource_type, res.execution_time as execution_time,
        res.bytes_processed as bytes_processed, res.tags as tags,
        coalesce(res.completed_at, res.recorded_at) as completed_at, runs.project_name,
        runs.target_name, runs.schema_name as target_schema, measured.credits,
        measured.bytes_billed, measured.slot_ms, measured.measured_cost,
        coalesce(measured.measured_cost, res.execution_time * runs.price_per_hour / 3600) as run_cost
    from {{ dbt_opsplugin.ops_relation('ops_results') }} as res
    inner join {{ dbt_opsplugin.ops_relation('ops_runs') }} as runs
        on res.invocation_id = runs.invocation_id
    left join (
        select
            invocation_id, unique_id, sum(credits) as credits, sum(bytes_billed) as bytes_billed,
            sum(slot_ms) as slot_ms, sum(cost) as measured_cost
        from (
            select distinct
                invocation_id, unique_id, query_id, credits, bytes_billed, slot_ms, cost
            from {{ dbt_opsplugin.ops_relation('ops_query_history') }}
        ) as history
        group by invocation_id, unique_id
    ) as measured
        on res.invocation_id = measured.invocation_id and res.unique_id = measured.unique_id
    where res.status not in ('skipped', 'skip', 'no-op', 'reused')
    {% endset %}
    {% set columns %}
    {#- Seconds of the warehouse, bytes where the adapter reports them, and money: what the engine bills
        its statements for, at the prices when they were recorded, and of a run without that the
        estimate by time, in which what ran at once counts in full for each, at opsplugin_price_per_hour
        of that run. -#}
    count(*) as run_count,
    sum(execution_time) as seconds,
    sum(bytes_processed) as bytes_processed,
    sum(run_cost) as cost,
    case
        when count(run_cost) = 0 then null
        when count(measured_cost) = 0 then 'estimated'
        when count(measured_cost) = count(run_cost) then 'measured'
        else 'mixed'
    end as basis,
    sum(credits) as credits,
    sum(bytes_billed) as bytes_billed,
    sum(slot_ms) as slot_ms
    {% endset %}
    {% set cost_by_model %}
    select
        project_name, target_name, target_schema, unique_id, resource_type,
        {{ columns }}
    from ({{ source }}) as results
    group by project_name, target_name, target_schema, unique_id, resource_type
    {% endset %}
    {% set cost_by_day %}
    {#- Days of UTC. -#}
    select
        cast(completed_at as date) as day, project_name, target_name, target_schema, unique_id,
        resource_type,
        {{ columns }}
    from ({{ source }}) as results
    group by
        cast(completed_at as date), project_name, target_name, target_schema, unique_id,
        resource_type
    {% endset %}
    {% set cost_by_tag %}
    {#- A model with two tags counts in both, and one without in none, so tags do not add up
        to the whole. A hook has a tag of dbt's own, nobody's. On some engines tag is a reserved word,
        which may only name a result. -#}
    select tagged_with as tag, project_name, target_name, target_schema, {{ columns }}
    from (
        {{ adapter.dispatch('json_array_rows', 'dbt_opsplugin')(
            source, 'tags', 'tagged_with'
        ) }}
    ) as tagged
    where resource_type <> 'operation'
    group by tagged_with, project_name, target_name, target_schema
    {% endset %}
    {% do return({
        'ops_cost_by_model': cost_by_model,
        'ops_cost_by_day': cost_by_day,
        'ops_cost_by_tag': cost_by_tag,
    }) %}
{% endmacro %}
