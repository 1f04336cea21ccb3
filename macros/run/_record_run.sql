{% macro _record_run(results, known) %}
    {#- Everything the run end knows, in a constant number of statements: the nodes that have
        changed, the results, the row counts, and the run last, so that a run that is there
        has its results. -#}
    {% set nodes = dbt_opsplugin._node_versions(known['node_hashes']) %}
    {% do dbt_opsplugin.write_ops_rows('ops_nodes', nodes['changed']) %}
    {% set rows = dbt_opsplugin._result_rows(results) %}
    {% do dbt_opsplugin.write_ops_rows('ops_results', rows) %}
    {% if dbt_opsplugin._config('row_counts') %}
        {% do dbt_opsplugin._count_built_tables(rows) %}
    {% endif %}
    {% do dbt_opsplugin.write_ops_rows(
        'ops_runs', [dbt_opsplugin._run_row(rows, nodes['manifest_hash'])]
    ) %}
{% endmacro %}


{% macro _recorded_state() %}
    {#- What the run end must know of the ops tables, in one query: the newest hash of every
        node of this project and target, and whether this run has resized the warehouse. -#}
    {% set state = {'node_hashes': {}, 'resized': false} %}
    {% for unique_id, node_hash in dbt_opsplugin.query_rows(dbt_opsplugin._recorded_state_sql()) %}
        {% if unique_id is none %}
            {% do state.update({'resized': true}) %}
        {% else %}
            {% do state['node_hashes'].update({unique_id: node_hash}) %}
        {% endif %}
    {% endfor %}
    {% do return(state) %}
{% endmacro %}


{% macro _recorded_state_sql() %}
    {#- From the tables, not the views: a newer package may have other views. -#}
    select unique_id, node_hash
    from (
        select
            unique_id, node_hash, removed,
            row_number() over (partition by unique_id order by recorded_at desc) as age
        from {{ dbt_opsplugin.ops_relation('ops_nodes') }}
        where project_name = {{ dbt_opsplugin.literal(project_name) }}
            and target_name = {{ dbt_opsplugin.literal(target.name) }}
    ) as versions
    where age = 1 and not coalesce(removed, false)
    union all
    select null, action_id
    from {{ dbt_opsplugin.ops_relation('ops_actions') }}
    where invocation_id = {{ dbt_opsplugin.literal(invocation_id) }}
        and action in ('set_warehouse_size', 'warehouse_size_at_start')
{% endmacro %}
