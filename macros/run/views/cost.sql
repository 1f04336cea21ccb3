{% macro _cost_columns() %}
    {#- Seconds of the warehouse, and money where opsplugin_price_per_hour is set: an estimate
        by time, not a bill. -#}
    count(*) as build_count,
    sum(execution_time) as seconds,
    sum(coalesce(bytes_processed, 0)) as bytes_processed,
    sum(execution_time) / 3600
        * cast({{ dbt_opsplugin.literal(dbt_opsplugin._config('price_per_hour')) }}
            as {{ dbt_opsplugin.column_type('double') }}) as cost
{% endmacro %}


{% macro _view_cost_by_model() %}
    select unique_id, target_name, {{ dbt_opsplugin._cost_columns() }}
    from {{ dbt_opsplugin.ops_relation('ops_builds') }}
    group by unique_id, target_name
{% endmacro %}


{% macro _view_cost_by_day() %}
    select
        cast(completed_at as date) as day, unique_id, target_name,
        {{ dbt_opsplugin._cost_columns() }}
    from {{ dbt_opsplugin.ops_relation('ops_builds') }}
    group by cast(completed_at as date), unique_id, target_name
{% endmacro %}


{% macro _view_cost_by_tag() %}
    {#- A model with two tags counts in both, so tags do not add up to the whole. -#}
    select tag, target_name, {{ dbt_opsplugin._cost_columns() }}
    from (
        select builds.*, {{ dbt_opsplugin.json_array_items('tags') }} as tag
        from {{ dbt_opsplugin.ops_relation('ops_builds') }} as builds
    ) as tagged
    group by tag, target_name
{% endmacro %}
