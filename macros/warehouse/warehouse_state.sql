{% macro warehouse_state(wanted) %}
    {#- {settings: what holds now, matches: whether that is what is wanted}. -#}
    {{ return(adapter.dispatch('warehouse_state', 'dbt_opsplugin')(wanted)) }}
{% endmacro %}
