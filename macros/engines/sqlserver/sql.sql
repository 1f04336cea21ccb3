{% macro sqlserver__engine_facts() %}
    {#- Texts by which rows are joined and grouped have a length, which a sort reserves memory by. A database may
        tell names apart by case. The context of a session (128 bytes) is seen in sys.dm_exec_sessions. Of
        dbt's transactions, which a flag of dbt-sqlserver switches on, some begin where nothing commits. -#}
    {%- do return(dict(dbt_opsplugin._facts_of_tsql('nvarchar', 400),
        ddl_rolls_back=true, must_commit=true,
        drop_lock=[
            'declare @taken int; exec @taken = sp_getapplock ' ~ dbt_opsplugin._drop_lock_of_tsql()
                ~ ", @LockMode = 'Exclusive', @LockTimeout = -1; if @taken < 0 begin; throw 51000,"
                ~ " 'another command drops staging here, and its lock could not be taken', 1; end",
            'exec sp_releaseapplock ' ~ dbt_opsplugin._drop_lock_of_tsql(),
        ],
        session_tag='declare @tag varbinary(128) = convert(varbinary(128), cast(%s as varchar(128)));'
            ~ ' set context_info @tag',
        session_untag='set context_info 0x', query_tag_limit=128
    )) %}
{%- endmacro %}


{% macro _drop_lock_of_tsql() %}
    {%- do return("@Resource = 'dbt_opsplugin drop', @LockOwner = 'Session'") %}
{%- endmacro %}


{% macro _facts_of_tsql(text, length) %}
    {#- Of SQL Server and Fabric. There are no conditions as values, and no "if not exists". A schema or a view
        is made by a statement that stands alone, in the current database, which dbt changes. -#}
    {%- set lengths = {} %}
    {%- for column in [
        'invocation_id', 'unique_id', 'project_name', 'target_name', 'target_schema', 'database_name', 'schema_name',
        'alias', 'command', 'status', 'resource_type', 'materialized', 'metric', 'action_id', 'action', 'query_id',
    ] %}
        {%- do lengths.update({column: text ~ '(' ~ length ~ ')'}) %}
    {%- endfor %}
    {%- set database = adapter.quote(target.database or '') %}
    {%- set owner = ' authorization ' ~ adapter.quote(target.schema_authorization) if target.schema_authorization
        else '' %}
    {%- do return(dict(dbt_opsplugin._usual_facts(),
        types={
            'bigint': 'bigint', 'boolean': 'bit', 'double': 'float', 'json': text ~ '(max)',
            'string': text ~ '(max)', 'timestamp': 'datetime2(6)',
        },
        column_types=lengths, is_true='%s = 1', is_surely_true='coalesce(%s, 0) = 1',
        as_value='case when %s then 1 else 0 end', joins_text='+', row_count='count_big(*)',
        first_rows='offset 0 rows fetch next %s rows only', time_text='convert(varchar(27), %s, 121)', json_text='%s',
        create_schema='use ' ~ database ~ '; if not exists (select 1 from sys.schemas where quotename(name, '
            ~ dbt_opsplugin.literal(database[:1]) ~ ') = ' ~ "'%s') exec('create schema %s" ~ owner ~ "')",
        create_table="if object_id('%s') is null create table %s", add_column='add %s',
        names_database=false, names_have_case=true, one_database=true, catches_errors=true
    )) %}
{%- endmacro %}


{% macro sqlserver__literal(value) %}
    {%- set text = dbt_opsplugin._string_of_tsql(value, 'N') %}
    {%- do return('(' ~ text ~ ')' if "' + N'" in text else text) %}
{%- endmacro %}


{% macro _string_of_tsql(value, prefix) %}
    {#- A backslash before the end of a line takes the end of the line away: a string ends between the two. -#}
    {%- if value is boolean %}
        {%- do return('1' if value else '0') %}
    {%- endif %}
    {%- set text = dbt_opsplugin.default__literal(value) %}
    {%- if not text.startswith("'") %}
        {%- do return(text) %}
    {%- endif %}
    {%- set apart = "\\' + " ~ prefix ~ "'" %}
    {%- do return(prefix ~ text.replace('\\\n', apart ~ '\n').replace('\\\r', apart ~ '\r')) %}
{%- endmacro %}


{% macro sqlserver__json_rows(columns, payload) %}
    {#- A value that is longer than its column would fail the whole insert: it is cut. As JSON, in nvarchar alone, lists
        and mappings are read; a single value, which is read beside it, becomes a text. -#}
    {% set facts = dbt_opsplugin.engine_facts() %}
    {% set types = facts['types'] %}
    {% set single = "'\"' + replace(replace(%s_value, '\\', '\\\\'), '\"', '\\\"') + '\"'" %}
    select
        {%- for name, type in columns.items() %}
        {% set cut = types['json'] if type == 'json' else facts['column_types'].get(name) %}
        {%- set value = 'coalesce(' ~ name ~ ', ' ~ single.replace('%s', name) ~ ')' if type == 'json' else name -%}
        {{ 'cast(' ~ value ~ ' as ' ~ cut ~ ') as ' ~ name if cut else name }}{{ ',' if not loop.last }}
        {%- endfor %}
    from openjson({{ dbt_opsplugin.literal(payload) }}) with (
        {%- for name, type in columns.items() %}
        {% if type == 'json' -%}
        {{ name }} nvarchar(max) '$.{{ name }}' as json, {{ name }}_value nvarchar(max) '$.{{ name }}'
        {%- else -%}
        {{ name }} {{ types[type] }} '$.{{ name }}'
        {%- endif %}
        {{- ',' if not loop.last }}
        {%- endfor %}
    ) as payload
{% endmacro %}


{% macro sqlserver__json_array_rows(source, column, item) %}
    {#- Of an object openjson would give the values, and of what is no JSON an error. -#}
    {% set text = 'list_rows.' ~ column %}
    select list_rows.*, cast(list_items.value as {{ dbt_opsplugin.engine_facts()['types']['string'] }}) as {{ item }}
    from ({{ source }}) as list_rows
    cross apply openjson(
        case when isjson({{ text }}) = 1 and left(ltrim({{ text }}), 1) = '[' then {{ text }} else '[]' end
    ) as list_items
{% endmacro %}


{% macro sqlserver__observed_statements(statements) %}
    {#- Each in a batch of its own, since a name that is not there is caught from a batch within alone. With
        xact_abort, which dbt-sqlserver sets, any error would doom a transaction of dbt's. One that is doomed all the
        same holds nothing but this outside a model; that of a model is not hidden. -#}
    {%- set again = ' if (@options & 16384) <> 0 set xact_abort on;' %}
    {%- set doomed = 'begin; throw; end;' if dbt_opsplugin._is_in_model() else 'rollback transaction;' %}
    {%- set batches = [] %}
    {%- for sql in statements %}
        {%- do batches.append(
            dbt_opsplugin._database_of_tsql() ~ ' declare @said nvarchar(4000), @options int = @@options;'
            ~ ' set xact_abort off; begin try exec(' ~ dbt_opsplugin._string_of_tsql(sql, 'N') ~ '); end try'
            ~ ' begin catch set @said = error_message();' ~ again ~ ' if xact_state() = -1 ' ~ doomed
            ~ ' end catch;' ~ again ~ ' select @said as said'
        ) %}
    {%- endfor %}
    {%- do return(batches) %}
{%- endmacro %}


{% macro sqlserver__transaction_statements(statements) %}
    {#- One batch: usually dbt-sqlserver sends no transaction of dbt's. -#}
    {%- do return([dbt_opsplugin._transaction_of_tsql(statements, 'commit')]) %}
{%- endmacro %}


{% macro _transaction_of_tsql(statements, end) %}
    {%- set parts = [] %}
    {%- for sql in statements %}
        {%- do parts.append('exec(' ~ dbt_opsplugin._string_of_tsql(sql, 'N') ~ ');') %}
    {%- endfor %}
    {%- do return(
        dbt_opsplugin._database_of_tsql() ~ ' begin try begin transaction; ' ~ parts | join(' ') ~ ' ' ~ end
        ~ ' transaction; end try begin catch if @@trancount > 0 rollback transaction; throw; end catch'
    ) %}
{%- endmacro %}


{% macro _database_of_tsql() %}
    {#- Views and schemas are of the current database, which dbt changes as it goes. -#}
    {%- do return('use ' ~ adapter.quote(target.database) ~ ';') %}
{%- endmacro %}
