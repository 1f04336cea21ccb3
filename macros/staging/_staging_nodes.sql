{% macro _staging_rules() %}
    {#- Read once and passed on: reading a var costs more than applying the rule. -#}
    {%- do return({
        'project': project_name,
        'folders': dbt_opsplugin._config('staging_folders'),
        'prefixes': dbt_opsplugin._config('staging_prefixes'),
        'tags': dbt_opsplugin._config('staging_tags'),
    }) %}
{%- endmacro %}


{% macro _is_staging(node, rules) %}
    {#- A model of the root project by its own word (meta.opsplugin.staging), else by prefix,
        folder or tag. The prefix is text, not a pattern: in LIKE, _ stands for any letter. -#}
    {%- if node.resource_type != 'model' or node.package_name != rules['project'] %}
        {%- do return(false) %}
    {%- endif %}
    {%- set own = dbt_opsplugin._opsplugin_meta(node).get('staging') %}
    {%- if own is boolean %}
        {%- do return(own) %}
    {%- endif %}
    {%- for prefix in rules['prefixes'] if node.name.startswith(prefix) %}
        {%- do return(true) %}
    {%- endfor %}
    {%- set folders = '/' ~ (node.path | string).replace('\\', '/').split('/')[:-1] | join('/') ~ '/' %}
    {%- for folder in rules['folders'] if '/' ~ folder.strip('/') ~ '/' in folders %}
        {%- do return(true) %}
    {%- endfor %}
    {%- for tag in rules['tags'] if tag in node.tags %}
        {%- do return(true) %}
    {%- endfor %}
    {%- do return(false) %}
{%- endmacro %}


{% macro _opsplugin_meta(node) %}
    {%- set meta = ((node.config or {}).get('meta') or {}).get('opsplugin') %}
    {%- do return(meta if meta is mapping else {}) %}
{%- endmacro %}


{% macro _relation_key(database, schema, identifier) %}
    {%- do return(((database or '') ~ '.' ~ schema ~ '.' ~ identifier) | lower) %}
{%- endmacro %}


{% macro _relation_key_sql(of) %}
    {#- The same of a row, but for its case. -#}
    {%- do return(dbt_opsplugin._joined([
        'coalesce(' ~ of ~ "database_name, '')", "'.'", of ~ 'schema_name', "'.'", of ~ 'alias'
    ])) %}
{%- endmacro %}


{% macro _joined(texts) %}
    {%- do return(texts | join(' ' ~ dbt_opsplugin.engine_facts()['joins_text'] ~ ' ')) %}
{%- endmacro %}


{% macro _graph_children() %}
    {#- unique_id -> what reads it directly: nodes, exposures, semantic models, metrics. -#}
    {%- set children = {} %}
    {%- for kind in [
        'nodes', 'exposures', 'semantic_models', 'metrics', 'saved_queries', 'functions'
    ] %}
        {%- for node in (graph.get(kind) or {}).values() %}
            {%- for parent in (node.depends_on or {}).get('nodes') or [] %}
                {%- do children.setdefault(parent, []).append(node) %}
            {%- endfor %}
        {%- endfor %}
    {%- endfor %}
    {%- do return(children) %}
{%- endmacro %}


{% macro _consumers(unique_id, children, relations) %}
    {#- Who would miss a relation: {'built': those that copied from it, 'live': views that
        read it now, 'external': exposures, hooks and the like, 'ephemeral': models without a
        relation}. Ephemeral models and views are looked through, to whoever reads them. -#}
    {%- set found = {'built': [], 'live': [], 'external': [], 'ephemeral': []} %}
    {%- set seen = [unique_id] %}
    {%- set walk = namespace(level=[unique_id]) %}
    {%- for _ in range(graph.nodes | length) %}
        {%- if walk.level %}
            {%- set next_level = [] %}
            {%- for parent in walk.level %}
                {%- for child in children.get(parent, []) if child.unique_id not in seen %}
                    {%- do seen.append(child.unique_id) %}
                    {%- if child.resource_type in ('model', 'snapshot') %}
                        {%- set type = dbt_opsplugin._relation_type(child, relations) %}
                        {%- if type == 'ephemeral' %}
                            {%- do found['ephemeral'].append(child) %}
                            {%- do next_level.append(child.unique_id) %}
                        {%- elif type == 'table' %}
                            {%- do found['built'].append(child) %}
                        {%- else %}
                            {%- do found['live'].append(child) %}
                            {%- do next_level.append(child.unique_id) %}
                        {%- endif %}
                    {%- elif child.resource_type not in ('test', 'unit_test', 'analysis', 'seed') %}
                        {#- A hook too: the next command may not build what it reads. -#}
                        {%- do found['external'].append(child) %}
                    {%- endif %}
                {%- endfor %}
            {%- endfor %}
            {%- set walk.level = next_level %}
        {%- endif %}
    {%- endfor %}
    {%- do return(found) %}
{%- endmacro %}


{% macro _relation_type(node, relations) %}
    {#- What a consumer is: 'ephemeral', 'table' for a copy of its own, else what reads live.
        Its relation in the database decides; where that is missing, its config. -#}
    {%- set materialized = (node.config or {}).get('materialized') %}
    {%- if materialized == 'ephemeral' %}
        {%- do return('ephemeral') %}
    {%- endif %}
    {%- if materialized == 'external' and target.type == 'duckdb' %}
        {#- A view, but over the file that was written. -#}
        {%- do return('table') %}
    {%- endif %}
    {%- set found = relations.get(
        dbt_opsplugin._relation_key(node.database, node.schema, node.alias)
    ) %}
    {%- if found %}
        {%- set copies = ('external table', 'iceberg table', 'hybrid table') %}
        {%- do return('table' if found['type'] in copies else found['type']) %}
    {%- elif materialized in ('table', 'incremental', 'snapshot') %}
        {%- do return('table') %}
    {%- endif %}
    {%- do return(materialized) %}
{%- endmacro %}
