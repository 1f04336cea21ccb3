{% macro engine_facts() %}
    {#- What sets an engine apart that is not a statement: one mapping for all that would else be
        a macro each.
        types: its names of the portable column types.
        max_statement_length: characters of JSON in one statement.
        query_tag_limit: characters of a session's tag.
        names_database: whether a schema is created as database.schema.
        add_column: how alter table begins to add one.
        one_database: whether a transaction writes to one database only.
        views_hold: whether a relation cannot be dropped while a view reads it.
        size_of_session: whether a warehouse size belongs to one session, as that of a model.
        must_commit: whether a statement outside a model is lost unless it is committed.
        caught_error_sql: a query for the error that observed_statements has caught, or none. -#}
    {{ return(adapter.dispatch('engine_facts', 'dbt_opsplugin')()) }}
{% endmacro %}


{% macro default__engine_facts() %}
    {#- Snowflake and BigQuery refuse statements of about 1 MB; a tag of 2,000 characters is
        Snowflake's limit and the usual measure. -#}
    {% do return({
        'types': {
            'bigint': dbt.type_bigint(), 'boolean': dbt.type_boolean(), 'double': dbt.type_float(),
            'json': dbt.type_string(), 'string': dbt.type_string(),
            'timestamp': dbt.type_timestamp(),
        },
        'max_statement_length': 900000, 'query_tag_limit': 2000, 'names_database': true,
        'add_column': 'add column', 'one_database': false, 'views_hold': false,
        'size_of_session': false, 'must_commit': false, 'caught_error_sql': none,
    }) %}
{% endmacro %}


{% macro duckdb__engine_facts() %}
    {% do return({
        'types': {
            'bigint': 'bigint', 'boolean': 'boolean', 'double': 'double', 'json': 'json',
            'string': 'varchar', 'timestamp': 'timestamp',
        },
        'max_statement_length': 64000000, 'query_tag_limit': 2000, 'names_database': true,
        'add_column': 'add column if not exists', 'one_database': true, 'views_hold': false,
        'size_of_session': false, 'must_commit': false, 'caught_error_sql': none,
    }) %}
{% endmacro %}


{% macro postgres__engine_facts() %}
    {#- An application_name has 63 bytes. -#}
    {% do return({
        'types': {
            'bigint': 'bigint', 'boolean': 'boolean', 'double': 'double precision', 'json': 'jsonb',
            'string': 'text', 'timestamp': 'timestamp',
        },
        'max_statement_length': 64000000, 'query_tag_limit': 63, 'names_database': false,
        'add_column': 'add column if not exists', 'one_database': true, 'views_hold': true,
        'size_of_session': true, 'must_commit': true,
        'caught_error_sql': "select current_setting('opsplugin.problem', true)",
    }) %}
{% endmacro %}


{% macro redshift__engine_facts() %}
    {#- Its adapter descends from that of Postgres, whose statements it would be given. -#}
    {% do dbt_opsplugin._fail(
        'engine_facts', 'redshift is not supported yet',
        'set opsplugin_enabled: false to switch the hooks off (see the support table in the README)'
    ) %}
{% endmacro %}
