{% macro set_warehouse_size(size=none, force=false) %}
    {% do dbt_opsplugin._validate_arguments('set_warehouse_size', kwargs, ['size', 'force']) %}
    {% do dbt_opsplugin._require_boolean('set_warehouse_size', 'force', force) %}
    {% set wanted = dbt_opsplugin._warehouse_size('set_warehouse_size', size) %}
    {% if not dbt_opsplugin._may_resize(force) %}
        {% do return('') %}
    {% endif %}
    {% do dbt_opsplugin._ensure_ops_tables() %}
    {% set before = dbt_opsplugin.warehouse_state(wanted['settings']) %}
    {% if before['matches'] %}
        {% do dbt_opsplugin._log('set_warehouse_size', 'already ' ~ wanted['name']) %}
        {% do return('') %}
    {% endif %}
    {% do dbt_opsplugin._resize(before['settings'], wanted['settings'], wanted['name'], 'set_warehouse_size') %}
    {% do return('') %}
{% endmacro %}


{% macro reset_warehouse_size(force=false) %}
    {#- Back to the size from before this run, for a post-hook. The run end does it anyway. -#}
    {% do dbt_opsplugin._validate_arguments('reset_warehouse_size', kwargs, ['force']) %}
    {% do dbt_opsplugin._require_boolean('reset_warehouse_size', 'force', force) %}
    {% if dbt_opsplugin._may_resize(force) %}
        {% do dbt_opsplugin._restore_recorded_size() %}
    {% endif %}
    {% do return('') %}
{% endmacro %}


{% macro _may_resize(force) %}
    {#- Also renders at parse, and in compile and docs generate with execute: a resize there
        would change the warehouse for a query that never runs. -#}
    {% if not execute %}
        {% do return(false) %}
    {% elif flags.WHICH != 'run-operation' and not dbt_opsplugin._is_recorded_command() %}
        {% do return(false) %}
    {% elif not dbt_opsplugin._is_production() and not force %}
        {% if flags.WHICH == 'run-operation' %}
            {% do dbt_opsplugin._fail(
                'set_warehouse_size', 'target ' ~ target.name ~ ' is not production',
                dbt_opsplugin._production_remedy()
            ) %}
        {% endif %}
        {% do return(false) %}
    {% endif %}
    {% do return(true) %}
{% endmacro %}


{% macro _warehouse_size(macro, size) %}
    {#- {name, settings} of a size: from opsplugin_warehouse_sizes over the engine's own. -#}
    {% set sizes = {} %}
    {% for name, settings in dict(
        dbt_opsplugin.default_warehouse_sizes(), **dbt_opsplugin._config('warehouse_sizes')
    ).items() %}
        {% do sizes.update({dbt_opsplugin._size_key(name): {'name': name, 'settings': settings}}) %}
    {% endfor %}
    {% set found = sizes.get(dbt_opsplugin._size_key(size)) %}
    {% if found is none %}
        {% set names = sizes.values() | map(attribute='name') | list %}
        {% do dbt_opsplugin._fail(
            macro, 'size ' ~ size ~ ' is not known',
            'did you mean ' ~ dbt_opsplugin._nearest(size | string, names) ~ '? Sizes: '
            ~ names | join(', ') ~ ' (add your own by the var opsplugin_warehouse_sizes)'
        ) %}
    {% endif %}
    {% do dbt_opsplugin.validate_warehouse_settings(found['name'], found['settings']) %}
    {% do return(found) %}
{% endmacro %}


{% macro _size_key(name) %}
    {#- X-LARGE, XLARGE and x_large are one size, as Snowflake has it. -#}
    {% do return((name | string | upper).replace('-', '').replace('_', '').replace(' ', '')) %}
{% endmacro %}


{% macro _resize(before, after, size, reason) %}
    {#- The audit row first: what it says of the size before is what the restore goes by. -#}
    {% do dbt_opsplugin.write_ops_rows('ops_actions', [dbt_opsplugin._action_row(
        'set_warehouse_size', 'success', unique_id=model.unique_id if model else none,
        reason=reason, details={'size': size, 'before': before, 'after': after}
    )]) %}
    {% for statement in dbt_opsplugin.resize_statements(after) %}
        {% do dbt_opsplugin.run_statement(statement) %}
    {% endfor %}
    {% do dbt_opsplugin._log(
        'set_warehouse_size', size ~ ' (' ~ dbt_opsplugin._settings_text(before) ~ ' -> '
        ~ dbt_opsplugin._settings_text(after) ~ ')'
    ) %}
{% endmacro %}


{% macro _settings_text(settings) %}
    {% set parts = [] %}
    {% for name, value in settings.items() %}
        {% do parts.append(name ~ ' ' ~ value) %}
    {% endfor %}
    {% do return(parts | join(', ')) %}
{% endmacro %}
