{% macro _view_staging_advice() %}
    {#- What each staging model should be, from who reads it and what it costs. -#}
    with edges as (
        select unique_id as consumer, resource_type, {{ dbt_opsplugin.json_array_items('depends_on') }} as parent
        from {{ dbt_opsplugin.ops_relation('ops_latest_nodes') }}
    ),
    consumers as (
        select parent, count(*) as consumer_count
        from edges
        where resource_type in ('model', 'snapshot')
        group by parent
    ),
    facts as (
        select
            nodes.unique_id, nodes.materialized,
            coalesce(consumers.consumer_count, 0) as consumer_count,
            performance.target_name, performance.mean_seconds
        from {{ dbt_opsplugin.ops_relation('ops_latest_nodes') }} as nodes
        left join consumers on nodes.unique_id = consumers.parent
        left join {{ dbt_opsplugin.ops_relation('ops_model_performance') }} as performance
            on nodes.unique_id = performance.unique_id
        where nodes.staging
    )
    select
        facts.*,
        case
            when consumer_count = 0 then 'remove: nothing reads it'
            when materialized = 'ephemeral' and consumer_count > 3
                then 'materialize: it is computed once for each of its readers'
            when materialized = 'ephemeral' then 'keep: nothing is left in production'
            when materialized = 'incremental' then 'keep: its history may not be rebuildable'
            when consumer_count = 1 then 'make it ephemeral: one model reads it'
            when materialized = 'table' and coalesce(mean_seconds, 0) >= 1
                then 'keep the table and drop it after the run'
            when materialized = 'table' then 'make it a view or ephemeral: it is cheap'
            else 'keep'
        end as advice
    from facts
{% endmacro %}
