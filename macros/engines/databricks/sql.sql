{% macro databricks__engine_facts() %}
    {#- A timestamp_ntz is the UTC that was written, whatever the time zone of the session that
        reads it. Clustered, so that two runs that write at once do not conflict. -#}
    {%- do return(dict(dbt_opsplugin._usual_facts(),
        types={
            'bigint': 'bigint', 'boolean': 'boolean', 'double': 'double', 'json': 'string',
            'string': 'string', 'timestamp': 'timestamp_ntz',
        },
        max_statement_length=4000000, undrops='by id',
        backups=['schema', 'undrop'], counts_are_free=true, time_text='cast(%s as string)',
        table_options=" using delta cluster by (invocation_id) tblproperties ('delta.enableDeletionVectors' = 'true')",
        session_tag="set query_tags['dbt_opsplugin'] = %s",
        session_untag="set query_tags['dbt_opsplugin'] = unset", query_tag_limit=128, history_latency=2 * 60
    )) %}
{%- endmacro %}


{% macro databricks__literal(value) %}
    {#- A backslash escapes there, also a quote: two quotes end one string and begin another. A dollar
        before a brace would be replaced by a variable of the session. -#}
    {%- set text = dbt_opsplugin.default__literal(value) %}
    {%- if not text.startswith("'") %}
        {%- do return(text) %}
    {%- endif %}
    {%- do return("'" ~ text[1:-1].replace("''", "'").replace('\\', '\\\\').replace("'", "\\'")
        .replace('$' ~ '{', '\\u0024{') ~ "'") %}
{%- endmacro %}


{% macro databricks__json_rows(columns, payload) %}
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


{% macro databricks__json_array_rows(source, column, item) %}
    select list_rows.*, explode(from_json(list_rows.{{ column }}, 'array<string>')) as {{ item }}
    from ({{ source }}) as list_rows
{% endmacro %}


{% macro databricks___ops_columns_sql(relation) %}
    {#- Its names are in lower case: by them it is asked without a function, which would read it all. -#}
    {% if not dbt_opsplugin._has_information_schema(relation.database) %}
        {% do dbt_opsplugin._fail(
            'engine_facts', (relation.database or 'no catalog') ~ ' has no information schema to ask',
            'keep the ops tables in a catalog of Unity Catalog (opsplugin_database), or set opsplugin_enabled: false'
        ) %}
    {% endif %}
    select table_name, column_name
    from {{ adapter.quote(relation.database) }}.information_schema.columns
    where table_schema = {{ dbt_opsplugin.literal(relation.schema | lower) }}
        and table_name like 'ops%'
{% endmacro %}


{% macro _has_information_schema(database) %}
    {%- do return(database and database != 'hive_metastore') %}
{%- endmacro %}
