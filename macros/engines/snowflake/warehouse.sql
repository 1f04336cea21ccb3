{% macro snowflake__warehouse_state(wanted) %}
    {#- Of the target's warehouse, or of the session where a size is another warehouse. -#}
    {%- set current = dbt_opsplugin.query_rows('select current_warehouse()')[0][0] %}
    {%- if 'warehouse' in wanted %}
        {%- do return({
            'settings': {'warehouse': current},
            'matches': (current or '') | upper == wanted['warehouse'] | upper,
        }) %}
    {%- elif not current or target.warehouse and current | upper != target.warehouse | replace('"', '') | upper %}
        {%- do dbt_opsplugin._fail(
            'set_warehouse_size',
            'the session runs on ' ~ (current or 'no warehouse') ~ ', the target on ' ~ target.warehouse,
            'take snowflake_warehouse from the model, or see that the role may use the warehouse'
        ) %}
    {%- endif %}
    {%- for row in dbt.run_query('show warehouses like ' ~ dbt_opsplugin.literal(current)).rows
        if row['name'] == current %}
        {%- do return({
            'settings': {'warehouse_size': row['size'] | upper},
            'matches': not wanted
                or dbt_opsplugin._size_key(row['size']) == dbt_opsplugin._size_key(wanted['warehouse_size']),
        }) %}
    {%- endfor %}
    {%- do dbt_opsplugin._fail(
        'set_warehouse_size', 'warehouse ' ~ current ~ ' is not shown to role ' ~ target.role,
        'grant it monitor or modify on the warehouse'
    ) %}
{%- endmacro %}


{% macro snowflake__resize_statements(settings, of) %}
    {#- Of another warehouse for a session nothing would put it back after a model that fails. -#}
    {%- if 'warehouse' in settings and of != 'session' %}
        {%- do dbt_opsplugin._fail(
            'set_warehouse_size', 'a size that names a warehouse belongs to the session of a model',
            'set it by meta.opsplugin.warehouse_size with the Python package, or use the config snowflake_warehouse'
        ) %}
    {%- elif 'warehouse' in settings %}
        {%- do return(['use warehouse ' ~ settings['warehouse']]) %}
    {%- endif %}
    {%- set current = dbt_opsplugin.query_rows('select current_warehouse()')[0][0] %}
    {%- do return([
        'alter warehouse ' ~ adapter.quote(current) ~ ' set warehouse_size = '
        ~ dbt_opsplugin.literal(settings['warehouse_size'] | upper)
    ]) %}
{%- endmacro %}


{% macro snowflake__default_warehouse_sizes() %}
    {%- set sizes = {} %}
    {%- for name in [
        'X-SMALL', 'SMALL', 'MEDIUM', 'LARGE', 'X-LARGE', '2X-LARGE', '3X-LARGE', '4X-LARGE',
        '5X-LARGE', '6X-LARGE'
    ] %}
        {%- do sizes.update({name: {'warehouse_size': name}}) %}
    {%- endfor %}
    {%- do return(sizes) %}
{%- endmacro %}


{% macro snowflake__warehouse_settings() %}
    {#- Either the size of the target's warehouse, which all its sessions share, or another
        warehouse for the session. -#}
    {%- do return({
        'warehouse_size': {
            'what': 'a size of a warehouse', 'example': 'X-LARGE',
            'pattern': '(?i)^(X-?SMALL|SMALL|MEDIUM|LARGE|X-?LARGE|[2-6]X-?LARGE)$',
        },
        'warehouse': {
            'what': 'the name of a warehouse', 'pattern': '^[A-Za-z_][A-Za-z0-9_$]*$',
            'example': 'TRANSFORM_LARGE', 'alone': true,
        },
    }) %}
{%- endmacro %}
