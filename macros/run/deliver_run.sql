{% macro begin_run() %}
    {#- For a recorder, in place of what the on-run-start hook does without one. -#}
    {%- do dbt_opsplugin._validate_vars() %}
    {%- do dbt_opsplugin._ensure_ops_tables() %}
    {%- do dbt_opsplugin.note_run_start() %}
    {%- do return('') %}
{%- endmacro %}


{% macro run_facts() %}
    {#- What a recorder cannot know by itself of the run that has begun, and what it is to do;
        asks no database. -#}
    {%- do return({
        'facts': dict(dbt_opsplugin._orchestrator(), **dbt_opsplugin._invocation_facts()),
        'queries': dbt_opsplugin._config('queries'),
    }) %}
{%- endmacro %}


{% macro deliver_run(run, results, metrics, queries=[]) %}
    {#- Writes a run that a recorder has put together: of this invocation, or of an earlier
        one that could not deliver. A row that is there already is skipped. -#}
    {%- if execute %}
        {%- do dbt_opsplugin._validate_vars() %}
        {%- do dbt_opsplugin._ensure_ops_tables() %}
        {%- for row in results %}
            {%- set found = {} %}
            {%- for kind in ['nodes', 'sources', 'functions', 'exposures', 'saved_queries'] if not found %}
                {%- do found.update((graph[kind] or {}).get(row['unique_id']) or {}) %}
            {%- endfor %}
            {%- set node = found or row.get('node') or {} %}
            {%- do row.pop('node', none) %}
            {%- set owner = ((node['config'] or {})['meta'] or {})['owner'] %}
            {%- do row.update({
                'package_name': node['package_name'] or none, 'tags': node['tags'] or [],
                'owner': (owner | string) if owner else none,
                'alias': row.get('alias') or node['identifier'] or none,
            }) %}
        {%- endfor %}
        {%- if run['invocation_id'] == invocation_id %}
            {%- set state = dbt_opsplugin._node_state() %}
            {%- do dbt_opsplugin._write_rows('ops_nodes', state['changed']) %}
            {%- do run.update({
                'manifest_hash': state['manifest_hash'],
                'node_version_count': none if state['changed'] else state['versions'],
            }) %}
        {%- endif %}
        {%- do dbt_opsplugin._write_rows('ops_results', results) %}
        {%- do dbt_opsplugin._write_rows('ops_metrics', metrics) %}
        {%- do dbt_opsplugin._write_rows('ops_queries', queries) %}
        {%- if run['invocation_id'] == invocation_id and dbt_opsplugin._config('row_counts') %}
            {%- do dbt_opsplugin._count_built_tables(results) %}
        {%- endif %}
        {%- do dbt_opsplugin._write_rows('ops_runs', [run]) %}
    {%- endif %}
    {%- do return('') %}
{%- endmacro %}
