{% macro athena__default_warehouse_sizes() %}
    {#- What a query may take is for its work group to say, and what that may take for a reservation. -#}
    {%- do dbt_opsplugin._fail(
        'set_warehouse_size', 'no SQL changes the capacity of Athena',
        'give work groups capacity reservations, and each its own target (work_group in the profile)'
    ) %}
{%- endmacro %}
