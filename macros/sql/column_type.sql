{% macro column_type(name) %}
    {{ return(adapter.dispatch('column_type', 'dbt_opsplugin')(name)) }}
{% endmacro %}


{% macro default__column_type(name) %}
    {% do return({
        'bigint': dbt.type_bigint(),
        'boolean': dbt.type_boolean(),
        'double': dbt.type_float(),
        'json': dbt.type_string(),
        'string': dbt.type_string(),
        'timestamp': dbt.type_timestamp(),
    }[name]) %}
{% endmacro %}


{% macro duckdb__column_type(name) %}
    {% do return({
        'bigint': 'bigint',
        'boolean': 'boolean',
        'double': 'double',
        'json': 'json',
        'string': 'varchar',
        'timestamp': 'timestamp',
    }[name]) %}
{% endmacro %}
