{% macro _view_latest_nodes() %}
    select * from (
        select n.*, row_number() over (partition by unique_id order by recorded_at desc) as version_rank
        from {{ dbt_opsplugin.ops_relation('ops_nodes') }} as n
    ) as ranked
    where version_rank = 1
{% endmacro %}


{% macro _view_latest_runs() %}
    {#- The last run of every target. -#}
    select * from (
        select r.*, row_number() over (partition by target_name order by started_at desc) as run_rank
        from {{ dbt_opsplugin.ops_relation('ops_runs') }} as r
    ) as ranked
    where run_rank = 1
{% endmacro %}


{% macro _view_builds() %}
    {#- Every build of a relation, successful or not, with its run: what the views below and
        the guard of drop_stg_tables read. -#}
    select
        res.*, runs.target_name, runs.command, runs.full_refresh, runs.empty,
        runs.orchestrator_run_id
    from {{ dbt_opsplugin.ops_relation('ops_results') }} as res
    inner join {{ dbt_opsplugin.ops_relation('ops_runs') }} as runs
        on res.invocation_id = runs.invocation_id
    where res.resource_type in ('model', 'seed', 'snapshot')
{% endmacro %}
