{% macro _record_run(results) %}
    {#- Everything the run end knows, in a constant number of statements: the nodes that have
        changed, the results, the row counts, and the run last, so that a run that is there
        has its results. -#}
    {%- set rows = dbt_opsplugin._result_rows(results) %}
    {%- set state = dbt_opsplugin._node_state(rows if dbt_opsplugin._config('row_counts') else []) %}
    {%- if state['resized'] %}
        {%- do dbt_opsplugin._restore_warehouse_size() %}
    {%- endif %}
    {%- do dbt_opsplugin._write_rows('ops_nodes', state['changed'], observed=true) %}
    {%- do dbt_opsplugin._write_rows('ops_results', rows, observed=true) %}
    {%- if dbt_opsplugin._config('row_counts') %}
        {%- do dbt_opsplugin._count_built_tables(rows, state['relations']) %}
    {%- endif %}
    {%- do dbt_opsplugin._write_rows(
        'ops_runs', [dbt_opsplugin._run_row(rows, state)], observed=true
    ) %}
{%- endmacro %}


{% macro _recorded_state(manifest_hash, counted_rows=[]) %}
    {#- What the run end must know of the database, in one query: whether the nodes of this environment
        are current, and if not the newest hash of each; how many versions of nodes there are; whether
        this run has resized the warehouse; and what stands in the schemas of the given result rows.
        Current they are when a run of the same manifest found them so and no version has been written
        since: it counted them. -#}
    {% set hashes = {} %}
    {% set state = {
        'is_current': false, 'hashes': hashes, 'versions': 0, 'resized': false, 'relations': {},
    } %}
    {% set project = dbt_opsplugin.literal(project_name) %}
    {% set name = dbt_opsplugin.literal(target.name) %}
    {% set schema = dbt_opsplugin.literal(target.schema) %}
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
            cast(version_count as {{ dbt_opsplugin.engine_facts()['types']['string'] }}) as database_name,
            '-' as schema_name, unique_id as relation_name,
            case when is_current = 1 then 'current' else 'node' end as kind, node_hash as value
        from (
            select versions.*, case when known.recorded_at >= versions.newest then 1 else 0 end as is_current
            from (
                select
                    unique_id, node_hash, removed, count(*) over () as version_count,
                    max(recorded_at) over () as newest, row_number() over (order by recorded_at desc) as place,
                    row_number() over (partition by unique_id order by recorded_at desc) as age
                from {{ dbt_opsplugin.ops_relation('ops_nodes') }}
                where project_name = {{ project }}
                    and target_name = {{ name }}
                    and target_schema = {{ schema }}
            ) as versions
            left join (
                select node_version_count, recorded_at, row_number() over (order by recorded_at desc) as age
                from {{ dbt_opsplugin.ops_relation('ops_runs') }} as runs
                where runs.project_name = {{ project }}
                    and runs.target_name = {{ name }}
                    and runs.schema_name = {{ schema }}
                    and runs.manifest_hash = {{ dbt_opsplugin.literal(manifest_hash) }}
                    and runs.node_version_count is not null
            ) as known on known.node_version_count = versions.version_count and known.age = 1
        ) as states
        where is_current = 1 and place = 1
            or is_current = 0 and age = 1 and not {{ dbt_opsplugin._form('is_surely_true', 'removed') }}
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
            {% do hashes.update({name: value}) %}
            {% do state.update({'versions': database | int}) %}
        {% elif kind == 'current' %}
            {% do state.update({'is_current': true, 'versions': database | int}) %}
        {% elif kind == 'resize' %}
            {% do state.update({'resized': true}) %}
        {% else %}
            {% do state['relations'].update({((database or '') ~ '.' ~ schema ~ '.' ~ name) | lower: kind}) %}
        {% endif %}
    {% endfor %}
    {% do return(state) %}
{% endmacro %}
