{% macro note_run_start(observed=false) %}
    {#- An audit row that a run which builds has begun. A run that is killed, or whose own
        on-run-end hook fails before ours, leaves no row in ops_runs: without this one,
        drop_stg_tables would go by what was true before it. -#}
    {% if execute and flags.WHICH in ('build', 'run', 'retry', 'seed', 'snapshot') %}
        {% do dbt_opsplugin._write_rows('ops_actions', [dbt_opsplugin._action_row(
            'run', 'started', details={'command': flags.WHICH}
        )], observed) %}
    {% endif %}
    {% do return('') %}
{% endmacro %}


{% macro _unfinished_since() %}
    {#- When the newest run of this target began that has not ended, or ''. -#}
    {% if 'ops_actions' in dbt_opsplugin._existing_ops_columns() %}
        {% set query %}
            select {{ dbt_opsplugin._time_text('max(actions.recorded_at)') }}
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
        {% for row in dbt_opsplugin.query_rows(query) if row[0] %}
            {% do return(row[0]) %}
        {% endfor %}
    {% endif %}
    {% do return('') %}
{% endmacro %}
