{% macro bigquery__engine_facts() %}
    {#- In a statement of at most 1 MB the backslashes of JSON are doubled. A timestamp is a moment,
        of UTC. Tables of one day's rows each, and those of one run together: what reads a few
        runs is billed for little else. -#}
    {%- do return(dict(dbt_opsplugin._usual_facts(),
        types={
            'bigint': 'int64', 'boolean': 'bool', 'double': 'float64', 'json': 'json',
            'string': 'string', 'timestamp': 'timestamp',
        },
        max_statement_length=450000, time_text="format_timestamp('%F %H:%M:%E6S', %s)",
        json_text='to_json_string(%s)', percentile='approx_quantiles(%s, 100)[offset(%p)]',
        names_have_case=true, add_column='add column if not exists %s',
        schema_options=" options (location = '" ~ target.location ~ "')" if target.location else '',
        table_options=' partition by date(recorded_at) cluster by invocation_id', catches_errors=true,
        counts_are_free=true, history_latency=10
    )) %}
{%- endmacro %}


{% macro bigquery__literal(value) %}
    {#- A backslash escapes there, and a quote cannot be doubled; a line ends the string. -#}
    {%- set text = dbt_opsplugin.default__literal(value) %}
    {%- if not text.startswith("'") %}
        {%- do return(text) %}
    {%- endif %}
    {%- do return("'" ~ text[1:-1].replace("''", "'").replace('\\', '\\\\').replace("'", "\\'")
        .replace('\n', '\\n').replace('\r', '\\r') ~ "'") %}
{%- endmacro %}


{% macro bigquery__json_rows(columns, payload) %}
    {#- Of text json_query makes no null of JSON, but none. A number that a float64 cannot hold is
        rounded, which by default is an error. -#}
    {% set types = dbt_opsplugin.engine_facts()['types'] %}
    select
        {%- for name, type in columns.items() %}
        {% if type == 'json' -%} parse_json(json_query(item, '$.{{ name }}'), wide_number_mode => 'round')
        {%- elif type == 'string' -%} json_value(item, '$.{{ name }}')
        {%- else -%} cast(json_value(item, '$.{{ name }}') as {{ types[type] }}){% endif %} as {{ name }}
        {{- ',' if not loop.last }}
        {%- endfor %}
    from unnest(json_query_array({{ dbt_opsplugin.literal(payload) }})) as item
{% endmacro %}


{% macro bigquery__json_array_rows(source, column, item) %}
    select list_rows.*, {{ item }}
    from ({{ source }}) as list_rows, unnest(json_value_array(list_rows.{{ column }})) as {{ item }}
{% endmacro %}


{% macro bigquery__observed_statements(statements) %}
    {#- One script, whose result is that of its last statement: what is wrong, or nothing. -#}
    {%- if not statements %}
        {%- do return([]) %}
    {%- endif %}
    {%- do return([
        'begin ' ~ statements | join('; ')
        ~ "; select ''; exception when error then select @@error.message; end"
    ]) %}
{%- endmacro %}


{% macro bigquery___ops_column_rows(relation) %}
    {#- By a script: a dataset that is not there, or may not be seen, has no information schema to
        ask; any other error is one, lest a guard take it for a dataset without history. With a row
        for a dataset that holds nothing yet: who may not make one may be given it. -#}
    {%- do return(dbt_opsplugin.query_rows(
        "begin select table_name, column_name from " ~ dbt_opsplugin._quoted([relation.database, relation.schema])
        ~ ".INFORMATION_SCHEMA.COLUMNS where starts_with(table_name, 'ops') union all select '', ''; "
        ~ "exception when error then if not regexp_contains(@@error.message, '(?i)not found|access denied|permission')"
        ~ " then raise; end if; select '' as table_name, '' as column_name limit 0; end"
    )) %}
{%- endmacro %}
