{% macro redshift__engine_facts() %}
    {#- Its adapter descends from that of Postgres. -#}
    {% do return(dbt_opsplugin.default__engine_facts()) %}
{% endmacro %}
