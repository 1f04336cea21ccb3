{% macro _run_end_refusal(results) %}
    {#- Why nothing may be dropped at the end of this run, or ''. -#}
    {%- if not results %}
        {%- do return('no node ran') %}
    {%- elif flags.WHICH not in ('build', 'test') %}
        {%- do return(
            'dbt ' ~ flags.WHICH ~ ' does not show that the tests pass; dbt build does, and so'
            ~ ' does dbt test after dbt run'
        ) %}
    {%- elif dbt_opsplugin._is_partial_data() %}
        {%- do return('--empty and --sample build relations without the data') %}
    {%- elif dbt_opsplugin._is_deferred() %}
        {%- do return('with --defer, models may have read another environment') %}
    {%- endif %}
    {%- for result in results %}
        {%- set group = dbt_opsplugin._harmless_statuses().get(result.status | string, 'error') %}
        {%- if group == 'skipped' and result.node.config.materialized == 'ephemeral' %}
            {#- dbt v2 lists ephemeral models, as skipped. -#}
        {%- elif group in ('error', 'skipped') %}
            {%- do return(result.node.unique_id ~ ' is ' ~ (result.status | string)) %}
        {%- endif %}
    {%- endfor %}
    {%- if flags.WHICH == 'test' %}
        {%- do return(dbt_opsplugin._history_refusal(tests=false)) %}
    {%- endif %}
    {%- do return('') %}
{%- endmacro %}


{% macro _history_refusal(tests=true) %}
    {#- Why the recorded runs of this target forbid a drop, or ''. A test run that has just
        passed makes up for one that failed before it: then tests is false. -#}
    {% if 'ops_runs' not in dbt_opsplugin._existing_ops_columns() %}
        {% do return('the ops tables hold no run of target ' ~ target.name) %}
    {% endif %}
    {% set partial = dbt_opsplugin._form('as_value', dbt_opsplugin._is_partial_or_deferred('')) %}
    {% set query %}
        {#- The last run that built and, where there was one after it, the last that tested,
            seeded or took snapshots. -#}
        select
            command, status, skipped_count, {{ partial }}, invocation_id,
            {{ dbt_opsplugin._time_text('started_at') }}
        from (
            select
                runs.*,
                row_number() over (
                    partition by case
                        when command in ('test', 'seed', 'snapshot') then command else 'build'
                    end
                    order by started_at desc
                ) as age,
                max(case when command in ('build', 'run', 'retry') then started_at end) over ()
                    as last_build_at
            from {{ dbt_opsplugin.ops_relation('ops_runs') }} as runs
            where {{ dbt_opsplugin._of_this_environment('runs') }}
                and command in ('build', 'run', 'retry', 'seed', 'snapshot', 'test')
                and invocation_id <> {{ dbt_opsplugin.literal(invocation_id) }}
                {#- One that had nothing to do says nothing of those before it. -#}
                {{- " and not (status = 'success' and coalesce(node_count, 0) = 0)" }}
        ) as ranked
        where age = 1 and started_at >= last_build_at
    {% endset %}
    {% set runs = dbt_opsplugin.query_rows(query) %}
    {% set seen = namespace(build=false, refusal='') %}
    {% for command, status, skipped, empty, invocation, at in runs if tests or command != 'test' %}
        {% set failed = status != 'success' or (skipped or 0) > 0 %}
        {% if seen.refusal == '' and (failed or empty) %}
            {% set seen.refusal = 'the last dbt ' ~ command ~ ' of target ' ~ target.name ~ ' ('
                ~ invocation ~ ', ' ~ at ~ ') ' ~ ('failed' if failed else 'was --empty, --sample or deferred') %}
        {% endif %}
        {% if command in ('build', 'run', 'retry') %}
            {% set seen.build = true %}
        {% endif %}
    {% endfor %}
    {% if not seen.build %}
        {% do return('the ops tables hold no run of target ' ~ target.name) %}
    {% endif %}
    {% do return(seen.refusal) %}
{% endmacro %}


{% macro _is_partial_or_deferred(of) %}
    {%- do return(
        dbt_opsplugin._form('is_true', of ~ 'empty') ~ ' or ' ~ dbt_opsplugin._form('is_true', of ~ 'defer')
    ) %}
{%- endmacro %}


{% macro _of_this_environment(runs) %}
    {#- Rows of this project in this target: several may share the ops tables, and one target
        may build into another schema for each tenant. -#}
    {{ runs }}.project_name = {{ dbt_opsplugin.literal(project_name) }}
    and {{ runs }}.target_name = {{ dbt_opsplugin.literal(target.name) }}
    and lower({{ runs }}.schema_name) = lower({{ dbt_opsplugin.literal(target.schema) }})
{% endmacro %}
