{% macro _node_state(counted_rows=[]) %}
    {#- _recorded_state, and what the project is beside it: `manifest_hash`, one hash of all nodes, and
        `changed`, rows of the nodes that are not as recorded and of those that are gone. -#}
    {%- set rules = dbt_opsplugin._staging_rules() %}
    {%- set kinds = ['nodes', 'exposures', 'metrics', 'semantic_models', 'saved_queries', 'functions'] %}
    {%- set texts = dbt_opsplugin._node_texts(kinds, rules) %}
    {%- set manifest_hash = local_md5(texts.values() | sort | join(' ')) %}
    {%- set state = dbt_opsplugin._recorded_state(manifest_hash, counted_rows) %}
    {%- do state.update({
        'manifest_hash': manifest_hash,
        'changed': [] if state['is_current'] else dbt_opsplugin._changed_nodes(kinds, texts, state['hashes'], rules),
    }) %}
    {%- do return(state) %}
{%- endmacro %}


{% macro _node_texts(kinds, rules) %}
    {#- unique_id -> what a row of ops_nodes says of it; of staging, its inputs: the rule itself is
        applied to changed nodes only. This loop runs over the whole project at every run end, so it
        calls no macro of ours, reads no var, and takes a node's fields by subscript, the fastest way in
        the sandbox. -#}
    {%- set texts = {} %}
    {%- set rules_hash = local_md5(tojson(rules)) %}
    {%- for kind in kinds %}
        {%- for unique_id, node in (graph[kind] or {}).items()
            if node['resource_type'] not in ('operation', 'analysis') %}
            {%- set config = node['config'] or {} %}
            {%- set meta = config['meta'] %}
            {%- do texts.update({unique_id: [
                unique_id, (node['checksum'] or {})['checksum'] or none, node['original_file_path'],
                node['database'] or none, node['schema'] or none, node['alias'] or none,
                config['materialized'] or none, node['tags'] or [],
                (meta['owner'] or '') | string if meta else '', (meta['opsplugin'] or '') | string if meta else '',
                (node['depends_on'] or {})['nodes'] or [], rules_hash,
            ] | string}) %}
        {%- endfor %}
    {%- endfor %}
    {%- do return(texts) %}
{%- endmacro %}


{% macro _changed_nodes(kinds, texts, known, rules) %}
    {#- `known`: unique_id -> hash, as recorded. -#}
    {%- set changed = [] %}
    {%- for kind in kinds %}
        {%- for unique_id, node in (graph[kind] or {}).items() if unique_id in texts %}
            {%- set hash = local_md5(texts[unique_id]) %}
            {%- if known[unique_id] != hash %}
                {%- do changed.append(dbt_opsplugin._node_row(node, hash, rules)) %}
            {%- endif %}
        {%- endfor %}
    {%- endfor %}
    {%- for unique_id in known if unique_id not in texts %}
        {#- A version too: without it, a node that is gone would look as if it still were. -#}
        {%- do changed.append({
            'invocation_id': invocation_id, 'project_name': project_name, 'target_name': target.name,
            'target_schema': target.schema, 'unique_id': unique_id, 'node_hash': 'removed', 'removed': true,
            'resource_type': unique_id.split('.')[0],
        }) %}
    {%- endfor %}
    {%- do return(changed) %}
{%- endmacro %}


{% macro _node_row(node, hash, rules) %}
    {%- set config = node['config'] or {} %}
    {%- set owner = (config['meta'] or {})['owner'] %}
    {%- do return({
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
{%- endmacro %}
