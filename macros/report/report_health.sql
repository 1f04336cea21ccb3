{% macro report_health() %}
    {#- What a production run would do here and whether it could, without leaving a trace. -#}
    {%- do dbt_opsplugin._validate_arguments('report_health', kwargs, []) %}
    {%- if execute %}
        {%- do dbt_opsplugin._validate_configuration() %}
        {%- set found = dbt_opsplugin._existing_ops_columns() %}
        {%- set trial = adapter.dispatch('trial_statements', 'dbt_opsplugin')(found != {})
            if dbt_opsplugin._is_enabled() else [] %}
        {%- for statement in trial %}
            {#- Some have a transaction of their own. -#}
            {%- call dbt.statement(auto_begin=false) %}{{ statement }}{% endcall %}
        {%- endfor %}
        {%- do dbt_opsplugin._report([{
            'target': target.name,
            'production': dbt_opsplugin._is_production(),
            'production_targets': dbt_opsplugin._config('prod_targets'),
            'enabled': dbt_opsplugin._is_enabled(),
            'tried': trial != [],
            'drop_stg': dbt_opsplugin._config('drop_stg'),
            'backup': dbt_opsplugin._config('backup'),
            'ops_schema': dbt_opsplugin.ops_relation('x').without_identifier() | string,
            'package_version': dbt_opsplugin.package_version(),
            'tables_version': dbt_opsplugin._ops_version(),
            'found_version': found.get('ops_version', ['']) | first,
            'missing': (dbt_opsplugin.ops_tables() | list + dbt_opsplugin._ops_view_names())
                | reject('in', found) | list,
        }]) %}
    {%- endif %}
    {%- do return('') %}
{%- endmacro %}


{% macro default__trial_statements(schema_exists) %}
    {#- Without a transaction that takes DDL back there is no trial without a trace. -#}
    {%- do return([]) %}
{%- endmacro %}
