{% macro _ops_view_names() %}
    {#- In an order in which each reads only tables and earlier views. By themselves, since to
        know whether one is missing, none need be rendered. -#}
    {%- do return([
        'ops_latest_nodes', 'ops_latest_runs', 'ops_builds', 'ops_model_performance',
        'ops_slow_models', 'ops_failures', 'ops_flaky_tests', 'ops_row_counts', 'ops_cost_by_model',
        'ops_cost_by_day', 'ops_cost_by_tag', 'ops_staging_advice', 'ops_source_freshness',
    ]) %}
{%- endmacro %}


{% macro _ops_views() %}
    {#- view -> its select. -#}
    {%- set views = {
        'ops_row_counts': dbt_opsplugin._view_row_counts(),
        'ops_staging_advice': dbt_opsplugin._view_staging_advice(),
    } %}
    {%- do views.update(dbt_opsplugin._views_of_the_latest()) %}
    {%- do views.update(dbt_opsplugin._views_of_performance()) %}
    {%- do views.update(dbt_opsplugin._views_of_failures()) %}
    {%- do views.update(dbt_opsplugin._views_of_cost()) %}
    {%- set ordered = {} %}
    {%- for name in dbt_opsplugin._ops_view_names() %}
        {%- do ordered.update({name: views[name]}) %}
    {%- endfor %}
    {%- do return(ordered) %}
{%- endmacro %}
