{% macro _view_staging_advice() %}
    {#- What each staging model should be, from who reads it and what it costs. A Python model cannot read
        an ephemeral one. -#}
    with edges as (
        {{ adapter.dispatch('json_array_rows', 'dbt_opsplugin')(
            'select project_name, target_name, target_schema, resource_type, path, depends_on from '
            ~ dbt_opsplugin.ops_relation('ops_latest_nodes'), 'depends_on', 'parent'
        ) }}
    ),
    consumers as (
        select
            project_name, target_name, target_schema, parent,
            count(case when resource_type in ('model', 'snapshot') then 1 end) as consumer_count,
            count(case when path like '%.py' then 1 end) as python_count,
            count(case when resource_type not in (
                'model', 'snapshot', 'test', 'unit_test') then 1 end) as external_count
        from edges
        group by project_name, target_name, target_schema, parent
    ),
    facts as (
        select
            nodes.project_name as project_name, nodes.target_name as target_name,
            nodes.target_schema as target_schema, nodes.unique_id as unique_id, nodes.materialized,
            coalesce(consumers.consumer_count, 0) as consumer_count,
            coalesce(consumers.python_count, 0) as python_count,
            coalesce(consumers.external_count, 0) as external_count,
            performance.mean_seconds
        from {{ dbt_opsplugin.ops_relation('ops_latest_nodes') }} as nodes
        left join consumers
            on nodes.unique_id = consumers.parent
            and nodes.project_name = consumers.project_name
            and nodes.target_name = consumers.target_name
            and nodes.target_schema = consumers.target_schema
        left join {{ dbt_opsplugin.ops_relation('ops_model_performance') }} as performance
            on nodes.unique_id = performance.unique_id
            and nodes.project_name = performance.project_name
            and nodes.target_name = performance.target_name
            and nodes.target_schema = performance.target_schema
        where {{ dbt_opsplugin._form('is_true', 'nodes.staging') }}
    )
    select
        facts.*,
        case
            when external_count > 0 and materialized = 'ephemeral'
                then 'materialize: an exposure or metric reads it'
            when external_count > 0 then 'keep: an exposure or metric reads it'
            when consumer_count = 0 then 'remove: nothing reads it'
            when materialized = 'ephemeral' and consumer_count > 3
                then 'materialize: it is computed once for each of its readers'
            when materialized = 'ephemeral' then 'keep: nothing is left in production'
            when materialized = 'incremental' then 'keep: its history may not be rebuildable'
            when consumer_count = 1 and python_count = 0 then 'make it ephemeral: one model reads it'
            when materialized = 'table' and coalesce(mean_seconds, 0) >= 1
                then 'keep the table and drop it after the run'
            when materialized = 'table' and python_count = 0 then 'make it a view or ephemeral: it is cheap'
            when materialized = 'table' then 'make it a view: it is cheap'
            else 'keep'
        end as advice
    from facts
{% endmacro %}
