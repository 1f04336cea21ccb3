{% macro sqlserver__default_warehouse_sizes() %}
    {#- A workload group is chosen as a session begins; the service objective of a database of Azure is
        everybody's, and to change it ends their sessions. -#}
    {%- do dbt_opsplugin._fail(
        'set_warehouse_size', 'no SQL changes the resources of a session of SQL Server',
        'let a classifier function give logins workload groups, and each size a target with its own login'
    ) %}
{%- endmacro %}


{% macro sqlserver__warehouse_state(wanted) %}
    {%- do return(adapter.dispatch('default_warehouse_sizes', 'dbt_opsplugin')()) %}
{%- endmacro %}
