{% macro set_warehouse_size(size=none, force=false) %}
    {%- do dbt_opsplugin._validate_arguments('set_warehouse_size', kwargs, ['size', 'force']) %}
    {%- do dbt_opsplugin._require_boolean('set_warehouse_size', 'force', force) %}
    {%- set wanted = dbt_opsplugin._warehouse_size('set_warehouse_size', size) %}
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
        {%- do dbt_opsplugin._ensure_ops_tables() %}
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


{% macro _warehouse_size(macro, size) %}
    {#- {name, settings} of a size: from opsplugin_warehouse_sizes over the engine's own. -#}
    {%- set key = dbt_opsplugin._size_key(size) %}
    {%- set names, found = [], {} %}
    {%- set usual = adapter.dispatch('default_warehouse_sizes', 'dbt_opsplugin')() %}
    {%- if dbt_opsplugin._config('warehouse_sizes') is not mapping %}{% do dbt_opsplugin._validate_vars() %}{% endif %}
    {%- for sizes in [usual, dbt_opsplugin._config('warehouse_sizes')] %}
        {%- for name, settings in sizes.items() %}
            {%- if name not in names %}
                {%- do names.append(name) %}
            {%- endif %}
            {%- if dbt_opsplugin._size_key(name) == key %}
                {%- do found.update({'name': name, 'settings': settings}) %}
            {%- endif %}
        {%- endfor %}
    {%- endfor %}
    {%- if not found %}
        {%- do dbt_opsplugin._fail(
            macro, 'size ' ~ size ~ ' is not known',
            'did you mean ' ~ dbt_opsplugin._nearest(size | string, names) ~ '? Sizes: '
            ~ names | join(', ') ~ ' (add your own by the var opsplugin_warehouse_sizes)'
        ) %}
    {%- endif %}
    {%- do dbt_opsplugin._validate_warehouse_settings(found['name'], found['settings']) %}
    {%- do return(found) %}
{%- endmacro %}


{% macro _size_key(name) %}
    {#- X-LARGE, XLARGE and x_large are one size, as Snowflake has it; so are XXLARGE, X2LARGE
        and 2X-LARGE. -#}
    {%- set key = (name | string | upper).replace('-', '').replace('_', '').replace(' ', '') %}
    {%- for spelling, count in [('X{2}', '2'), ('X{3}', '3'), ('X([2-6])', '\\1')] %}
        {%- if modules.re.match('^' ~ spelling ~ 'LARGE$', key) %}
            {%- do return(modules.re.sub('^' ~ spelling ~ 'LARGE$', count ~ 'XLARGE', key)) %}
        {%- endif %}
    {%- endfor %}
    {%- do return(key) %}
{%- endmacro %}


{% macro _resize(before, after, size, reason, unique_id=none, of=none) %}
    {#- The audit row first: what it says of the size before is what the restore goes by. -#}
    {%- set statements = adapter.dispatch('resize_statements', 'dbt_opsplugin')(
        after, of or ('model' if dbt_opsplugin._is_in_model() else 'run')
    ) %}
    {%- do dbt_opsplugin._write_rows('ops_actions', [dbt_opsplugin._action_row(
        'set_warehouse_size', 'success', reason=reason,
        unique_id=unique_id or (model.unique_id if model and model.resource_type != 'macro' else none),
        details={'size': size, 'before': before, 'after': after}
    )]) %}
    {%- for statement in statements %}
        {%- do dbt_opsplugin.run_statement(statement) %}
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
