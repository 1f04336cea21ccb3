{% macro redshift__engine_facts() %}
    {#- A label of query_group has 320 characters. Whether a statement is in a transaction is for the
        profile to say (autocommit), so each is on its own. -#}
    {%- do return(dict(dbt_opsplugin._usual_facts(),
        types={
            'bigint': 'bigint', 'boolean': 'boolean', 'double': 'double precision', 'json': 'super',
            'string': 'varchar(65535)', 'timestamp': 'timestamp',
        },
        max_statement_length=4000000, time_text="to_char(%s, 'YYYY-MM-DD HH24:MI:SS.US')",
        json_text='json_serialize(%s)', names_database=false, table_options=' sortkey (recorded_at)',
        inserts_read=false, max_text_length=55000, one_database=true, views_hold=true, must_commit=true,
        session_tag='set query_group to %s', session_untag='reset query_group', query_tag_limit=320,
        session_settings=['query_group'], history_latency=10
    )) %}
{%- endmacro %}


{% macro redshift__literal(value) %}
    {#- A backslash escapes there, also a quote. Not by a second quote: dbt-redshift looks for the ends of
        statements with a lexer that takes any quote after a backslash for one that is escaped, so
        that no string may end in a backslash either. -#}
    {%- set text = dbt_opsplugin.default__literal(value) %}
    {%- if not text.startswith("'") %}
        {%- do return(text) %}
    {%- endif %}
    {%- set bare = text[1:-1].replace("''", "'") %}
    {%- set end = bare.rstrip('\\') %}
    {%- set escaped = "'" ~ end.replace('\\', '\\\\').replace("'", "\\'") ~ "'" %}
    {%- if end != bare %}
        {%- do return('(' ~ escaped ~ ' || repeat(chr(92), ' ~ (bare | length - end | length) ~ '))') %}
    {%- endif %}
    {%- do return(escaped) %}
{%- endmacro %}


{% macro redshift__json_rows(columns, payload) %}
    {#- Of arrays that fit into a text each, which has 65,535 bytes, as has a value in it. What is read
        by path is of the type super. -#}
    {% set types = dbt_opsplugin.engine_facts()['types'] %}
    {% set parts = [] %}
    {% for text in dbt_opsplugin._payloads_of_one_text(payload) %}
        {% do parts.append('select json_parse(' ~ dbt_opsplugin.literal(text) ~ ') as items') %}
    {% endfor %}
    select
        {%- for name, type in columns.items() %}
        {% if type == 'json' -%} item.{{ name }}
        {%- elif type == 'timestamp' -%} cast(cast(item.{{ name }} as varchar) as timestamp)
        {%- else -%} cast(item.{{ name }} as {{ types[type] }}){% endif %} as {{ name }}
        {{- ',' if not loop.last }}
        {%- endfor %}
    from ({{ parts | join(' union all ') }}) as payloads, payloads.items as item
{% endmacro %}


{% macro _payloads_of_one_text(payload) %}
    {#- JSON arrays of the same rows, of at most 60,000 characters each, which are ASCII; a row that
        is longer is cut. -#}
    {%- set limit = 60000 %}
    {%- if payload | length <= limit %}
        {%- do return([payload]) %}
    {%- endif %}
    {%- set parts = [[]] %}
    {%- set state = namespace(length=0) %}
    {%- for row in fromjson(payload) %}
        {%- set text = dbt_opsplugin._json_payload(row) %}
        {%- if text | length > limit - 2 %}
            {%- set text = dbt_opsplugin._json_payload(dbt_opsplugin._shortened(row, limit // 16)) %}
        {%- endif %}
        {%- if state.length + text | length > limit - 2 %}
            {%- do parts.append([]) %}
            {%- set state.length = 0 %}
        {%- endif %}
        {%- do parts[-1].append(text) %}
        {%- set state.length = state.length + text | length + 1 %}
    {%- endfor %}
    {%- set texts = [] %}
    {%- for rows in parts if rows %}
        {%- do texts.append('[' ~ rows | join(',') ~ ']') %}
    {%- endfor %}
    {%- do return(texts) %}
{%- endmacro %}


{% macro redshift__json_array_rows(source, column, item) %}
    select list_rows.*, cast(list_item as varchar(65535)) as {{ item }}
    from ({{ source }}) as list_rows, list_rows.{{ column }} as list_item
{% endmacro %}
