{% macro bigquery__copy_table_sql(copy, source, relation) %}
    {#- No data is copied. -#}
    {%- do return('create table ' ~ copy ~ ' clone ' ~ source) %}
{%- endmacro %}


{% macro bigquery__backup_table(relation, options, number) %}
    {#- A dataset may let its tables expire, and a table its partitions (the definition says so,
        relations_sql), after which the copy would not be whole. -#}
    {%- set made = dbt_opsplugin.default__backup_table(relation, options, number) %}
    {%- set expiry = ['expiration_timestamp = null'] %}
    {%- if relation['definition'] == 'partitions expire' %}
        {%- do expiry.append('partition_expiration_days = null') %}
    {%- endif %}
    {%- do dbt_opsplugin.run_statement(
        'alter table ' ~ made['location'] ~ ' set options (' ~ expiry | join(', ') ~ ')'
    ) %}
    {%- do return(made) %}
{%- endmacro %}


{% macro bigquery__restore_relation_sql(details) %}
    {#- The statement that made a view names it. -#}
    {%- if details['type'] == 'view' %}
        {%- do return(details['definition']) %}
    {%- endif %}
    {%- do return(dbt_opsplugin.default__restore_relation_sql(details)) %}
{%- endmacro %}


{% macro bigquery__asks_for_schema(database, schema) %}
    {%- do return(not adapter.check_schema_exists(database, schema)) %}
{%- endmacro %}
