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
    {%- set before = states.get(row['unique_id'], {}).get('materialized') %}
    {%- if dbt_opsplugin._opsplugin_meta(node).get('staging') != true %}
        {%- if 'incremental' in (materialized, before) %}
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


{% macro _build_objection(row, consumers, states, unfinished) %}
    {#- A consumer that was not built, successfully, after the relation; or not after a run
        began that may have built the relation again and never said so; a run that may read it yet. -#}
    {%- set own = states.get(row['unique_id']) %}
    {%- if own is none %}
        {%- do return('no build of it is recorded: it may be another\'s') %}
    {%- elif not row['leftover'] and own['status'] != 'success' %}
        {%- do return('its own last build is ' ~ own['status']) %}
    {%- endif %}
    {%- for consumer in consumers['built'] %}
        {%- set state = states.get(consumer.unique_id) %}
        {%- if state is none %}
            {%- do return('no build of ' ~ consumer.name ~ ' is recorded') %}
        {%- elif state['status'] != 'success' %}
            {%- do return('the last build of ' ~ consumer.name ~ ' is ' ~ state['status']) %}
        {%- elif not row['leftover'] and not (
            own['completed_at'] and (state['started_at'] or '') >= own['completed_at']
        ) %}
            {%- do return(consumer.name ~ ' was not built after it') %}
        {%- elif not row['leftover'] and unfinished['newest'] and state['started_at'] < unfinished['newest'] %}
            {%- do return(
                consumer.name ~ ' was not built after the run that began at ' ~ unfinished['newest']
                ~ ' and has not ended'
            ) %}
        {%- endif %}
    {%- endfor %}
    {%- if unfinished['at_work'] %}
        {%- do return(
            'the run that began at ' ~ unfinished['at_work'] ~ ' has not ended and may read it'
            ~ ' (opsplugin_longest_run_hours: ' ~ dbt_opsplugin._config('longest_run_hours') ~ ')'
        ) %}
    {%- endif %}
    {%- do return('') %}
{%- endmacro %}


{% macro _test_objection(row, consumers, children, tests, states, result_rows) %}
    {#- A test of the relation or of a consumer: at the end of a run, one that has not passed in
        this run or, as before a retry, since what it tests was built; in an operation, one that
        has failed since then. -#}
    {%- for item in dbt_opsplugin._tests_of(row, consumers, children) %}
        {%- set result = tests.get(item['test'].unique_id) %}
        {%- set built_at = (states.get(item['of']) or {}).get('completed_at') or '' %}
        {%- set counts = result and (result['at'] is none or result['at'] >= built_at) %}
        {%- if result_rows and not (counts and (result['at'] is none or built_at)) %}
            {%- do return('test ' ~ item['test'].name ~ ' did not run') %}
        {%- elif counts and result['status'] not in ('pass', 'warn') %}
            {%- do return(
                'the last result of test ' ~ item['test'].name ~ ' is ' ~ result['status']
            ) %}
        {%- endif %}
    {%- endfor %}
    {%- do return('') %}
{%- endmacro %}
