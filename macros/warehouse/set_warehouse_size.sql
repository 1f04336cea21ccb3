{% macro set_warehouse_size(size=none, force=false) %}
    {%- do dbt_opsplugin._validate_arguments('set_warehouse_size', kwargs, ['size', 'force']) %}
    {%- do dbt_opsplugin._require_boolean('set_warehouse_size', 'force', force) %}
    {%- if execute and flags.WHICH == 'run-operation' %}
        {%- do dbt_opsplugin._validate_vars() %}
    {%- endif %}
    {%- set may_be_used = force or dbt_opsplugin._is_production() %}
    {#- In development on an engine without sizes, the size is another target's. -#}
    {%- set is_known = may_be_used or adapter.dispatch('warehouse_settings', 'dbt_opsplugin')() %}
    {%- set wanted
        = dbt_opsplugin._warehouse_size('set_warehouse_size', size, may_be_used) if is_known else none %}
    {%- if not dbt_opsplugin._may_resize('set_warehouse_size', force) %}
        {%- do return('') %}
    {%- elif dbt_opsplugin._renders_body() %}
        {#- dbt keeps what is stored here for as long as it renders this body. -#}
        {%- set first = load_result('opsplugin_warehouse_size') %}
        {%- do store_result('opsplugin_warehouse_size', response=first['response'] if first else wanted['name']) %}
        {%- if first %}
            {%- do dbt_opsplugin._after_the_body('set_warehouse_size', first['response']) %}
            {%- do return('') %}
        {%- endif %}
    {%- endif %}
    {%- set before = dbt_opsplugin.warehouse_state(wanted['settings']) %}
    {%- if before['matches'] %}
        {%- do log(
            'dbt_opsplugin.set_warehouse_size: already ' ~ wanted['name'],
            info=flags.WHICH == 'run-operation'
        ) %}
        {%- do return('') %}
    {%- endif %}
    {#- Not within a model when it can be helped: creating tables commits its transaction. -#}
    {%- if not dbt_opsplugin._has_action_table() %}
        {%- do dbt_opsplugin._ensure_ops_tables(observed=flags.WHICH != 'run-operation') %}
    {%- endif %}
    {%- do dbt_opsplugin._resize(before['settings'], wanted['settings'], wanted['name'], 'set_warehouse_size') %}
    {%- do return('') %}
{%- endmacro %}


{% macro reset_warehouse_size(force=false) %}
    {#- Back to the size from before this run, for a post-hook. The run end does it anyway. -#}
    {%- do dbt_opsplugin._validate_arguments('reset_warehouse_size', kwargs, ['force']) %}
    {%- do dbt_opsplugin._require_boolean('reset_warehouse_size', 'force', force) %}
    {%- if dbt_opsplugin._may_resize('reset_warehouse_size', force) %}
        {%- if flags.WHICH == 'run-operation' %}
            {%- do dbt_opsplugin._fail(
                'reset_warehouse_size', 'a run-operation is a run of its own, nothing was resized before it',
                'use it as a post-hook, or name the size: set_warehouse_size'
            ) %}
        {%- elif dbt_opsplugin._renders_body() %}
            {%- do dbt_opsplugin._after_the_body('reset_warehouse_size', 'set') %}
        {%- elif dbt_opsplugin._has_action_table() %}
            {%- do dbt_opsplugin._restore_recorded_size() %}
        {%- endif %}
    {%- endif %}
    {%- do return('') %}
{%- endmacro %}


{% macro _may_resize(macro, force) %}
    {#- Also renders at parse, and in compile and docs generate with execute: a resize there
        would change the warehouse for a query that never runs. Nor is one worth its money
        for --empty, or for a unit test, which renders the body of its model. -#}
    {%- if not execute or flags.EMPTY %}
        {%- do return(false) %}
    {%- elif flags.WHICH != 'run-operation' and not dbt_opsplugin._is_recorded_command() %}
        {%- do return(false) %}
    {%- elif model and model.resource_type == 'unit_test' %}
        {%- do return(false) %}
    {%- elif not dbt_opsplugin._is_production() and not force %}
        {%- if flags.WHICH == 'run-operation' %}
            {%- do dbt_opsplugin._fail(
                macro, 'target ' ~ target.name ~ ' is not production',
                dbt_opsplugin._production_remedy()
            ) %}
        {%- endif %}
        {%- do return(false) %}
    {%- endif %}
    {%- do return(true) %}
{%- endmacro %}


{% macro _renders_body() %}
    {#- A body is rendered before there is compiled SQL, a hook after. -#}
    {%- do return(
        model and model.resource_type in ('model', 'snapshot') and model.language == 'sql' and not sql
    ) %}
{%- endmacro %}


{% macro _after_the_body(macro, size) %}
    {#- "Scale down after completion" at the end of a body: dbt renders the whole body first,
        so the model itself would run on the small size. -#}
    {%- do dbt_opsplugin._log(macro, 'ignored at the end of the body of ' ~ model.name
        ~ ', which dbt renders before it runs it: the size stays ' ~ size
        ~ "; to scale down after the model, use post_hook \"{{ dbt_opsplugin.reset_warehouse_size() }}\"") %}
{%- endmacro %}


{% macro _resize(before, after, size, reason, unique_id=none, of=none) %}
    {#- A row first, by which the restore knows what is of this run: what cannot be put back is not resized. That it
        has happened, only a row after it may say, since a warehouse may refuse the size; but where a failure takes
        the row back, that is the same one. What is put back needs none before. -#}
    {%- set observed = flags.WHICH != 'run-operation' and dbt_opsplugin.engine_facts()['catches_errors'] %}
    {%- set statements = adapter.dispatch('resize_statements', 'dbt_opsplugin')(
        after, of or ('model' if dbt_opsplugin._is_in_model() else 'run')
    ) %}
    {%- set steps = ['started', 'resize', 'success'] if reason != 'put back' else ['resize', 'success'] %}
    {%- for step in (['success', 'resize'] if dbt_opsplugin.engine_facts()['ddl_rolls_back'] else steps) %}
        {%- if step == 'resize' %}
            {%- for statement in statements %}
                {%- do dbt_opsplugin.run_statement(statement) %}
            {%- endfor %}
        {%- else %}
            {%- do dbt_opsplugin._write_rows('ops_actions', [dbt_opsplugin._action_row(
                'set_warehouse_size', step, reason=reason,
                unique_id=unique_id or (model.unique_id if model and model.resource_type != 'macro' else none),
                details={'size': size, 'before': before, 'after': after}
            )], observed=observed) %}
            {%- if observed and dbt_opsplugin._warn_of_caught_errors(true, 'set_warehouse_size')
                and reason != 'put back' and not loop.last %}
                {%- do return('') %}
            {%- endif %}
        {%- endif %}
    {%- endfor %}
    {%- do dbt_opsplugin._log(
        'set_warehouse_size', size ~ ' (' ~ dbt_opsplugin._settings_text(before) ~ ' -> '
        ~ dbt_opsplugin._settings_text(after) ~ ')'
    ) %}
{%- endmacro %}


{% macro _settings_text(settings) %}
    {%- set parts = [] %}
    {%- for name, value in settings.items() %}
        {%- do parts.append(name ~ ' ' ~ value) %}
    {%- endfor %}
    {%- do return(parts | join(', ')) %}
{%- endmacro %}
