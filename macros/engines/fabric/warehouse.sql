{% macro fabric__default_warehouse_sizes() %}
    {#- A capacity is of a workspace, and changed by Azure. -#}
    {%- do dbt_opsplugin._fail(
        'set_warehouse_size', 'no SQL changes the capacity of Microsoft Fabric',
        'change that of the workspace in the portal of Fabric or of Azure, or give models a target in another one'
    ) %}
{%- endmacro %}


{% macro fabric__warehouse_state(wanted) %}
    {%- do return(dbt_opsplugin.sqlserver__warehouse_state(wanted)) %}
{%- endmacro %}
