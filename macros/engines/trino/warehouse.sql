{% macro trino__default_warehouse_sizes() %}
    {#- What a query may take is for the resource group to say, which is chosen as it arrives. -#}
    {%- do dbt_opsplugin._fail(
        'set_warehouse_size', 'no SQL changes the resource group of a session of Trino',
        'let the groups select by source or client_tags of the profile, one target for each size'
    ) %}
{%- endmacro %}
