{% macro _drop_plan(result_rows, orphans, force, backup) %}
    {#- What would go and what stays, and why: a list of {key, unique_id, database, schema,
        identifier, type, definition, leftover, rows, bytes, decision, reason}, consumers
        before what they read. Reads the graph and the database; changes nothing. -#}
    {%- set rules = dbt_opsplugin._staging_rules() %}
    {%- set children = dbt_opsplugin._graph_children() %}
    {%- set staging = [] %}
    {%- set relevant = [] %}
    {%- set owners = {} %}
    {%- for node in graph.nodes.values() if node.resource_type in ('model', 'snapshot', 'seed') %}
        {%- do relevant.append(node) %}
        {%- if dbt_opsplugin._is_staging(node, rules) %}
            {%- do staging.append(node) %}
        {%- endif %}
        {%- if node.config.materialized != 'ephemeral' %}
            {%- set key = dbt_opsplugin._relation_key(node.database, node.schema, node.alias) %}
            {%- do owners.setdefault(key, []).append(node.unique_id) %}
        {%- endif %}
    {%- endfor %}
    {%- for node in graph.nodes.values() if node.resource_type == 'test' %}
        {%- set key = dbt_opsplugin._relation_key(node.database, node.schema, node.alias) %}
        {%- do owners.setdefault(key, []).append(node.unique_id) %}
    {%- endfor %}
    {%- for source in graph.sources.values() %}
        {#- An engine without databases takes that of a source for its schema. -#}
        {%- set places = [[source.database, source.schema]] %}
        {%- if not target.database %}
            {%- do places.extend([[none, source.schema], [none, source.database]]) %}
        {%- endif %}
        {%- for database, schema in places %}
            {%- set key = dbt_opsplugin._relation_key(database, schema, source.identifier) %}
            {%- do owners.setdefault(key, []).append(source.unique_id) %}
        {%- endfor %}
    {%- endfor %}
    {%- set relations = dbt_opsplugin._existing_relations(relevant) if staging else {} %}
    {%- set plan = [] %}
    {%- set consumers = {} %}
    {%- for node in staging %}
        {%- set key = dbt_opsplugin._relation_key(node.database, node.schema, node.alias) %}
        {%- if key in relations %}
            {%- do plan.append(dict(
                relations[key], key=key, unique_id=node.unique_id,
                leftover=node.config.materialized == 'ephemeral'
            )) %}
            {%- do consumers.update(
                {key: dbt_opsplugin._consumers(node.unique_id, children, relations)}
            ) %}
        {%- endif %}
    {%- endfor %}
    {%- if orphans %}
        {%- do dbt_opsplugin._add_orphans(plan, consumers, staging, relations, owners, rules) %}
    {%- endif %}
    {%- for row in plan %}
        {%- set node = graph.nodes[row['unique_id']] if row['unique_id'] else none %}
        {%- set name = [node.schema, node.alias] if node else [row['schema'], row['identifier']] %}
        {%- if dbt_opsplugin._differs_by_case(row, name[0], name[1]) %}
            {%- do row.update({'objection': 'may not be ' ~ name | join('.') ~ ': a name differs by case alone'}) %}
        {%- endif %}
    {%- endfor %}
    {%- for row in plan if backup and row['type'] in ('view', 'materialized view', 'dynamic table')
        and not dbt_opsplugin._can_come_back(row) %}
        {%- do row.update({'objection': 'is a ' ~ row['type'] ~ ', of which there is no backup: ' ~ backup}) %}
    {%- endfor %}
    {%- do dbt_opsplugin._decide(plan, consumers, children, owners, relations, result_rows, force) %}
    {%- do dbt_opsplugin._measure(plan) %}
    {%- set order = [] %}
    {%- for row in plan %}
        {%- set of_row = consumers[row['key']] %}
        {#- Of those without a node, nobody knows who reads whom: a view more likely a table. -#}
        {%- set rank = 1 if row['type'] == 'table' else 0 %}
        {%- do order.append([
            row.get('depth', 0), of_row['live'] | length + of_row['built'] | length, rank, row['key'], row
        ]) %}
    {%- endfor %}
    {%- do return(order | sort | map("last") | list) %}
{%- endmacro %}


{% macro _add_orphans(plan, consumers, staging, relations, owners, rules) %}
    {#- Relations in the schemas of staging models that have a staging prefix and no node, not even an
        ephemeral one: what that has left is staging, or none of ours. -#}
    {%- set schemas = [] %}
    {%- set known = {} %}
    {%- for node in staging %}
        {%- do schemas.append(dbt_opsplugin._relation_key(node.database, node.schema, '')) %}
    {%- endfor %}
    {%- for node in graph.nodes.values() if node.resource_type in ('model', 'seed', 'snapshot') %}
        {%- do known.update({dbt_opsplugin._relation_key(node.database, node.schema, node.alias): true}) %}
    {%- endfor %}
    {%- for key, relation in relations.items() if key not in known and key not in owners %}
        {%- set name = relation['identifier'] | lower %}
        {%- set schema = dbt_opsplugin._relation_key(relation['database'], relation['schema'], '') %}
        {%- set matching = namespace(prefix=false) %}
        {%- for prefix in rules['prefixes'] if name.startswith(prefix | lower) %}
            {%- set matching.prefix = true %}
        {%- endfor %}
        {%- if matching.prefix and schema in schemas and '__dbt_' not in name %}
            {%- do plan.append(dict(relation, key=key, unique_id=none, leftover=false)) %}
            {%- do consumers.update({key: {'built': [], 'live': [], 'external': []}}) %}
        {%- endif %}
    {%- endfor %}
    {%- do dbt_opsplugin._object_to_orphans(plan) %}
{%- endmacro %}


{% macro _object_to_orphans(plan) %}
    {#- What the ops tables know of a relation without a node: what is another project's or another
        target's, was incremental, a snapshot or a seed, or is ours, stays. -#}
    {%- if 'ops_nodes' not in dbt_opsplugin._existing_ops_columns() %}
        {%- do return('') %}
    {%- endif %}
    {%- set known = {} %}
    {%- set elsewhere = {} %}
    {%- for key, unique_id, project, type, materialized, target_name, schema, removed in dbt_opsplugin.query_rows(
        'select ' ~ dbt_opsplugin._relation_key_sql('') ~ ', unique_id,'
        ~ ' project_name, resource_type, materialized, target_name, target_schema, removed from '
        ~ dbt_opsplugin.ops_relation('ops_nodes')
        ~ ' where ' ~ dbt_opsplugin._form('is_true', 'removed')
        ~ " or alias is not null and resource_type in ('model', 'seed', 'snapshot', 'test')"
        ~ ' order by recorded_at'
    ) %}
        {%- set key = (key or '') | lower %}
        {%- if project == project_name and [target_name, schema] != [target.name, target.schema] %}
            {%- do elsewhere.update({[unique_id, target_name, schema] | join(' '): [key, none if removed or
                materialized == 'ephemeral' else 'belongs to ' ~ unique_id ~ ' in target ' ~ target_name
                ~ '; drop it by hand if that target is gone']}) %}
        {%- endif %}
        {%- if removed %}
            {#- Of which no name is kept. -#}
        {%- elif project != project_name %}
            {%- do known.update({key: 'belongs to ' ~ unique_id ~ ' of project ' ~ project}) %}
        {%- elif type != 'model' %}
            {%- do known.setdefault(key, 'was the ' ~ type ~ ' ' ~ unique_id) %}
        {%- elif materialized == 'incremental' %}
            {%- do known.setdefault(key, 'was incremental, as ' ~ unique_id) %}
        {%- endif %}
    {%- endfor %}
    {%- for key, reason in elsewhere.values() if reason %}
        {%- do known.setdefault(key, reason) %}
    {%- endfor %}
    {#- The one view that is no source. -#}
    {%- set ours = {dbt_opsplugin.ops_relation('ops_version') | string: 'is of dbt_opsplugin itself'} %}
    {%- for backup in dbt_opsplugin._recorded_backups(everywhere=true) %}
        {%- do ours.update({backup['details']['location'] | string: 'is the backup of ' ~ backup['relation']}) %}
    {%- endfor %}
    {%- for name, reason in ours.items() %}
        {%- do known.update({name | lower | replace('"', '') | replace('`', ''): reason}) %}
    {%- endfor %}
    {%- for row in plan if row['unique_id'] is none %}
        {%- set name = dbt_opsplugin._render(row) | lower | replace('"', '') | replace('`', '') %}
        {%- do row.update({'objection': known.get(name, known.get(row['key']))}) %}
    {%- endfor %}
{%- endmacro %}
