{% macro _decide(plan, consumers, children, owners, relations, result_rows, force) %}
    {#- Sets decision and reason on every row of the plan. -#}
    {%- set wanted = [] %}
    {%- for row in plan %}
        {%- do wanted.append(row['unique_id']) %}
        {%- for consumer in consumers[row['key']]['built'] %}
            {%- do wanted.append(consumer.unique_id) %}
        {%- endfor %}
    {%- endfor %}
    {%- set wanted = wanted | select | unique | list %}
    {%- set states = dbt_opsplugin._build_states(wanted, result_rows) %}
    {%- if not force %}
        {%- do dbt_opsplugin._note_what_happened_since(plan, states) %}
    {%- endif %}
    {%- set tests = dbt_opsplugin._test_statuses(plan, consumers, children, result_rows) %}
    {%- set unfinished = dbt_opsplugin._unfinished_runs() %}
    {%- for row in plan %}
        {%- set of_row = consumers[row['key']] %}
        {%- set reason = dbt_opsplugin._own_objection(row, owners, states) %}
        {%- if not reason %}
            {%- set reason = dbt_opsplugin._reader_objection(row, of_row, relations) %}
        {%- endif %}
        {%- if not reason and not force and row['unique_id'] %}
            {%- set reason = dbt_opsplugin._build_objection(row, of_row, states, unfinished) %}
        {%- endif %}
        {%- if not reason and not force and unfinished['at_work'] %}
            {%- set reason = 'the run that began at ' ~ unfinished['at_work'] ~ ' has not ended and may read it'
                ~ ' (opsplugin_longest_run_hours: ' ~ dbt_opsplugin._config('longest_run_hours') ~ ')' %}
        {%- endif %}
        {%- if not reason and not force and row['unique_id'] %}
            {%- set reason = dbt_opsplugin._test_objection(
                row, of_row, children, tests, states, result_rows
            ) %}
        {%- endif %}
        {%- do row.update({
            'decision': 'keep' if reason else 'drop',
            'reason': reason or dbt_opsplugin._drop_reason(row, of_row),
        }) %}
    {%- endfor %}
    {%- do dbt_opsplugin._keep_what_views_read(plan, consumers) %}
{%- endmacro %}


{% macro _drop_reason(row, consumers) %}
    {%- if row['unique_id'] is none %}
        {%- do return('belongs to no node') %}
    {%- elif row['leftover'] %}
        {%- do return('left over: the model is ephemeral now') %}
    {%- elif consumers['built'] %}
        {%- do return('read by ' ~ consumers['built'] | length ~ ' built') %}
    {%- endif %}
    {%- do return('no table is built from it') %}
{%- endmacro %}


{% macro _own_objection(row, owners, states) %}
    {#- What speaks against dropping a relation in itself, or ''. -#}
    {%- for owner in owners.get(row['key'], []) if owner != row['unique_id'] %}
        {%- do return('also belongs to ' ~ owner) %}
    {%- endfor %}
    {%- if row.get('objection') %}
        {%- do return(row['objection']) %}
    {%- endif %}
    {%- set ops_database = dbt_opsplugin.ops_relation('x').database %}
    {%- if row['database'] | lower != ops_database | lower
        and dbt_opsplugin.engine_facts()['one_database'] %}
        {%- do return('is in another database: ' ~ target.type ~ ' writes to one in a transaction') %}
    {%- endif %}
    {%- set node = graph.nodes[row['unique_id']] if row['unique_id'] else none %}
    {%- if row['type'] in ('materialized view', 'dynamic table') and node %}
        {%- if dbt_opsplugin._opsplugin_meta(node).get('staging') != true %}
            {%- do return('is a ' ~ row['type'] ~ ' (meta.opsplugin.staging: true drops it)') %}
        {%- endif %}
    {%- elif row['type'] not in ('table', 'view') %}
        {%- do return('is a ' ~ row['type']) %}
    {%- endif %}
    {%- if not node %}
        {%- do return('') %}
    {%- endif %}
    {%- set materialized = node.config.materialized %}
    {%- set state = states.get(row['unique_id'], {}) %}
    {%- set before = [state.get('materialized'), state.get('built_as')] %}
    {%- if node.time_spine and not row['leftover'] %}
        {#- MetricFlow reads it, of which no node says so. -#}
        {%- do return('is a time spine') %}
    {%- endif %}
    {%- if dbt_opsplugin._opsplugin_meta(node).get('staging') != true %}
        {%- if materialized == 'incremental' or 'incremental' in before %}
            {%- do return(
                ('is' if materialized == 'incremental' else 'was') ~ ' incremental: its history may'
                ~ ' not be rebuildable (meta.opsplugin.staging: true drops it)'
            ) %}
        {%- elif materialized not in ('table', 'view', 'ephemeral') %}
            {%- do return(
                'is materialized as ' ~ materialized ~ ' (meta.opsplugin.staging: true drops it)'
            ) %}
        {%- endif %}
    {%- endif %}
    {%- do return('') %}
{%- endmacro %}


{% macro _reader_objection(row, consumers, relations) %}
    {#- Exposures and consumers that are not there. Views are for _keep_what_views_read. -#}
    {%- for reader in consumers['external'] %}
        {%- do return((reader.resource_type | string) ~ ' ' ~ reader.name ~ ' reads it') %}
    {%- endfor %}
    {%- for consumer in consumers['built'] + consumers['live'] %}
        {%- set key = dbt_opsplugin._relation_key(consumer.database, consumer.schema, consumer.alias) %}
        {%- if key not in relations %}
            {%- do return(consumer.name ~ ' reads it and is not built') %}
        {%- endif %}
    {%- endfor %}
    {%- do return('') %}
{%- endmacro %}
