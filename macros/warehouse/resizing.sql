{% macro warehouse_state(wanted) %}
    {#- {settings: what holds now, matches: whether that is what is wanted}. -#}
    {{ return(adapter.dispatch('warehouse_state', 'dbt_opsplugin')(wanted)) }}
{% endmacro %}


{% macro default__warehouse_state(wanted) %}
    {% do dbt_opsplugin._unsupported_engine() %}
{% endmacro %}


{% macro resize_statements(settings, of) %}
    {#- `of` what: a `run`, the `model` that is being built, or the `session` of one, for the
        Python half, which puts it back. -#}
    {{ return(adapter.dispatch('resize_statements', 'dbt_opsplugin')(settings, of)) }}
{% endmacro %}


{% macro default__resize_statements(settings, of) %}
    {% do dbt_opsplugin._unsupported_engine() %}
{% endmacro %}
