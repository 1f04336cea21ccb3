{% macro log_model_metrics() %}
    {%- do dbt_opsplugin._validate_arguments('log_model_metrics', kwargs, []) %}
    {%- if not execute %}
        {%- do return('') %}
    {%- elif not model or model.resource_type not in ('model', 'snapshot', 'seed') %}
        {%- do dbt_opsplugin._fail(
            'log_model_metrics', 'called where nothing is built', 'use it as the post-hook of a model'
        ) %}
    {%- elif not dbt_opsplugin._is_recorded_command() or dbt_opsplugin._is_partial_data() %}
        {%- do return('') %}
    {%- endif %}
    {%- set metrics = {'row_count': dbt_opsplugin.engine_facts()['row_count']} %}
    {#- In order of their names: dbt does not keep the order of a config() in a model. -#}
    {%- for name, expression in (dbt_opsplugin._opsplugin_meta(model).get('metrics') or {}) | dictsort %}
        {%- do metrics.update({name: expression}) %}
    {%- endfor %}
    {%- set double = dbt_opsplugin.engine_facts()['types']['double'] %}
    {%- set columns = [] %}
    {%- for name, expression in metrics.items() %}
        {#- The line break is for an expression that ends in a comment. -#}
        {%- do columns.append(
            'cast(' ~ expression ~ '\n as ' ~ double ~ ') as metric_' ~ loop.index
        ) %}
    {%- endfor %}
    {%- set values = dbt_opsplugin.query_rows('select ' ~ columns | join(', ') ~ ' from ' ~ this)[0] %}
    {%- set rows = [] %}
    {%- set text = [] %}
    {%- for name in metrics %}
        {%- set value = none if values[loop.index0] is none else values[loop.index0] | float %}
        {#- Not a number and infinity are not JSON. -#}
        {%- if value is not none and (value != value or value | abs > 1.7e308) %}
            {%- set value = none %}
        {%- endif %}
        {%- do rows.append({
            'invocation_id': invocation_id, 'unique_id': model.unique_id, 'metric': name, 'value': value,
        }) %}
        {%- do text.append(name ~ ' ' ~ dbt_opsplugin._readable_number(value)) %}
    {%- endfor %}
    {%- do dbt_opsplugin._log('log_model_metrics', dbt_opsplugin._node_name(model) ~ ': ' ~ text | join(', ')) %}
    {#- No look whether the table is there: on-run-start has made it, and any look costs too
        much for every model (dbt's own also opens a transaction that nobody may close). -#}
    {%- if dbt_opsplugin._has_recorder() %}
        {%- do log('dbt_opsplugin.metrics: ' ~ tojson(rows)) %}
    {%- elif dbt_opsplugin._is_enabled() %}
        {%- do dbt_opsplugin._write_rows('ops_metrics', rows, observed=true) %}
        {%- do dbt_opsplugin._warn_of_caught_errors(true, 'log_model_metrics') %}
    {%- endif %}
    {%- do return('') %}
{%- endmacro %}


{% macro _readable_number(value) %}
    {%- if value is none %}
        {%- do return('-') %}
    {%- elif value != 0 and (value | abs < 0.001 or value | abs >= 1e15) %}
        {#- dbt v2 formats no number with %g or %e. -#}
        {%- do return(value | string) %}
    {%- elif value == value | int %}
        {%- do return(dbt_opsplugin._thousands(value)) %}
    {%- endif %}
    {%- do return('%.4f' | format(value | float)) %}
{%- endmacro %}
