{% macro record_query_history(days=3, dry_run=false) %}
    {#- One insert of a select, whatever there is to record: what the engine knows stays in the engine. -#}
    {%- do dbt_opsplugin._validate_arguments('record_query_history', kwargs, ['days', 'dry_run']) %}
    {%- if not execute or flags.WHICH != 'run-operation' %}
        {%- do return('') %}
    {%- endif %}
    {%- do dbt_opsplugin._validate_vars() %}
    {%- do dbt_opsplugin._require_boolean('record_query_history', 'dry_run', dry_run) %}
    {%- if days is boolean or days is not integer or days < 1 %}
        {%- do dbt_opsplugin._fail(
            'record_query_history', 'days is ' ~ (days | string) ~ ', not a whole number of days, 1 or more',
            'pass how far to look back, such as days: 3'
        ) %}
    {%- elif not dbt_opsplugin._is_enabled() %}
        {%- do dbt_opsplugin._fail(
            'record_query_history', 'target ' ~ target.name ~ ' records nothing',
            'use a target named in the var opsplugin_prod_targets ('
            ~ dbt_opsplugin._config('prod_targets') | join(', ') ~ '), or set opsplugin_enabled: true'
        ) %}
    {%- endif %}
    {%- set since = dbt_opsplugin._minutes_ago(days * 24 * 60) %}
    {#- Before anything is made: an engine without history refuses here. -#}
    {%- set history = adapter.dispatch('query_history_sql', 'dbt_opsplugin')(since) %}
    {%- set latency = dbt_opsplugin.engine_facts()['history_latency'] %}
    {%- set rows = dbt_opsplugin._new_history_rows_sql(history, since, latency) %}
    {%- if not dry_run %}
        {%- do dbt_opsplugin._ensure_ops_tables() %}
        {%- set recorded_at = dbt_opsplugin._timestamp_literal(dbt_opsplugin.utc_now()) %}
        {%- set columns = dbt_opsplugin.ops_tables()['ops_query_history']['columns'] | join(', ') %}
        {%- do dbt_opsplugin.run_statement(
            'insert into ' ~ dbt_opsplugin.ops_relation('ops_query_history') ~ ' (' ~ columns ~ ')'
            ~ ' select new_rows.*, ' ~ recorded_at ~ ' from (' ~ rows ~ ') as new_rows'
        ) %}
        {%- set rows = 'select invocation_id from ' ~ dbt_opsplugin.ops_relation('ops_query_history')
            ~ ' where recorded_at = ' ~ recorded_at %}
    {%- elif 'ops_query_history' not in dbt_opsplugin._existing_ops_columns() %}
        {%- do dbt_opsplugin._log(
            'record_query_history', 'there is no ' ~ dbt_opsplugin.ops_relation('ops_query_history')
            ~ ' yet: the next run makes it, as does this operation without dry_run', dry_run
        ) %}
        {%- do return('') %}
    {%- endif %}
    {%- set statements, runs = dbt_opsplugin.query_rows(
        'select count(*), count(distinct invocation_id) from (' ~ rows ~ ') as recorded_rows'
    )[0] %}
    {%- set complete_until = dbt_opsplugin._minutes_ago(latency)[:16] %}
    {%- if not dry_run %}
        {%- do dbt_opsplugin._write_rows('ops_actions', [dbt_opsplugin._action_row(
            'record_query_history', 'success', details={
                'days': days, 'statements': statements | int, 'complete_until': complete_until,
            }
        )]) %}
    {%- endif %}
    {%- do dbt_opsplugin._log(
        'record_query_history', (statements | string) ~ ' statements of ' ~ (runs | string) ~ ' dbt commands '
        ~ ('would be recorded' if dry_run else 'recorded')
        ~ '; complete for what ended until ' ~ complete_until ~ ' UTC'
        ~ ('' if statements | int else ' (a statement is known by query-comment: dbt_opsplugin.query_comment(node))'),
        dry_run
    ) %}
    {%- do return('') %}
{%- endmacro %}


{% macro default__query_history_sql(since) %}
    {%- do dbt_opsplugin._fail(
        'record_query_history', target.type ~ ' keeps no history of statements that SQL can read',
        'set opsplugin_queries: true with the Python package, which records each statement in ops_queries'
    ) %}
{%- endmacro %}


{% macro _new_history_rows_sql(history, since, latency) %}
    {#- What is not recorded yet, in the order of the columns. Of a run all statements or none, so that a cost is
        never that of a part: those of a run that began before the days, or ended so lately that the engine
        may not show all of it, are left out. A command that has left no run, as an operation, may still be
        going on for a day. No join, whose missing rows are not null on every engine. -#}
    {% set project, target_name = dbt_opsplugin.literal(project_name), dbt_opsplugin.literal(target.name) %}
    {% set runs = dbt_opsplugin.ops_relation('ops_runs') %}
    {%- set recorded = dbt_opsplugin.ops_relation('ops_query_history') %}
    {%- set joins = dbt_opsplugin.engine_facts()['joins_text'] %}
    {% set until = dbt_opsplugin._timestamp_literal(dbt_opsplugin._minutes_ago(latency)) %}
    select
        {%- for column in dbt_opsplugin.ops_tables()['ops_query_history']['columns']
            if column not in ('cost', 'recorded_at') %}
        history.{{ column }},
        {%- endfor %}
        {{ dbt_opsplugin._measured_cost_sql() }} as cost
    from ({{ history }}) as history
    where history.project_name = {{ project }}
        and history.target_name = {{ target_name }}
        and history.invocation_id is not null
        and history.completed_at <= {{ until }}
        and history.invocation_id not in (
            select invocation_id
            from {{ runs }}
            group by invocation_id
            having min(started_at) < {{ dbt_opsplugin._timestamp_literal(since) }}
                or max(coalesce(completed_at, recorded_at)) > {{ until }}
        )
        and (
            history.completed_at <= {{ dbt_opsplugin._timestamp_literal(
                dbt_opsplugin._minutes_ago(latency + 24 * 60)
            ) }}
            or history.invocation_id in (select invocation_id from {{ runs }})
        )
        and history.invocation_id {{ joins }} ' ' {{ joins }} history.query_id not in (
            select invocation_id {{ joins }} ' ' {{ joins }} query_id from {{ recorded }}
        )
{% endmacro %}


{% macro _measured_cost_sql() %}
    {#- In money, by what the engine bills a statement for, at the price of today; null without one. -#}
    {%- set double = dbt_opsplugin.engine_facts()['types']['double'] %}
    {%- set branches = [] %}
    {%- for column, price, units in [
        ('credits', dbt_opsplugin._config('price_per_credit'), 1),
        ('bytes_billed', dbt_opsplugin._config('price_per_tib'), 1024 ** 4),
        ('slot_ms', dbt_opsplugin._config('price_per_slot_hour'), 3600000),
    ] %}
        {%- do branches.append(
            'when history.' ~ column ~ ' is not null then cast(' ~ ('null' if price is none else 'history.' ~ column)
            ~ ' as ' ~ double ~ ') * ' ~ dbt_opsplugin.literal(price or 0) ~ ' / ' ~ units
        ) %}
    {%- endfor %}
    {%- do return('case ' ~ branches | join(' ') ~ ' end') %}
{%- endmacro %}


{% macro _query_comment_pattern() %}
    {#- Of the comment of query_comment, whose first group is its JSON, which holds no end of a comment. Without
        backslashes and lazy repetition, which engines write and know differently; unrolled, since Java
        recurses for each alternative. -#}
    {%- do return(dbt_opsplugin.literal(
        '/[*] *([{]"app": *"dbt",[^*/]*"dbt_opsplugin_version"[^*]*([*]+[^*/][^*]*)*[}]) *[*]/'
    )) %}
{%- endmacro %}


{% macro _minutes_ago(minutes) %}
    {#- A hundred years at most: further back there is no date. -#}
    {%- do return((
        modules.datetime.datetime.now(modules.pytz.utc)
        - modules.datetime.timedelta(minutes=[minutes, 52560000] | min)
    ).strftime('%Y-%m-%d %H:%M:%S.%f')) %}
{%- endmacro %}


{% macro _timestamp_literal(text) %}
    {%- do return(
        'cast(' ~ dbt_opsplugin.literal(text) ~ ' as ' ~ dbt_opsplugin.engine_facts()['types']['timestamp'] ~ ')'
    ) %}
{%- endmacro %}
