{% macro databricks__engine_facts() %}
    {#- Its adapter descends from that of Spark, whose statements it would be given. -#}
    {% do dbt_opsplugin._fail(
        'engine_facts', 'databricks is not supported yet',
        'set opsplugin_enabled: false to switch the hooks off (see the support table in the README)'
    ) %}
{% endmacro %}
