{% macro _record_run(results) %}
    {#- Everything the run end knows, in a constant number of statements: the nodes that have
        changed, the results, the row counts, and the run last, so that a run that is there
        has its results. -#}
    {% set rows = dbt_opsplugin._result_rows(results) %}
    {% set known = dbt_opsplugin._recorded_state(
        rows if dbt_opsplugin._config('row_counts') else []
    ) %}
    {% if known['resized'] %}
        {% do dbt_opsplugin._restore_warehouse_size() %}
    {% endif %}
    {% set nodes = dbt_opsplugin._node_versions(known['node_hashes']) %}
    {% do dbt_opsplugin._write_rows('ops_nodes', nodes['changed'], observed=true) %}
    {% do dbt_opsplugin._write_rows('ops_results', rows, observed=true) %}
    {% if dbt_opsplugin._config('row_counts') %}
        {% do dbt_opsplugin._count_built_tables(rows, known['relations']) %}
    {% endif %}
    {% do dbt_opsplugin._write_rows(
        'ops_runs', [dbt_opsplugin._run_row(rows, nodes['manifest_hash'])], observed=true
    ) %}
{% endmacro %}


{% macro _recorded_state(counted_rows=[]) %}
    {#- What the run end must know of the database, in one query: the newest hash of every
        node of this environment, whether this run has resized the warehouse, and what
        stands in the schemas of the given result rows. -#}
    {% set state = {'node_hashes': {}, 'resized': false, 'relations': {}} %}
    {% set schemas = {} %}
    {% for row in counted_rows if row['schema_name']
        and (row['schema_name'] | lower) not in schemas.get(row['database_name'], []) %}
        {% do schemas.setdefault(row['database_name'], []).append(row['schema_name'] | lower) %}
    {% endfor %}
    {% set query %}
        {#- In the columns of relations_sql. From the tables, not the views: a newer package may
            have other views. Where there is nothing to say, a dash: dbt tries every type there is
            on a column of nulls. -#}
        select
            '-' as database_name, '-' as schema_name, unique_id as relation_name, 'node' as kind,
            node_hash as value
        from (
            select
                unique_id, node_hash, removed,
                row_number() over (partition by unique_id order by recorded_at desc) as age
            from {{ dbt_opsplugin.ops_relation('ops_nodes') }}
            where project_name = {{ dbt_opsplugin.literal(project_name) }}
                and target_name = {{ dbt_opsplugin.literal(target.name) }}
                and target_schema = {{ dbt_opsplugin.literal(target.schema) }}
        ) as versions
        where age = 1 and not {{ dbt_opsplugin._form('is_surely_true', 'removed') }}
        union all
        select '-', '-', '-', 'resize', '-'
        from {{ dbt_opsplugin.ops_relation('ops_actions') }}
        where invocation_id = {{ dbt_opsplugin.literal(invocation_id) }}
            and action in ('set_warehouse_size', 'warehouse_size_at_start')
    {% endset %}
    {% for database, schema, name, kind, value in adapter.dispatch('relation_rows', 'dbt_opsplugin')(
        schemas, query
    ) %}
        {% if kind == 'node' %}
            {% do state['node_hashes'].update({name: value}) %}
        {% elif kind == 'resize' %}
            {% do state.update({'resized': true}) %}
        {% else %}
            {% do state['relations'].update({((database or '') ~ '.' ~ schema ~ '.' ~ name) | lower: kind}) %}
        {% endif %}
    {% endfor %}
    {% do return(state) %}
{% endmacro %}
