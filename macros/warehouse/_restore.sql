{% macro _remember_warehouse_size() %}
    {#- A model's pre-hook runs inside its transaction, so the audit row of a resize is rolled
        back when that model fails; the setting is not. So a run that may resize notes the
        size it starts with. Where this cannot be noted, the run goes on: a recorder has made the tables
        if it could, and keeps sizes as they are where it cannot say what they were. -#}
    {%- set catches = dbt_opsplugin.engine_facts()['catches_errors'] %}
    {%- if catches or not (dbt_opsplugin._is_enabled() and dbt_opsplugin._has_recorder()) %}
        {%- do dbt_opsplugin._ensure_ops_tables(observed=true) %}
    {%- endif %}
    {%- if not dbt_opsplugin._has_action_table() %}
        {%- do dbt_opsplugin._warn(
            'set_warehouse_size', 'the size at the start of this run is not noted: the ops tables are not there'
        ) %}
        {%- do return('') %}
    {%- endif %}
    {%- do dbt_opsplugin._restore_interrupted_size() %}
    {%- set note = dbt_opsplugin._action_row(
        'warehouse_size_at_start', 'success', reason='to put it back at the end of the run',
        details={'before': dbt_opsplugin.warehouse_state({})['settings']}
    ) %}
    {%- if catches %}
        {%- do dbt_opsplugin._write_rows('ops_actions', [note], observed=true) %}
        {%- do dbt_opsplugin._warn_of_caught_errors(true, 'set_warehouse_size') %}
    {%- else %}
        {#- In a transaction of its own, in case a hook of the project has left one open. -#}
        {%- do dbt_opsplugin.run_transaction([dbt_opsplugin._insert_json_sql(
            'ops_actions', dbt_opsplugin.ops_tables()['ops_actions'],
            dbt_opsplugin._json_payload([note])
        )]) %}
    {%- endif %}
{%- endmacro %}


{% macro _restore_warehouse_size() %}
    {%- if (dbt_opsplugin._is_enabled() and not dbt_opsplugin._has_recorder()) or (
        dbt_opsplugin._project_resizes() and dbt_opsplugin._has_action_table()
    ) %}
        {%- do dbt_opsplugin._restore_recorded_size() %}
    {%- endif %}
{%- endmacro %}


{% macro _restore_recorded_size() %}
    {#- The first row of this run says what was there before. -#}
    {% set rows = [] %}
    {% set query %}
        select {{ dbt_opsplugin._json_text('details') }}, status
        from {{ dbt_opsplugin.ops_relation('ops_actions') }}
        where invocation_id = {{ dbt_opsplugin.literal(invocation_id) }}
            and action in ('set_warehouse_size', 'warehouse_size_at_start')
        order by recorded_at
    {% endset %}
    {% for details, status in dbt_opsplugin.query_rows(query) %}
        {% do rows.append(dict(fromjson(details), status=status)) %}
    {% endfor %}
    {% if rows %}
        {% set original = rows[0]['before'] %}
        {% set now = dbt_opsplugin.warehouse_state(original) %}
        {% if not now['matches'] and dbt_opsplugin._stands_as_left(original, rows) %}
            {% do dbt_opsplugin._resize(now['settings'], original, 'the size before this run', 'put back') %}
        {% endif %}
    {% endif %}
{% endmacro %}


{% macro _stands_as_left(original, rows) %}
    {#- Whether the size is one that this run has set, and not one that somebody else has set since
        on a warehouse that is shared. A size that was only started may have been refused. Where a model that
        fails takes its audit row back, the rows do not tell, and the process is our own. -#}
    {%- if dbt_opsplugin.engine_facts()['ddl_rolls_back'] %}
        {%- do return(true) %}
    {%- endif %}
    {%- for row in rows | reverse if row['after'] and row['after'] | first in original %}
        {%- set matches = dbt_opsplugin.warehouse_state(row['after'])['matches'] %}
        {%- if matches or row['status'] == 'success' %}
            {%- do return(matches) %}
        {%- endif %}
    {%- endfor %}
    {%- do return(false) %}
{%- endmacro %}


{% macro _has_action_table() %}
    {#- Where we record, on-run-start has made it before any model. Not by
        adapter.get_relation: for a schema that dbt has not listed it opens a transaction,
        which a hook of the run never commits: what all later hooks write would be lost. -#}
    {%- if dbt_opsplugin._is_in_model() %}
        {%- if dbt_opsplugin._is_enabled() and not dbt_opsplugin._has_recorder() %}
            {%- do return(true) %}
        {%- endif %}
    {%- endif %}
    {#- As a whole: where it could not be made, something else may have its name. -#}
    {%- set columns = dbt_opsplugin._existing_ops_columns().get('ops_actions', []) %}
    {%- do return(not (dbt_opsplugin.ops_tables()['ops_actions']['columns'] | reject('in', columns) | list)) %}
{%- endmacro %}


{% macro _project_resizes() %}
    {#- Whether a model or hook of the project mentions the macro; outside production, one
        that passes force as well. Or a model has a size, which takes the Python half. -#}
    {%- set production = dbt_opsplugin._is_production() %}
    {%- set sizes = production and dbt_opsplugin._has_recorder() %}
    {#- By subscript and without a call: this loop runs over the whole project. -#}
    {%- for node in graph.nodes.values() %}
        {%- set config = node['config'] or {} %}
        {%- set code = node['raw_code'] %}
        {%- if code and 'set_warehouse_size' in code and (production or dbt_opsplugin._forces(code)) %}
            {%- do return(true) %}
        {%- endif %}
        {#- Under other names in dbt v2. -#}
        {%- if config['pre-hook'] or config['post-hook'] or 'pre_hook' in config or 'post_hook' in config %}
            {%- for text in dbt_opsplugin._hook_texts(config, ['pre-hook', 'post-hook', 'pre_hook', 'post_hook'])
                if 'set_warehouse_size' in text and (production or dbt_opsplugin._forces(text)) %}
                {%- do return(true) %}
            {%- endfor %}
        {%- endif %}
        {%- if sizes and ((config['meta'] or {})['opsplugin'] or {})['warehouse_size'] %}
            {%- do return(true) %}
        {%- endif %}
    {%- endfor %}
    {%- do return(false) %}
{%- endmacro %}


{% macro _forces(code) %}
    {%- do return(true if modules.re.search('force\\s*=|,\\s*true', code, modules.re.I) else false) %}
{%- endmacro %}
