{% macro _views_of_cost() %}
    {% set source %}
    {#- Everything that took the warehouse's time: builds, tests and freshness checks. -#}
    select
        res.unique_id, res.resource_type, res.execution_time, res.bytes_processed, res.tags,
        coalesce(res.completed_at, res.recorded_at) as completed_at, runs.project_name,
        runs.target_name, runs.schema_name as target_schema, runs.price_per_hour
    from {{ dbt_opsplugin.ops_relation('ops_results') }} as res
    inner join {{ dbt_opsplugin.ops_relation('ops_runs') }} as runs
        on res.invocation_id = runs.invocation_id
    where res.status not in ('skipped', 'skip')
    {% endset %}
    {% set columns %}
    {#- Seconds of the warehouse, bytes where the adapter reports them, and money where
        opsplugin_price_per_hour was set at the time of the run: an estimate by time, in which
        what ran at once counts in full for each; not a bill. -#}
    count(*) as run_count,
    sum(execution_time) as seconds,
    sum(bytes_processed) as bytes_processed,
    sum(execution_time * price_per_hour) / 3600 as cost
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
        to the whole. On some engines tag is a reserved word, which may only name a result. -#}
    select tagged_with as tag, project_name, target_name, target_schema, {{ columns }}
    from (
        {{ adapter.dispatch('json_array_rows', 'dbt_opsplugin')(
            source, 'tags', 'tagged_with'
        ) }}
    ) as tagged
    group by tagged_with, project_name, target_name, target_schema
    {% endset %}
    {% do return({
        'ops_cost_by_model': cost_by_model,
        'ops_cost_by_day': cost_by_day,
        'ops_cost_by_tag': cost_by_tag,
    }) %}
{% endmacro %}
