{% macro _ops_view_names() %}
    {#- In an order in which each reads only tables and earlier views. By themselves, since to
        know whether one is missing, none need be rendered. -#}
    {% do return([
        'ops_latest_nodes', 'ops_latest_runs', 'ops_builds', 'ops_model_performance',
        'ops_slow_models', 'ops_failures', 'ops_flaky_tests', 'ops_row_counts', 'ops_cost_by_model',
        'ops_cost_by_day', 'ops_cost_by_tag', 'ops_staging_advice', 'ops_source_freshness',
    ]) %}
{% endmacro %}


{% macro _ops_views() %}
    {#- view -> its select. -#}
    {% do return({
        'ops_latest_nodes': dbt_opsplugin._view_latest_nodes(),
        'ops_latest_runs': dbt_opsplugin._view_latest_runs(),
        'ops_builds': dbt_opsplugin._view_builds(),
        'ops_model_performance': dbt_opsplugin._view_model_performance(),
        'ops_slow_models': dbt_opsplugin._view_slow_models(),
        'ops_failures': dbt_opsplugin._view_failures(),
        'ops_flaky_tests': dbt_opsplugin._view_flaky_tests(),
        'ops_row_counts': dbt_opsplugin._view_row_counts(),
        'ops_cost_by_model': dbt_opsplugin._view_cost_by_model(),
        'ops_cost_by_day': dbt_opsplugin._view_cost_by_day(),
        'ops_cost_by_tag': dbt_opsplugin._view_cost_by_tag(),
        'ops_staging_advice': dbt_opsplugin._view_staging_advice(),
        'ops_source_freshness': dbt_opsplugin._view_source_freshness(),
    }) %}
{% endmacro %}
