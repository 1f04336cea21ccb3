{% macro spark__engine_facts() %}
    {#- A timestamp_ntz is the UTC that was written, whatever the time zone of the session that
        reads it; a timestamp is shifted by it. Without "using", Spark 3 makes a text file, in
        which a line break in a message would end the row. Into a table of plain files two runs write by the
        same folder, where the one that is done first takes what the other has; with these options of
        Hadoop's a write takes its own alone. -#}
    {%- set options = " options ('mapreduce.fileoutputcommitter.algorithm.version' '2',"
        ~ " 'mapreduce.fileoutputcommitter.cleanup.skipped' 'true')" %}
    {%- set format = dbt_opsplugin._config('file_format') %}
    {%- do return(dict(dbt_opsplugin._usual_facts(),
        types={
            'bigint': 'bigint', 'boolean': 'boolean', 'double': 'double', 'json': 'string',
            'string': 'string', 'timestamp': 'timestamp_ntz',
        },
        max_statement_length=16000000, time_text='cast(%s as string)',
        names_database=false, one_database=true, drop_ends={'iceberg': ' purge'},
        table_options=' using ' ~ format ~ (
            ' partitioned by (days(recorded_at))' if format == 'iceberg'
            else options if format in ('parquet', 'orc') else ''
        )
    )) %}
{%- endmacro %}


{% macro spark__literal(value) %}
    {#- A backslash escapes there, also a quote: Spark 3 reads two quotes as the end of one string
        and the start of another. A dollar before a brace would be replaced by a variable of the
        environment or a setting. -#}
    {%- if value is none or value is boolean or value is number %}
        {%- do return(dbt_opsplugin.default__literal(value)) %}
    {%- endif %}
    {%- set text = dbt_opsplugin.default__literal(value)[1:-1].replace("''", "'") %}
    {%- do return("'" ~ text.replace('\\', '\\\\').replace("'", "\\'").replace('$' ~ '{', '\\u0024{') ~ "'") %}
{%- endmacro %}


{% macro spark__json_rows(columns, payload) %}
    {#- All is read as text, which JSON within JSON stays: from_json makes null of a whole value that
        does not fit its type. In a raw literal, since until Spark 3.5 each backslash of another costs a
        look at all of the rest: a quote and the start of a variable are escaped in JSON's own way. A setting that
        knows no raw literals would make null of it all. -#}
    {% set raw = payload.replace("'", '\\u0027').replace('$' ~ '{', '\\u0024{') %}
    {% set types = dbt_opsplugin.engine_facts()['types'] %}
    {% set fields = [] %}
    {% for name in columns %}
        {% do fields.append(name ~ ': string') %}
    {% endfor %}
    select
        {%- for name, type in columns.items() %}
        {% if types[type] == 'string' -%} {{ name }}
        {%- else -%} cast({{ name }} as {{ types[type] }}) as {{ name }}{% endif %}
        {{- ',' if not loop.last }}
        {%- endfor %}
    from (
        select inline(coalesce(
            from_json(r'{{ raw }}', 'array<struct<{{ fields | join(', ') }}>>'),
            raise_error('dbt_opsplugin: unset spark.sql.parser.escapedStringLiterals, nothing was written')
        ))
    ) as item
{% endmacro %}


{% macro spark__json_array_rows(source, column, item) %}
    select list_rows.*, explode(from_json(list_rows.{{ column }}, 'array<string>')) as {{ item }}
    from ({{ source }}) as list_rows
{% endmacro %}
