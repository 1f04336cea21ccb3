{% macro clickhouse__engine_facts() %}
    {#- A schema of dbt is a database there, and above it is nothing. A type holds no null unless it, or a
        setting, says so; what the tables are sorted by, and every row has, need not. A statement has 256 KiB, and its
        plan 10,000 steps of optimization, which a thousand tables take. -#}
    {%- set engine = 'ReplicatedMergeTree' if 'replicated' in (target.database_engine or '') | lower else 'MergeTree' %}
    {%- do return(dict(dbt_opsplugin._usual_facts(),
        types={
            'bigint': 'Nullable(Int64)', 'boolean': 'Nullable(Bool)', 'double': 'Nullable(Float64)',
            'json': 'Nullable(String)', 'string': 'Nullable(String)',
            'timestamp': "Nullable(DateTime64(6, 'UTC'))",
        },
        column_types={'invocation_id': 'String not null', 'recorded_at': "DateTime64(6, 'UTC') not null"},
        max_statement_length=220000, time_text='toString(%s)', json_text='%s',
        percentile='quantileExactInclusive(0.%p)(%s)', create_schema='create database if not exists %s',
        names_database=false, names_have_case=true, one_database=true, add_column='add column if not exists %s',
        schema_options=' engine = ' ~ target.database_engine if target.database_engine else '',
        table_options=' engine = ' ~ engine ~ ' partition by toYYYYMM(recorded_at)'
            ~ ' order by (invocation_id, recorded_at) settings non_replicated_deduplication_window = 1000',
        insert_options=' settings insert_deduplication_token = %s', inserts_read=false, max_tables=200,
        counts_are_free=true, history_latency=10,
        session_tag='set log_comment = %s', session_untag='set log_comment = default',
        session_settings=['max_memory_usage', 'max_threads']
    )) %}
{%- endmacro %}


{% macro clickhouse__literal(value) %}
    {#- A backslash escapes there, in the text between two quotes. A number with a point is a float
        unless it is cast. -#}
    {%- if value is number and value is not float and modules.re.match('^-?[0-9]+[.][0-9]+$', value | string) %}
        {%- set scale = (value | string).split('.')[1] | length %}
        {%- do return("cast('" ~ value ~ "' as Decimal(76, " ~ scale ~ '))') %}
    {%- endif %}
    {%- do return(dbt_opsplugin.default__literal(value).replace('\\', '\\\\')) %}
{%- endmacro %}


{% macro clickhouse__json_rows(columns, payload) %}
    {#- In a heredoc, where nothing is escaped: of a literal the backslashes of JSON would count twice
        against the length of the statement. -#}
    {% set end = '$dbt_opsplugin$' %}
    {% set text = payload.replace(end, '\\u0024' ~ end[1:]) %}
    {% set types = dbt_opsplugin.engine_facts()['types'] %}
    select
        {%- for name, type in columns.items() %}
        {% if type == 'json' -%} nullIf(nullIf(JSONExtractRaw(item, '{{ name }}'), ''), 'null')
        {%- elif type == 'timestamp' -%}
        cast(JSONExtract(item, '{{ name }}', 'Nullable(String)') as {{ types[type] }})
        {%- else -%} JSONExtract(item, '{{ name }}', '{{ types[type] }}'){% endif %} as {{ name }}
        {{- ',' if not loop.last }}
        {%- endfor %}
    from (select arrayJoin(JSONExtractArrayRaw({{ end }}{{ text }}{{ end }})) as item) as payload
{% endmacro %}


{% macro clickhouse__json_array_rows(source, column, item) %}
    select list_rows.*, {{ item }}
    from ({{ source }}) as list_rows
    array join JSONExtract(ifNull(list_rows.{{ column }}, '[]'), 'Array(String)') as {{ item }}
{% endmacro %}


{% macro clickhouse___ops_columns_sql(relation) %}
    {#- A table of one node would hold the rows of those runs alone that were connected to it. -#}
    {% if target.cluster and 'replicated' not in (target.database_engine or '') | lower %}
        {% do dbt_opsplugin._fail(
            'engine_facts', 'the profile has the cluster ' ~ target.cluster
            ~ ', of which each node would have ops tables of its own',
            'use a database_engine that is replicated, or set opsplugin_enabled: false'
        ) %}
    {% endif %}
    select table, name
    from system.columns
    where database = {{ dbt_opsplugin.literal(relation.schema) }} and table like 'ops%'
{% endmacro %}
