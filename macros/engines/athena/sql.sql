{% macro athena__engine_facts() %}
    {#- DDL is Hive's: it has other quotes and types, and names no catalog. A query has 262,144 bytes, also
        when each character of JSON is a quote, which is doubled. JSON as text; a row is never shortened
        for the text of a view that is kept. Of the stages of a query nothing is documented. -#}
    {%- set location = dbt_opsplugin._s3_location(dbt_opsplugin._config('schema'), '%s') %}
    {%- do return(dict(dbt_opsplugin._usual_facts(),
        types={
            'bigint': 'bigint', 'boolean': 'boolean', 'double': 'double', 'json': 'varchar',
            'string': 'varchar', 'timestamp': 'timestamp(6)',
        },
        ddl_types={
            'bigint': 'bigint', 'boolean': 'boolean', 'double': 'double', 'json': 'string',
            'string': 'string', 'timestamp': 'timestamp',
        },
        names_database=false, ddl_quote='`', add_column='add columns (%s)',
        table_options=' partitioned by (day(recorded_at)) location ' ~ dbt_opsplugin.literal(location)
            ~ " tblproperties ('table_type' = 'iceberg')",
        max_statement_length=120000, max_text_length=100000, max_tables=50,
        percentile='approx_percentile(%s, 0.%p)'
    )) %}
{%- endmacro %}


{% macro _s3_location(schema, name) %}
    {#- Where models are, as dbt-athena finds it, but below a folder that no model is named after: of one
        without a unique part (s3_data_naming: table) it deletes all that is in it before it builds. The
        last part is of this run alone, since S3 may still hold the files of a table that is gone. -#}
    {%- set folder = target.s3_data_dir or (target.s3_staging_dir or '').rstrip('/') ~ '/tables' %}
    {%- do return([folder.rstrip('/'), 'dbt_opsplugin', schema, name, invocation_id] | join('/')) %}
{%- endmacro %}


{% macro athena__json_rows(columns, payload) %}
    {% set types = dbt_opsplugin.engine_facts()['types'] %}
    select
        {%- for name, type in columns.items() %}
        {% if type == 'json' -%} nullif(json_format(json_extract(item, '$.{{ name }}')), 'null')
        {%- elif type == 'string' -%} json_extract_scalar(item, '$.{{ name }}')
        {%- else -%} cast(json_extract_scalar(item, '$.{{ name }}') as {{ types[type] }}){% endif %} as {{ name }}
        {{- ',' if not loop.last }}
        {%- endfor %}
    from unnest(cast(json_parse({{ dbt_opsplugin.literal(payload) }}) as array(json))) as payload (item)
{% endmacro %}


{% macro athena__json_array_rows(source, column, item) %}
    select list_rows.*, {{ item }}
    from ({{ source }}) as list_rows
    cross join unnest(try(cast(json_parse(list_rows.{{ column }}) as array(varchar)))) as list_items ({{ item }})
{% endmacro %}


{% macro athena___ops_columns_sql(relation) %}
    {#- Also where what would fail later, and in parts, is refused. By names in lower case, which Glue's are:
        a function around them would make Athena read the whole catalog. -#}
    {% set catalog = (target.database or '') | lower %}
    {% set remedy = 'or set opsplugin_enabled: false' %}
    {% if relation.database | lower != catalog %}
        {% do dbt_opsplugin._fail(
            'engine_facts', 'opsplugin_database is ' ~ relation.database ~ ', the catalog of target ' ~ target.name
            ~ ' is ' ~ target.database ~ ': on Athena no table is made in another one',
            'leave opsplugin_database out, ' ~ remedy
        ) %}
    {% elif catalog.startswith('s3tablescatalog/') %}
        {% do dbt_opsplugin._fail(
            'engine_facts', 'catalog ' ~ target.database ~ ' is of S3 Tables, which hold no views',
            'use a target whose database is awsdatacatalog, ' ~ remedy
        ) %}
    {% elif not target.s3_data_dir and not target.s3_staging_dir %}
        {% do dbt_opsplugin._fail(
            'engine_facts', 'target ' ~ target.name ~ ' does not say where tables are to be kept',
            'set s3_data_dir in the profile, ' ~ remedy
        ) %}
    {% endif %}
    select table_name, column_name
    from {{ adapter.quote(relation.database) }}.information_schema.columns
    where table_schema = {{ dbt_opsplugin.literal(relation.schema | lower) }}
        and table_name like 'ops%'
{% endmacro %}
