{% macro _count_built_tables(result_rows, existing=none) %}
    {#- Counts every table that this run built, in one statement that is also the insert. A
        table may be gone by now, dropped by a hook, and counting it would fail the run:
        `existing` has the keys of what stands, where the caller knows them already. -#}
    {%- set nodes = [] %}
    {%- for row in result_rows if row['status'] == 'success' and row['materialized'] in (
        'table', 'incremental', 'snapshot', 'seed'
    ) %}
        {%- do nodes.append(graph.nodes[row['unique_id']]) %}
    {%- endfor %}
    {%- if not nodes or dbt_opsplugin._is_partial_data() %}
        {%- do return('') %}
    {%- endif %}
    {%- set standing = dbt_opsplugin._existing_relations(nodes) if existing is none else existing %}
    {%- set counts = [] %}
    {%- set facts = dbt_opsplugin.engine_facts() %}
    {%- set counted = [] if facts['inserts_read'] else dbt_opsplugin._counted_models() %}
    {#- What asks for a filter on its partitions cannot be counted. -#}
    {%- for node in nodes
        if not (node['config'] or {})['require_partition_filter'] and node['unique_id'] not in counted %}
        {%- set key = (node['database'] or '') ~ '.' ~ node['schema'] ~ '.' ~ node['alias'] %}
        {%- if key | lower in standing %}
            {#- With its type, which some engines do not give to a literal in a subquery. -#}
            {%- do counts.append(
                'select cast(' ~ dbt_opsplugin.literal(node['unique_id']) ~ ' as ' ~ facts['types']['string']
                ~ ') as unique_id, ' ~ facts['row_count'] ~ ' as row_count from ' ~ node['relation_name']
            ) %}
        {%- endif %}
    {%- endfor %}
    {%- for group in counts | batch(facts['max_tables'] or counts | length or 1) %}
        {%- do dbt_opsplugin.run_observed(
            dbt_opsplugin.observed_statements([dbt_opsplugin._insert_row_counts_sql(group)])
        ) %}
    {%- endfor %}
    {%- do return('') %}
{%- endmacro %}


{% macro _counted_models() %}
    {%- do return(dbt_opsplugin.query_rows(
        'select unique_id from ' ~ dbt_opsplugin.ops_relation('ops_metrics') ~ ' where invocation_id = '
        ~ dbt_opsplugin.literal(invocation_id) ~ " and metric = 'row_count'"
    ) | map('first') | list) %}
{%- endmacro %}


{% macro _insert_row_counts_sql(counts) %}
    {#- What log_model_metrics has counted already stays the one count of its model. In
        groups: DuckDB takes twice as long to plan one union of a thousand tables. -#}
    {% set metrics = dbt_opsplugin.ops_relation('ops_metrics') %}
    {% set invocation = dbt_opsplugin.literal(invocation_id) %}
    insert into {{ metrics }} (
        invocation_id, unique_id, metric, value, recorded_at
    )
    select
        {{ invocation }}, counts.unique_id, 'row_count',
        cast(counts.row_count as {{ dbt_opsplugin.engine_facts()['types']['double'] }}),
        cast({{ dbt_opsplugin.literal(dbt_opsplugin.utc_now()) }}
            as {{ dbt_opsplugin.engine_facts()['types']['timestamp'] }})
    from (
        {%- for group in counts | batch(32) %}
        select * from ({{ group | join(' union all ') }}) as part{{ ' union all' if not loop.last }}
        {%- endfor %}
    ) as counts
    {%- if dbt_opsplugin.engine_facts()['inserts_read'] %}
    where not exists (
        select 1
        from {{ metrics }} as old_rows
        where old_rows.invocation_id = {{ invocation }}
            and old_rows.unique_id = counts.unique_id and old_rows.metric = 'row_count'
    )
    {%- endif %}
{% endmacro %}
