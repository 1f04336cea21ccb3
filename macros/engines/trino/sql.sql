{% macro trino__engine_facts() %}
    {#- JSON as text: no connector but the one in memory keeps the type. A query has 1,000,000 characters, 150
        stages, of which a count of a table is one, and on Delta Lake fails beside another if it
        reads what it writes. -#}
    {%- do return(dict(dbt_opsplugin._usual_facts(),
        types={
            'bigint': 'bigint', 'boolean': 'boolean', 'double': 'double', 'json': 'varchar',
            'string': 'varchar', 'timestamp': 'timestamp(6)',
        },
        max_statement_length=600000, max_tables=100, inserts_read=false,
        percentile='approx_percentile(%s, 0.%p)', add_column='add column if not exists %s', history_latency=0
    )) %}
{%- endmacro %}


{% macro trino__json_rows(columns, payload) %}
    {#- Without semicolons, at which dbt-trino may take a statement apart: the lexer it does that with
        knows backslashes as escapes. -#}
    {% set text = payload.replace(';', '\\u003b') %}
    {% set types = dbt_opsplugin.engine_facts()['types'] %}
    select
        {%- for name, type in columns.items() %}
        {% if type == 'json' -%} nullif(json_format(json_extract(item, '$.{{ name }}')), 'null')
        {%- elif type == 'string' -%} json_extract_scalar(item, '$.{{ name }}')
        {%- else -%} cast(json_extract_scalar(item, '$.{{ name }}') as {{ types[type] }}){% endif %} as {{ name }}
        {{- ',' if not loop.last }}
        {%- endfor %}
    from unnest(cast(json_parse({{ dbt_opsplugin.literal(text) }}) as array(json))) as payload (item)
{% endmacro %}


{% macro trino__json_array_rows(source, column, item) %}
    select list_rows.*, {{ item }}
    from ({{ source }}) as list_rows
    cross join unnest(try(cast(json_parse(list_rows.{{ column }}) as array(varchar)))) as list_items ({{ item }})
{% endmacro %}


{% macro trino__purge_refusal(tables) %}
    {#- Of tables of Hive no row can be deleted. -#}
    {%- set catalog = dbt_opsplugin.ops_relation('x').database | lower %}
    {%- for row in dbt_opsplugin.query_rows(
        'select connector_name from system.metadata.catalogs where catalog_name = ' ~ dbt_opsplugin.literal(catalog)
    ) if tables and row[0] == 'hive' %}
        {%- do return([
            'catalog ' ~ catalog ~ ' is of the connector hive, which deletes no rows',
            'nothing was deleted; keep the ops tables in a catalog of Iceberg or Delta Lake (opsplugin_database)'
        ]) %}
    {%- endfor %}
    {%- do return([]) %}
{%- endmacro %}
