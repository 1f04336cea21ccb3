{% macro _is_production() %}
    {#- Also asked when dbt parses, where a var of another kind has not been refused yet. -#}
    {%- set names = dbt_opsplugin._config('prod_targets') %}
    {%- do return(names is iterable and names is not string and target.name in names) %}
{%- endmacro %}


{% macro _is_enabled() %}
    {%- set enabled = dbt_opsplugin._config('enabled') %}
    {%- do return(dbt_opsplugin._is_production() if enabled is none else enabled) %}
{%- endmacro %}


{% macro _is_recorded_command() %}
    {#- dbt also renders hooks and model bodies, with execute, for compile, docs generate
        and show: those must neither write nor drop. -#}
    {%- do return(
        flags.WHICH in [
            'build', 'run', 'test', 'seed', 'snapshot', 'retry', 'freshness', 'source-freshness',
        ]
    ) %}
{%- endmacro %}


{% macro _is_partial_data() %}
    {#- --empty and --sample build relations that do not hold the data. dbt Core shows --sample
        only among the arguments, not among the flags. -#}
    {%- set arguments = invocation_args_dict or {} %}
    {%- do return(true if (flags.EMPTY or flags.SAMPLE or arguments.get('sample')) else false) %}
{%- endmacro %}


{% macro _is_deferred() %}
    {#- dbt Core has this only among the arguments. In dbt v2 it is on by default and does
        nothing without a state to defer to, which only what was typed tells. -#}
    {%- set arguments = invocation_args_dict or {} %}
    {%- set deferred = flags.DEFER or arguments.get('defer') %}
    {%- set state = arguments.get('state') or arguments.get('defer_state')
        or env_var('DBT_STATE', '') or env_var('DBT_DEFER_STATE', '')
        or modules.re.search('--(defer-)?state', arguments.get('invocation_command') or '') %}
    {%- do return(true if deferred and state else false) %}
{%- endmacro %}


{% macro _node_name(node) %}
    {%- do return(node.name ~ ('.v' ~ node.version if node.version or node.version == 0 else '')) %}
{%- endmacro %}


{% macro _hook_texts(config, keys) %}
    {#- Of a node: dbt Core has lists of mappings, dbt v2 other names and plain text. -#}
    {%- set texts = [] %}
    {%- for key in keys %}
        {%- set hooks = config[key] or [] %}
        {%- for hook in ([hooks] if hooks is string or hooks is mapping else hooks) %}
            {%- do texts.append(hook['sql'] if hook is mapping else hook | string) %}
        {%- endfor %}
    {%- endfor %}
    {%- do return(texts) %}
{%- endmacro %}


{% macro _production_remedy() %}
    {%- do return(
        "use a target named in the var opsplugin_prod_targets ("
        ~ dbt_opsplugin._config('prod_targets') | join(', ') ~ "), or pass force: true"
    ) %}
{%- endmacro %}


{% macro _is_in_model() %}
    {#- Whether a model, seed or snapshot is being built, whose transaction we are in. -#}
    {%- do return(true if model and model.resource_type in ('model', 'seed', 'snapshot') else false) %}
{%- endmacro %}
