{% macro default__copy_table_sql(copy, source, relation) %}
    {%- do return('create table ' ~ copy ~ ' as select * from ' ~ source) %}
{%- endmacro %}


{% macro default__sheds_rows(relation) %}
    {#- Whether the engine takes rows out of a table by itself. -#}
    {%- do return(false) %}
{%- endmacro %}
