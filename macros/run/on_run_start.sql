{% macro on_run_start() %}
    {#- The package's automatic on-run-start hook. -#}
    {%- if execute and dbt_opsplugin._is_recorded_command() %}
        {%- do dbt_opsplugin._validate_configuration() %}
        {%- if dbt_opsplugin._config('backup') and dbt_opsplugin._is_production() %}
            {#- At the end of the run would be late. -#}
            {%- do dbt_opsplugin._backup_options('drop_stg_tables', none, none, none) %}
        {%- endif %}
        {#- A recorder makes the tables when it delivers, where a failure harms no run. -#}
        {%- if dbt_opsplugin._is_enabled() and not dbt_opsplugin._has_recorder() %}
            {%- if dbt_opsplugin._ensure_ops_tables(observed=true) %}
                {%- do dbt_opsplugin.note_run_start(observed=true) %}
            {%- endif %}
            {#- No warning: with --warn-error that would end the run. -#}
            {%- set asked = {
                'queries': dbt_opsplugin._config('queries'),
                'session_tags': dbt_opsplugin._config('session_tags'),
            } %}
            {%- for name, value in asked.items() if value %}
                {%- do dbt_opsplugin._log('on_run_start', 'opsplugin_' ~ name
                    ~ ' has no effect: it takes the Python package, which is not at work here') %}
            {%- endfor %}
        {%- endif %}
        {%- if not flags.EMPTY and dbt_opsplugin._project_resizes() %}
            {%- do dbt_opsplugin._remember_warehouse_size() %}
        {%- endif %}
        {%- do dbt_opsplugin._warn_of_ephemeral_staging() %}
    {%- endif %}
    {%- do return('') %}
{%- endmacro %}
