{% macro databricks__default_warehouse_sizes() %}
    {#- No statement changes the size of a SQL warehouse, and of its settings none is one of size. -#}
    {%- do dbt_opsplugin._fail(
        'set_warehouse_size', 'no SQL changes the size of a SQL warehouse of Databricks',
        "give the model another one by dbt-databricks' config databricks_compute"
    ) %}
{%- endmacro %}
