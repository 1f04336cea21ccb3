{% macro duckdb__engine_facts() %}
    {#- DuckDB has no tags: a variable of the connection, read by getvariable('query_tag'). -#}
    {%- do return(dict(dbt_opsplugin._usual_facts(),
        types={
            'bigint': 'bigint', 'boolean': 'boolean', 'double': 'double', 'json': 'json',
            'string': 'varchar', 'timestamp': 'timestamp',
        },
        max_statement_length=64000000, add_column='add column if not exists %s', ddl_rolls_back=true,
        counts_are_free=true, one_database=true, must_commit=true, backups=['schema', 'parquet'],
        session_tag='set variable query_tag = %s', session_untag='reset variable query_tag'
    )) %}
{%- endmacro %}


{% macro duckdb__json_rows(columns, payload) %}
    {% set types = dbt_opsplugin.engine_facts()['types'] %}
    {% set structure = {} %}
    {% for name, type in columns.items() %}
        {% do structure.update({name: types[type] | upper}) %}
    {% endfor %}
    select
        {%- for name in columns %}
        item.{{ name }} as {{ name }}{{ ',' if not loop.last }}
        {%- endfor %}
    from (
        select unnest(from_json(
            {{ dbt_opsplugin.literal(payload) }},
            {{ dbt_opsplugin.literal(tojson([structure])) }}
        )) as item
    ) as payload
{% endmacro %}


{% macro duckdb__json_array_rows(source, column, item) %}
    select list_rows.*, unnest(from_json({{ column }}, '["varchar"]')) as {{ item }}
    from ({{ source }}) as list_rows
{% endmacro %}
