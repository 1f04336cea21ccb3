{% macro default__json_rows(columns, payload) %}
    {%- do dbt_opsplugin._unsupported_engine() %}
{%- endmacro %}


{% macro default__json_array_rows(source, column, item) %}
    {%- do dbt_opsplugin._unsupported_engine() %}
{%- endmacro %}


{% macro default__relations_sql(database, schemas) %}
    {%- do dbt_opsplugin._unsupported_engine() %}
{%- endmacro %}


{% macro default__view_texts(relations) %}
    {%- do dbt_opsplugin._unsupported_engine() %}
{%- endmacro %}


{% macro default__default_warehouse_sizes() %}
    {%- do dbt_opsplugin._unsupported_engine() %}
{%- endmacro %}


{% macro default__warehouse_settings() %}
    {#- Asked of every engine: one without sizes has no settings. -#}
    {%- do return({}) %}
{%- endmacro %}


{% macro default__warehouse_state(wanted) %}
    {%- do dbt_opsplugin._unsupported_engine() %}
{%- endmacro %}


{% macro default__resize_statements(settings, of) %}
    {%- do dbt_opsplugin._unsupported_engine() %}
{%- endmacro %}


{% macro _unsupported_engine() %}
    {#- What no SQL stands for on every engine. dbt wants each macro that is dispatched to exist when it
        reads the callers, so an engine without a folder is refused here, by name. -#}
    {%- do dbt_opsplugin._fail(
        'engine_facts', target.type ~ ' is not supported yet',
        'set opsplugin_enabled: false to switch the hooks off (see "What was run on what" in the README)'
    ) %}
{%- endmacro %}
