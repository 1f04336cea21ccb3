{% macro _node_versions(known) %}
    {#- {changed: rows of the nodes whose hash differs from the known one, and of those that
        are gone; manifest_hash: one hash of all}. This loop runs over the whole project at
        every run end, so it calls no macro of ours, reads no var, and takes a node's fields
        by subscript, the fastest way in the sandbox. The hash covers what a row says; of
        staging, its inputs: the rule itself is applied to changed nodes only. -#}
    {% set rules = dbt_opsplugin._staging_rules() %}
    {% set rules_hash = local_md5(tojson(rules)) %}
    {% set hashes = {} %}
    {% set changed = [] %}
    {% for kind in ['nodes', 'exposures', 'metrics', 'semantic_models', 'saved_queries', 'functions'] %}
        {% for unique_id, node in (graph[kind] or {}).items()
            if node['resource_type'] not in ('operation', 'analysis') %}
            {% set config = node['config'] or {} %}
            {% set meta = config['meta'] or {} %}
            {% set hash = local_md5(tojson([
                (node['checksum'] or {})['checksum'] or none, node['original_file_path'],
                node['database'] or none, node['schema'] or none, node['alias'] or none,
                config['materialized'] or none, node['tags'] or [],
                (meta['owner'] or '') | string, (meta['opsplugin'] or '') | string,
                (node['depends_on'] or {})['nodes'] or [], rules_hash,
            ])) %}
            {% do hashes.update({unique_id: hash}) %}
            {% if known[unique_id] != hash %}
                {% do changed.append(dbt_opsplugin._node_row(node, hash, rules)) %}
            {% endif %}
        {% endfor %}
    {% endfor %}
    {% for unique_id in known if unique_id not in hashes %}
        {#- A version too: without it, a node that is gone would look as if it still were. -#}
        {% do changed.append({
            'invocation_id': invocation_id, 'project_name': project_name, 'target_name': target.name,
            'target_schema': target.schema, 'unique_id': unique_id, 'node_hash': 'removed', 'removed': true,
            'resource_type': unique_id.split('.')[0],
        }) %}
    {% endfor %}
    {% do return({
        'changed': changed, 'manifest_hash': local_md5(hashes.values() | sort | join(' '))
    }) %}
{% endmacro %}


{% macro _node_row(node, hash, rules) %}
    {% set config = node['config'] or {} %}
    {% set owner = (config['meta'] or {})['owner'] %}
    {% do return({
        'invocation_id': invocation_id,
        'project_name': project_name,
        'target_name': target.name,
        'target_schema': target.schema,
        'unique_id': node['unique_id'],
        'node_hash': hash,
        'removed': false,
        'checksum': (node['checksum'] or {})['checksum'] or none,
        'resource_type': node['resource_type'] | string,
        'name': node['name'],
        'package_name': node['package_name'],
        'path': node['original_file_path'],
        'database_name': node['database'] or none,
        'schema_name': node['schema'] or none,
        'alias': node['alias'] or none,
        'materialized': config['materialized'] or (
            'seed' if node['resource_type'] | string == 'seed' else none
        ),
        'staging': dbt_opsplugin._is_staging(node, rules) if node['resource_type'] == 'model' else none,
        'tags': node['tags'] or [],
        'owner': owner | string if owner else none,
        'depends_on': (node['depends_on'] or {})['nodes'] or [],
    }) %}
{% endmacro %}
