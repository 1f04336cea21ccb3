{% macro purge_ops_tables(days=none, dry_run=false, force=false) %}
    {%- do dbt_opsplugin._validate_arguments('purge_ops_tables', kwargs, ['days', 'dry_run', 'force']) %}
    {%- if not execute or flags.WHICH != 'run-operation' %}
        {%- do return('') %}
    {%- endif %}
    {%- do dbt_opsplugin._validate_vars() %}
    {%- for argument, value in {'dry_run': dry_run, 'force': force}.items() %}
        {%- do dbt_opsplugin._require_boolean('purge_ops_tables', argument, value) %}
    {%- endfor %}
    {%- if days is boolean or days is not integer or days < 1 %}
        {%- do dbt_opsplugin._fail(
            'purge_ops_tables', 'days is ' ~ (days | tojson) ~ ', not a whole number of days, 1 or more',
            'pass how many days of history to keep, such as days: 90'
        ) %}
    {%- elif not dbt_opsplugin._is_production() and not force %}
        {%- do dbt_opsplugin._fail(
            'purge_ops_tables', 'target ' ~ target.name ~ ' is not production',
            dbt_opsplugin._production_remedy()
        ) %}
    {%- endif %}
    {%- set tables = dbt_opsplugin._existing_ops_columns() %}
    {%- set refusal = adapter.dispatch('purge_refusal', 'dbt_opsplugin')(
        dbt_opsplugin.ops_tables() | select('in', tables) | list
    ) %}
    {%- if refusal %}
        {%- do dbt_opsplugin._fail('purge_ops_tables', refusal[0], refusal[1]) %}
    {%- endif %}
    {%- set statements = [] %}
    {%- for table in dbt_opsplugin.ops_tables() if table in tables %}
        {%- set counts = [] %}
        {%- for condition in dbt_opsplugin._purge_conditions(table, days) %}
            {%- set old_rows = dbt_opsplugin.ops_relation(table) ~ ' where ' ~ condition %}
            {%- do counts.append(dbt_opsplugin.query_rows('select count(*) from ' ~ old_rows)[0][0] | int) %}
            {%- if counts | last %}
                {%- do statements.append('delete from ' ~ old_rows) %}
            {%- endif %}
        {%- endfor %}
        {%- do dbt_opsplugin._log('purge_ops_tables', table ~ ': ' ~ counts | sum
            ~ (' rows would be deleted' if dry_run else ' rows deleted'), dry_run) %}
    {%- endfor %}
    {%- if not tables %}
        {%- do dbt_opsplugin._log('purge_ops_tables', 'there are no ops tables in '
            ~ dbt_opsplugin.ops_relation('x').without_identifier(), dry_run) %}
    {%- else %}
        {%- do dbt_opsplugin._expire_backups('purge_ops_tables', dry_run=dry_run) %}
        {%- do dbt_opsplugin.run_transaction([] if dry_run else statements) %}
    {%- endif %}
    {%- do return('') %}
{%- endmacro %}


{% macro default__purge_refusal(tables) %}
    {%- do return([]) %}
{%- endmacro %}


{% macro _purge_conditions(table, days) %}
    {#- Of rows that no two conditions share, to be deleted in this order. Three kinds of old rows stay:
        the newest version of a node that is still there, which says what it is now; those of what has
        ever been incremental, a snapshot or a seed, which keep its relation from being dropped as an
        orphan; and the record of a backup that can be restored. Of another environment's backups we
        do not know, so all of those stay. -#}
    {%- set limit = dbt_opsplugin._minutes_ago(days * 24 * 60) %}
    {%- set old = 'recorded_at < ' ~ dbt_opsplugin._timestamp_literal(limit) %}
    {%- if table == 'ops_nodes' %}
        {#- No correlated select, of which engines take this kind or that. -#}
        {%- set newest = ' in (select ' ~ dbt_opsplugin._node_version_sql('max(recorded_at)') ~ ' from '
            ~ dbt_opsplugin.ops_relation(table)
            ~ ' group by project_name, target_name, target_schema, unique_id)' %}
        {%- set version = dbt_opsplugin._node_version_sql('recorded_at') %}
        {%- set old = old ~ ' and unique_id not in (select unique_id from ' ~ dbt_opsplugin.ops_relation(table)
            ~ " where unique_id is not null and (resource_type in ('seed', 'snapshot')"
            ~ " or materialized = 'incremental'))" %}
        {%- do return([
            old ~ ' and ' ~ version ~ ' not' ~ newest,
            old ~ ' and ' ~ dbt_opsplugin._form('is_surely_true', 'removed') ~ ' and ' ~ version ~ newest,
        ]) %}
    {%- elif table == 'ops_actions' %}
        {%- set ids = [] %}
        {%- for backup in dbt_opsplugin._recorded_backups() %}
            {%- do ids.append(dbt_opsplugin.literal(backup['action_id'])) %}
        {%- endfor %}
        {%- set kept = ' and action_id not in (' ~ ids | join(', ') ~ ')' if ids else '' %}
        {%- do return([
            old ~ " and (coalesce(action, '') not in ('backup', 'expire') or "
            ~ dbt_opsplugin._of_this_environment(table) ~ kept ~ ')'
        ]) %}
    {%- endif %}
    {%- do return([old]) %}
{%- endmacro %}


{% macro _node_version_sql(moment) %}
    {#- A node of an environment and a time, as one text. -#}
    {%- set parts = [] %}
    {%- for column in ['project_name', 'target_name', 'target_schema', 'unique_id'] %}
        {%- do parts.append('coalesce(' ~ column ~ ", '')") %}
    {%- endfor %}
    {%- set joins = dbt_opsplugin.engine_facts()['joins_text'] %}
    {%- do return((parts + [dbt_opsplugin._time_text(moment)]) | join(' ' ~ joins ~ " ' ' " ~ joins ~ ' ')) %}
{%- endmacro %}
