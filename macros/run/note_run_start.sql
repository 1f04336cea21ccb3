{% macro note_run_start(observed=false) %}
    {#- An audit row that a run which builds has begun. A run that is killed, or whose own
        on-run-end hook fails before ours, leaves no row in ops_runs: without this one,
        drop_stg_tables would go by what was true before it. -#}
    {%- if execute and flags.WHICH in ('build', 'run', 'retry', 'seed', 'snapshot') %}
        {%- do dbt_opsplugin._write_rows('ops_actions', [dbt_opsplugin._action_row(
            'run', 'started', details={'command': flags.WHICH}
        )], observed) %}
    {%- endif %}
    {%- do return('') %}
{%- endmacro %}


{% macro _unfinished_runs() %}
    {#- {newest, at_work}: when the newest run of this target began that has not ended, and the oldest of
        those that may be at work yet; none where there is none. Whether one was killed, nobody can tell:
        after opsplugin_longest_run_hours it counts as ended. -#}
    {% set began = {'newest': none, 'at_work': none} %}
    {% if 'ops_actions' in dbt_opsplugin._existing_ops_columns() %}
        {% set since = dbt_opsplugin._timestamp_literal(
            dbt_opsplugin._minutes_ago(dbt_opsplugin._config('longest_run_hours') * 60)
        ) %}
        {% set query %}
            select
                {{ dbt_opsplugin._time_text('max(actions.recorded_at)') }},
                {{ dbt_opsplugin._time_text(
                    'min(case when actions.recorded_at > ' ~ since ~ ' then actions.recorded_at end)'
                ) }}
            from {{ dbt_opsplugin.ops_relation('ops_actions') }} as actions
            where actions.action = 'run'
                and actions.status = 'started'
                and {{ dbt_opsplugin._of_this_environment('actions') }}
                and actions.invocation_id <> {{ dbt_opsplugin.literal(invocation_id) }}
                and actions.invocation_id not in (
                    select runs.invocation_id
                    from {{ dbt_opsplugin.ops_relation('ops_runs') }} as runs
                    where runs.invocation_id is not null
                )
        {% endset %}
        {% for newest, at_work in dbt_opsplugin.query_rows(query) if newest %}
            {% do began.update({'newest': newest, 'at_work': at_work}) %}
        {% endfor %}
    {% endif %}
    {% do return(began) %}
{% endmacro %}
