{% macro _remember_warehouse_size() %}
    {#- A model's pre-hook runs inside its transaction, so the audit row of a resize is rolled
        back when that model fails; the setting is not. So a run that may resize notes the
        size it starts with. -#}
    {% if dbt_opsplugin._project_resizes() and (
        dbt_opsplugin._is_enabled() or 'ops_actions' in dbt_opsplugin._existing_ops_columns()
    ) %}
        {% do dbt_opsplugin.write_ops_rows('ops_actions', [dbt_opsplugin._action_row(
            'warehouse_size_at_start', 'success', reason='to put it back at the end of the run',
            details={'before': dbt_opsplugin.warehouse_state({})['settings']}
        )]) %}
    {% endif %}
{% endmacro %}


{% macro _restore_warehouse_size() %}
    {% if dbt_opsplugin._is_enabled() or (
        dbt_opsplugin._project_resizes() and 'ops_actions' in dbt_opsplugin._existing_ops_columns()
    ) %}
        {% do dbt_opsplugin._restore_recorded_size() %}
    {% endif %}
{% endmacro %}


{% macro _restore_recorded_size() %}
    {#- The first row of this run says what was there before. -#}
    {% for row in dbt_opsplugin.query_rows(dbt_opsplugin._resize_actions_sql()) %}
        {% if loop.first %}
            {% set original = fromjson(row[0])['before'] %}
            {% set now = dbt_opsplugin.warehouse_state(original) %}
            {% if not now['matches'] %}
                {% do dbt_opsplugin._resize(now['settings'], original, 'the size before this run', 'put back') %}
            {% endif %}
        {% endif %}
    {% endfor %}
{% endmacro %}


{% macro _resize_actions_sql() %}
    select cast(details as {{ dbt.type_string() }})
    from {{ dbt_opsplugin.ops_relation('ops_actions') }}
    where invocation_id = {{ dbt_opsplugin.literal(invocation_id) }}
        and action in ('set_warehouse_size', 'warehouse_size_at_start')
    order by recorded_at
{% endmacro %}


{% macro _project_resizes() %}
    {#- Whether a model or hook of the project mentions the macro. -#}
    {% for node in graph.nodes.values() if node.resource_type in ('model', 'snapshot', 'seed', 'operation') %}
        {% if 'set_warehouse_size' in (node.raw_code or '') %}
            {% do return(true) %}
        {% endif %}
        {% for hook in (node.config.get('pre-hook') or []) + (node.config.get('post-hook') or []) %}
            {% if 'set_warehouse_size' in (hook['sql'] if hook is mapping else hook | string) %}
                {% do return(true) %}
            {% endif %}
        {% endfor %}
    {% endfor %}
    {% do return(false) %}
{% endmacro %}
