{% macro resize_for_model(size, unique_id) %}
    {#- For the Python half, before a model with meta.opsplugin.warehouse_size: what held
        before (none when nothing was changed), and whether it is of the model's session alone. -#}
    {%- set size = dbt_opsplugin._size_of_build(size, unique_id) if size is mapping else size %}
    {%- if not size or not dbt_opsplugin._may_resize('meta.opsplugin.warehouse_size', false) %}
        {%- do return({'before': none, 'of_session': false}) %}
    {%- endif %}
    {%- set wanted = dbt_opsplugin._warehouse_size('meta.opsplugin.warehouse_size of ' ~ unique_id, size) %}
    {%- set of_session = wanted['settings'] | first in dbt_opsplugin.engine_facts()['session_settings'] %}
    {%- set before = dbt_opsplugin.warehouse_state(wanted['settings']) %}
    {%- if before['matches'] %}
        {%- do return({'before': none, 'of_session': of_session}) %}
    {%- endif %}
    {%- do dbt_opsplugin._resize(
        before['settings'], wanted['settings'], wanted['name'], 'meta.opsplugin.warehouse_size', unique_id,
        'session'
    ) %}
    {%- do return({'before': before['settings'], 'of_session': of_session}) %}
{%- endmacro %}


{% macro _size_of_build(sizes, unique_id) %}
    {#- An incremental model that is not there yet is built in full too. -#}
    {%- set node = graph.nodes[unique_id] %}
    {%- set config = node['config'] %}
    {%- set full = flags.FULL_REFRESH if config['full_refresh'] is none else config['full_refresh'] %}
    {%- if not full and config['materialized'] == 'incremental' %}
        {%- set full = adapter.get_relation(node['database'], node['schema'], node['alias']) is none %}
    {%- endif %}
    {%- do return(sizes['full_refresh' if full else 'otherwise']) %}
{%- endmacro %}


{% macro put_size_back(settings, unique_id=none) %}
    {#- For the Python half, after the last model that shares a size. -#}
    {%- set now = dbt_opsplugin.warehouse_state(settings) %}
    {%- if not now['matches'] %}
        {%- do dbt_opsplugin._resize(
            now['settings'], settings, 'the size before the model', 'put back', unique_id, 'session'
        ) %}
    {%- endif %}
    {%- do return('') %}
{%- endmacro %}


{% macro end_interrupted_run(resized=false) %}
    {#- For the Python half, when a run has ended without its on-run-end hooks, as after
        Ctrl-C, or resized by a macro of the project: what it resized is put back. -#}
    {%- if execute and (resized or dbt_opsplugin._project_resizes()) and dbt_opsplugin._has_action_table() %}
        {%- do dbt_opsplugin._restore_recorded_size() %}
    {%- endif %}
    {%- do return('') %}
{%- endmacro %}


{% macro _restore_interrupted_size() %}
    {#- What a run that was killed has left resized: put back when that run is known to have
        ended and the warehouse still stands as it left it. A run that may be at work, or a
        size that someone has set since, is left alone. -#}
    {% set query %}
        {#- The last resize of this environment by another run, unless it was one back, with the
            size at that run's start. A run-operation has no such row: what it sets shall stay. -#}
        select
            {{ dbt_opsplugin._json_text('resized.details') }},
            {{ dbt_opsplugin._json_text('started.details') }},
            {{ dbt_opsplugin._form('as_value', "coalesce(runs.invocation_id, '') <> ''") }}, resized.invocation_id
        from (
            select
                actions.*,
                row_number() over (order by actions.recorded_at desc) as age
            from {{ dbt_opsplugin.ops_relation('ops_actions') }} as actions
            where actions.action = 'set_warehouse_size'
                and {{ dbt_opsplugin._of_this_environment('actions') }}
                and actions.invocation_id <> {{ dbt_opsplugin.literal(invocation_id) }}
        ) as resized
        inner join {{ dbt_opsplugin.ops_relation('ops_actions') }} as started
            on resized.invocation_id = started.invocation_id
            and started.action = 'warehouse_size_at_start'
        left join {{ dbt_opsplugin.ops_relation('ops_runs') }} as runs
            on resized.invocation_id = runs.invocation_id
        where resized.age = 1 and resized.reason <> 'put back'
    {% endset %}
    {% for last, original, ended, run in dbt_opsplugin.query_rows(query) %}
        {% set details = fromjson(last) %}
        {% set now = dbt_opsplugin.warehouse_state(details['after']) %}
        {% set before = fromjson(original)['before'] %}
        {% if now['matches'] and not dbt_opsplugin.warehouse_state(before)['matches'] %}
            {% if ended %}
                {% do dbt_opsplugin._resize(
                    now['settings'], before, 'the size before run ' ~ run ~ ', which was interrupted', 'put back'
                ) %}
            {% else %}
                {% do dbt_opsplugin._warn(
                    'set_warehouse_size', 'run ' ~ run ~ ' set the size ' ~ details['size'] ~ ' ('
                    ~ dbt_opsplugin._settings_text(details['after']) ~ ') and has not ended: it is left so;'
                    ~ ' if that run was killed, run set_warehouse_size with the size that you want'
                ) %}
            {% endif %}
        {% endif %}
    {% endfor %}
{% endmacro %}
