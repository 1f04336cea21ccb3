{% macro postgres__engine_facts() %}
    {#- An application_name is seen in pg_stat_activity and in the log; it has 63 bytes, of which
        Postgres would take four for each byte that is not ASCII: "?" takes one. -#}
    {%- do return(dict(dbt_opsplugin._usual_facts(),
        types={
            'bigint': 'bigint', 'boolean': 'boolean', 'double': 'double precision', 'json': 'jsonb',
            'string': 'text', 'timestamp': 'timestamp',
        },
        max_statement_length=64000000, time_text="to_char(%s, 'YYYY-MM-DD HH24:MI:SS.US')",
        names_database=false, names_have_case='lower', add_column='add column if not exists %s',
        ddl_rolls_back=true, one_database=true, views_hold=true, must_commit=true,
        catches_errors=true,
        drop_lock=[
            "select pg_advisory_lock(hashtext('dbt_opsplugin drop'))",
            "select pg_advisory_unlock(hashtext('dbt_opsplugin drop'))",
        ],
        session_tag="select set_config('application_name', regexp_replace(%s, '[^\\x01-\\x7f]', '?', 'g'), false)",
        session_untag='reset application_name',
        query_tag_limit=63,
        session_settings=['work_mem', 'maintenance_work_mem', 'max_parallel_workers_per_gather']
    )) %}
{%- endmacro %}


{% macro postgres__json_rows(columns, payload) %}
    {% set types = dbt_opsplugin.engine_facts()['types'] %}
    select *
    from jsonb_to_recordset(cast({{ dbt_opsplugin.literal(payload) }} as jsonb)) as item(
        {%- for name, type in columns.items() %}
        {{ name }} {{ types[type] }}{{ ',' if not loop.last }}
        {%- endfor %}
    )
{% endmacro %}


{% macro postgres__json_array_rows(source, column, item) %}
    {#- What is not an array has no items: the function would refuse it. -#}
    select
        list_rows.*,
        jsonb_array_elements_text(
            case when jsonb_typeof({{ column }}) = 'array' then {{ column }} end
        ) as {{ item }}
    from ({{ source }}) as list_rows
{% endmacro %}


{% macro postgres__observed_statements(statements) %}
    {#- All or none of them, and beside the block, which returns nothing, a query for the error. Of
        several in a transaction the first is kept: the others follow from it. `others` are all but the
        statement_timeout that a role or a database may have. -#}
    {%- if not statements %}
        {%- do return([]) %}
    {%- endif %}
    {%- set quotes = '$opsplugin_' ~ local_md5(statements | join) ~ '$' %}
    {%- do return([
        'do ' ~ quotes ~ ' declare opsplugin_detail text; begin ' ~ statements | join('; ')
        ~ '; exception when others or query_canceled then'
        ~ ' get stacked diagnostics opsplugin_detail = pg_exception_detail;'
        ~ " perform set_config('opsplugin.problem', coalesce(nullif(current_setting("
        ~ "'opsplugin.problem', true), ''), sqlerrm || coalesce('. ' || nullif(opsplugin_detail, ''),"
        ~ " '')), true); end " ~ quotes ~ "; select current_setting('opsplugin.problem', true)"
    ]) %}
{%- endmacro %}
