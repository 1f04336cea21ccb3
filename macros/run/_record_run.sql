{% macro _record_run(results) %}
    {#- Everything the run end knows, in a constant number of statements: what has become
        stale in ops_nodes, the results, the row counts, the nodes, and the run last, so that
        a run that is there has its results. -#}
    {% set nodes = dbt_opsplugin._node_rows() %}
    {% set known = dbt_opsplugin._known_node_hashes() %}
    {% set changed = [] %}
    {% for row in nodes if known.get(row['unique_id']) != row['node_hash'] %}
        {% do changed.append(row) %}
    {% endfor %}
    {% do dbt_opsplugin.write_ops_rows('ops_nodes', changed) %}
    {% set rows = dbt_opsplugin._result_rows(results) %}
    {% do dbt_opsplugin.write_ops_rows('ops_results', rows) %}
    {% if dbt_opsplugin._config('row_counts') %}
        {% do dbt_opsplugin._count_built_tables(rows) %}
    {% endif %}
    {% set hashes = nodes | map(attribute='node_hash') | join(' ') %}
    {% do dbt_opsplugin.write_ops_rows(
        'ops_runs', [dbt_opsplugin._run_row(rows, local_md5(hashes))]
    ) %}
{% endmacro %}


{% macro _known_node_hashes() %}
    {% set known = {} %}
    {% for row in dbt_opsplugin.query_rows(
        'select unique_id, node_hash from ' ~ dbt_opsplugin.ops_relation('ops_latest_nodes')
    ) %}
        {% do known.update({row[0]: row[1]}) %}
    {% endfor %}
    {% do return(known) %}
{% endmacro %}


{% macro _node_rows() %}
    {#- A row for every node of the graph that has a relation or a result. Its hash covers
        what the row says, so that any difference makes a new version of the node. -#}
    {% set rows = [] %}
    {% set rules = dbt_opsplugin._staging_rules() %}
    {% for node in graph.nodes.values() if node.resource_type not in ('operation', 'analysis') %}
        {% set config = node.config %}
        {% set meta = config.get('meta') or {} %}
        {% set row = {
            'unique_id': node.unique_id,
            'checksum': (node.checksum or {}).get('checksum'),
            'resource_type': node.resource_type | string,
            'name': node.name,
            'package_name': node.package_name,
            'path': node.original_file_path,
            'database_name': node.database,
            'schema_name': node.schema,
            'alias': node.alias,
            'materialized': config.get('materialized'),
            'tags': node.tags,
            'owner': (meta['owner'] | string) if meta.get('owner') else none,
            'depends_on': node.depends_on.nodes or [],
        } %}
        {% if row['resource_type'] == 'model' %}
            {% do row.update({'staging': dbt_opsplugin._is_staging(node, rules)}) %}
        {% endif %}
        {% do row.update({'node_hash': local_md5(tojson(row)), 'invocation_id': invocation_id}) %}
        {% do rows.append(row) %}
    {% endfor %}
    {% do return(rows) %}
{% endmacro %}
