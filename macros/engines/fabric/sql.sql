{% macro fabric__engine_facts() %}
    {#- Text is UTF-8. A drop of a view is not among the DDL that Fabric documents for a transaction. -#}
    {%- do return(dict(dbt_opsplugin._facts_of_tsql('varchar', 800), history_latency=15)) %}
{%- endmacro %}


{% macro fabric__literal(value) %}
    {%- set text = dbt_opsplugin._string_of_tsql(value, '') %}
    {%- do return('(' ~ text ~ ')' if "' + '" in text else text) %}
{%- endmacro %}


{% macro fabric__json_rows(columns, payload) %}
    {%- do return(dbt_opsplugin.sqlserver__json_rows(columns, payload)) %}
{%- endmacro %}


{% macro fabric__json_array_rows(source, column, item) %}
    {%- do return(dbt_opsplugin.sqlserver__json_array_rows(source, column, item)) %}
{%- endmacro %}


{% macro fabric__observed_statements(statements) %}
    {#- dbt-fabric has no transaction that an error could doom. -#}
    {%- set batches = [] %}
    {%- for sql in statements %}
        {%- do batches.append(
            dbt_opsplugin._database_of_tsql() ~ ' declare @said nvarchar(4000); begin try exec('
            ~ dbt_opsplugin._string_of_tsql(sql, '') ~ '); end try begin catch set @said = error_message();'
            ~ ' end catch; select @said as said'
        ) %}
    {%- endfor %}
    {%- do return(batches) %}
{%- endmacro %}


{% macro fabric__transaction_statements(statements) %}
    {%- set batches = [] %}
    {%- for sql in statements %}
        {%- do batches.append(dbt_opsplugin._alone_in_fabric(sql)) %}
    {%- endfor %}
    {%- do return(batches) %}
{%- endmacro %}


{% macro _alone_in_fabric(sql) %}
    {#- In the database of the target, and the first of its batch, as a view must be. -#}
    {%- do return(dbt_opsplugin._database_of_tsql() ~ ' exec(' ~ dbt_opsplugin._string_of_tsql(sql, '') ~ ');') %}
{%- endmacro %}


{% macro fabric__definition_statements(tables, views, observed) %}
    {%- do return(dbt_opsplugin.sqlserver__definition_statements(tables, views, observed)) %}
{%- endmacro %}


{% macro fabric___ops_columns_sql(relation) %}
    {%- do return(dbt_opsplugin.sqlserver___ops_columns_sql(relation)) %}
{%- endmacro %}
