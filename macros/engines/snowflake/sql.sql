{% macro snowflake__engine_facts() %}
    {#- In a statement of at most 1 MB the backslashes of JSON are doubled. -#}
    {%- do return(dict(dbt_opsplugin._usual_facts(),
        types={
            'bigint': 'bigint', 'boolean': 'boolean', 'double': 'double', 'json': 'variant',
            'string': 'varchar', 'timestamp': 'timestamp_ntz',
        },
        max_statement_length=450000, time_text="to_char(%s, 'YYYY-MM-DD HH24:MI:SS.FF6')",
        writes_unquoted=true, names_have_case='upper', add_column='add column if not exists %s',
        view_options=' copy grants', catches_errors=true, counts_are_free=true, undrops='by name',
        backups=['schema', 'undrop'],
        history_latency=8 * 60,
        session_tag='alter session set query_tag = %s',
        session_untag='alter session unset query_tag', session_settings=['warehouse']
    )) %}
{%- endmacro %}


{% macro snowflake__literal(value) %}
    {#- A backslash escapes there. Two dollars would end the block that a statement may stand in
        (observed_statements). -#}
    {%- do return(dbt_opsplugin.default__literal(value)
        .replace('\\', '\\\\').replace('$' ~ '$', '\\u0024\\u0024')) %}
{%- endmacro %}


{% macro snowflake__json_rows(columns, payload) %}
    {#- A null of JSON is a value of its own in a variant. By brackets: in a block, a colon begins
        the name of a variable. -#}
    {% set types = dbt_opsplugin.engine_facts()['types'] %}
    select
        {%- for name, type in columns.items() %}
        {% if type == 'json' -%} strip_null_value(item.value['{{ name }}'])
        {%- else -%} cast(item.value['{{ name }}'] as {{ types[type] }}){% endif %} as {{ name }}
        {{- ',' if not loop.last }}
        {%- endfor %}
    from table(flatten(input => parse_json({{ dbt_opsplugin.literal(payload) }}))) as item
{% endmacro %}


{% macro snowflake__json_array_rows(source, column, item) %}
    select list_rows.*, cast(list_items.value as varchar) as {{ item }}
    from ({{ source }}) as list_rows, lateral flatten(input => list_rows.{{ column }}) as list_items
{% endmacro %}


{% macro snowflake__observed_statements(statements) %}
    {#- One block, as long as there is one error to tell of; text in it holds no two dollars
        (literal). -#}
    {%- if not statements %}
        {%- do return([]) %}
    {%- endif %}
    {%- do return([
        'execute immediate $$ begin ' ~ statements | join('; ')
        ~ "; return ''; exception when other then return sqlerrm; end; $$"
    ]) %}
{%- endmacro %}
