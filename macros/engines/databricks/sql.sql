{% macro databricks__engine_facts() %}
    {#- Its adapter descends from that of Spark. -#}
    {% do return(dbt_opsplugin.default__engine_facts()) %}
{% endmacro %}
