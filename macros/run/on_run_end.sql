{% macro on_run_end(results) %}
    {#- The package's automatic on-run-end hook: puts the warehouse size back first, since
        that must happen whatever follows, then records, then cleans up. -#}
    {%- if execute and dbt_opsplugin._is_recorded_command() %}
        {%- for result in results or []
            if result.node.resource_type == 'operation' and result.status | string == 'error' %}
            {#- A hook of the project that failed may have kept ours from looking. -#}
            {%- do dbt_opsplugin._validate_configuration() %}
        {%- endfor %}
        {%- set records = dbt_opsplugin._is_enabled() and not dbt_opsplugin._has_recorder() %}
        {%- set drops = dbt_opsplugin._config('drop_stg') or dbt_opsplugin._drop_is_a_post_hook(results) %}
        {%- if not records %}
            {%- do dbt_opsplugin._restore_warehouse_size() %}
        {%- endif %}
        {#- Beside a recorder only where this cannot fail the run: there may be nothing to drop. -#}
        {%- if records or drops and dbt_opsplugin._is_enabled() and dbt_opsplugin.engine_facts()['catches_errors'] %}
            {%- set complete = dbt_opsplugin._ensure_ops_tables(observed=true) %}
            {%- if complete and dbt_opsplugin.engine_facts()['catches_errors'] %}
                {#- Rows go without the views, and so do drops. -#}
                {%- do dbt_opsplugin._warn_of_caught_errors(true, 'ops_views') %}
            {%- endif %}
            {%- if complete and records %}
                {%- do dbt_opsplugin._record_run(results) %}
            {%- endif %}
            {%- if (not complete or dbt_opsplugin.engine_facts()['catches_errors'])
                and dbt_opsplugin._warn_of_caught_errors(complete) %}
                {#- What is not recorded is no ground for a drop. -#}
                {%- do return('') %}
            {%- endif %}
        {%- endif %}
        {%- if drops %}
            {%- do dbt_opsplugin._drop_at_run_end(results, dbt_opsplugin._has_recorder()) %}
        {%- endif %}
    {%- endif %}
    {%- do return('') %}
{%- endmacro %}


{% macro _has_recorder() %}
    {#- The Python half, when it is there, sets this key in dbt's invocation environment and
        delivers the rows itself. -#}
    {%- do return(env_var('DBT_OPSPLUGIN_RECORDER', '') != '') %}
{%- endmacro %}
