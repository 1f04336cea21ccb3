{% macro _is_production() %}
    {% do return(target.name in dbt_opsplugin._config('prod_targets')) %}
{% endmacro %}


{% macro _is_enabled() %}
    {% set enabled = dbt_opsplugin._config('enabled') %}
    {% do return(dbt_opsplugin._is_production() if enabled is none else enabled) %}
{% endmacro %}


{% macro _is_recorded_command() %}
    {#- dbt also renders hooks and model bodies, with execute, for compile, docs generate
        and show: those must neither write nor drop. -#}
    {% do return(
        flags.WHICH in [
            'build', 'run', 'test', 'seed', 'snapshot', 'retry', 'freshness', 'source-freshness',
        ]
    ) %}
{% endmacro %}


{% macro _is_partial_data() %}
    {#- --empty and --sample build relations that do not hold the data. dbt Core shows --sample
        only among the arguments, not among the flags. -#}
    {% set arguments = invocation_args_dict or {} %}
    {% do return(true if (flags.EMPTY or flags.SAMPLE or arguments.get('sample')) else false) %}
{% endmacro %}


{% macro _is_deferred() %}
    {#- dbt v2 has this among the flags, on by default: without a state to defer to it does
        nothing. dbt Core has it only among the arguments. -#}
    {% set arguments = invocation_args_dict or {} %}
    {% set deferred = flags.DEFER or arguments.get('defer') %}
    {% set state = flags.STATE or flags.DEFER_STATE or arguments.get('state')
        or arguments.get('defer_state') %}
    {% do return(true if deferred and state else false) %}
{% endmacro %}


{% macro _production_remedy() %}
    {% do return(
        "use a target named in the var opsplugin_prod_targets ("
        ~ dbt_opsplugin._config('prod_targets') | join(', ') ~ "), or pass force: true"
    ) %}
{% endmacro %}
