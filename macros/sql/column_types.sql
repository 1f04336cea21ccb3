{% macro column_types() %}
    {{ return(adapter.dispatch('column_types', 'dbt_opsplugin')()) }}
{% endmacro %}


{% macro default__column_types() %}
    {% do return({
        'bigint': dbt.type_bigint(),
        'boolean': dbt.type_boolean(),
        'double': dbt.type_float(),
        'json': dbt.type_string(),
        'string': dbt.type_string(),
        'timestamp': dbt.type_timestamp(),
    }) %}
{% endmacro %}


{% macro duckdb__column_types() %}
    {% do return({
        'bigint': 'bigint',
        'boolean': 'boolean',
        'double': 'double',
        'json': 'json',
        'string': 'varchar',
        'timestamp': 'timestamp',
    }) %}
{% endmacro %}
