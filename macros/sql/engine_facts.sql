{% macro engine_facts() %}
    {#- What sets an engine apart that is not a statement of its own: one mapping for all that
        would else be a macro each.
        supported: whether more than tags as text works there.
        types: its names of the portable column types.
        is_true, is_surely_true: a boolean column (%s) as a condition, and one in which null is false.
        as_value: a condition (%s) as a column.
        joins_text: the operator between two texts.
        row_count: the count of all rows.
        first_rows: what stands after an order to have so many (%s) rows.
        column_types: those of columns of the ops tables that have another.
        ddl_types: these in DDL, unless they are the same.
        max_statement_length: characters of JSON in one statement.
        time_text: the text of a timestamp (%s), which sorts as the time does.
        json_text: the text of JSON (%s), unless a cast gives it.
        percentile: the value of %s below which %p of a hundred are.
        names_database: whether a schema is created as database.schema.
        ddl_quote: the quote of names where DDL is not of the language of queries, and names no database
        with a table either; or none.
        names_have_case: whether two relations may differ in case alone: whatever the quotes (true), or by
        quotes alone, and then the case of names without any ('lower', 'upper').
        writes_unquoted: whether dbt writes the names of relations without quotes.
        create_schema: how a schema (%s) is created that may be there.
        create_table: how a table (%s) is created that may be there.
        schema_options: what stands after the name of a schema that is created.
        add_column: what stands after the name of a table that a column (%s) is added to.
        table_options: what stands after the columns of a table of ours (%s: its name).
        insert_options: what stands between the columns of an insert and its select (%s: a literal that
        only the same rows have).
        drop_ends: what stands after the name of a table that is dropped, by its format (of a table, the
        definition in relations_sql), where its files would stay without it.
        view_options: what stands between the name of a view of ours and its select.
        ddl_rolls_back: whether a transaction takes back what was created and dropped in it.
        one_database: whether a transaction writes to one database only.
        views_hold: whether a relation cannot be dropped while a view reads it.
        must_commit: whether a statement outside a model is lost unless it is committed.
        inserts_read: whether an insert may read the table that it writes to.
        max_tables: how many tables one statement may read, or none.
        max_text_length: characters of a text that JSON holds, or none.
        backups: the kinds of backup that there are.
        undrops: whether the engine keeps a table that is dropped: 'by id', where each version can be asked for;
        'by name', where a name brings back the version that was dropped last; or none.
        counts_are_free: whether count(*) of a table reads metadata, which are exact, and no rows.
        catches_errors: whether observed_statements cannot fail.
        drop_lock: statements that take and free a lock, so that of commands that end at the same moment one
        drops after the other; or none.
        history_latency: minutes after which query_history_sql tells all of a statement, or none without it.
        session_tag, session_untag: the statements for a session's tag (%s: a literal), or none.
        query_tag_limit: characters of that tag.
        session_settings: the settings of a warehouse size that belong to one session, as that
        of a model, and not to all. -#}
    {{ return(adapter.dispatch('engine_facts', 'dbt_opsplugin')()) }}
{% endmacro %}


{% macro default__engine_facts() %}
    {%- do return(dict(dbt_opsplugin._usual_facts(), supported=false)) %}
{%- endmacro %}


{% macro _form(fact, text) %}
    {#- A text in a form that a fact says. -#}
    {%- do return(dbt_opsplugin.engine_facts()[fact] | replace('%s', text)) %}
{%- endmacro %}


{% macro _time_text(column) %}
    {%- do return(dbt_opsplugin.engine_facts()['time_text'] | replace('%s', column)) %}
{%- endmacro %}


{% macro _json_text(column) %}
    {%- set facts = dbt_opsplugin.engine_facts() %}
    {%- set text = facts['json_text'] or 'cast(%s as ' ~ facts['types']['string'] ~ ')' %}
    {%- do return(text | replace('%s', column)) %}
{%- endmacro %}


{% macro _usual_facts() %}
    {#- What an engine has unless it says otherwise. Most refuse statements of about 1 MB. -#}
    {%- do return({
        'supported': true, 'types': {}, 'is_true': '%s', 'is_surely_true': 'coalesce(%s, false)', 'as_value': '%s',
        'joins_text': '||', 'row_count': 'count(*)', 'first_rows': 'limit %s', 'column_types': {}, 'ddl_types': none,
        'max_statement_length': 900000, 'time_text': 'cast(%s as varchar)', 'json_text': none,
        'percentile': 'percentile_cont(0.%p) within group (order by %s)',
        'names_database': true, 'ddl_quote': none, 'names_have_case': false, 'writes_unquoted': false,
        'add_column': 'add column %s',
        'create_schema': 'create schema if not exists %s', 'create_table': 'create table if not exists %s',
        'schema_options': '', 'table_options': '', 'insert_options': '',
        'drop_ends': {}, 'view_options': '', 'ddl_rolls_back': false,
        'one_database': false, 'views_hold': false, 'must_commit': false, 'inserts_read': true,
        'max_tables': none, 'max_text_length': none, 'backups': ['schema'], 'undrops': none, 'counts_are_free': false,
        'catches_errors': false,
        'drop_lock': none, 'history_latency': none, 'session_tag': none, 'session_untag': none, 'query_tag_limit': 2000,
        'session_settings': [],
    }) %}
{%- endmacro %}
