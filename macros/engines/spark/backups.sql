{% macro spark__copy_table_sql(copy, source, relation) %}
    {%- do return(
        'create table ' ~ copy ~ ' using ' ~ dbt_opsplugin._copy_format(relation) ~ ' as select * from ' ~ source
    ) %}
{%- endmacro %}


{% macro spark__backup_table(relation, options, number) %}
    {%- do return(dict(
        dbt_opsplugin.default__backup_table(relation, options, number), format=dbt_opsplugin._copy_format(relation)
    )) %}
{%- endmacro %}


{% macro _copy_format(relation) %}
    {#- That of what is copied (the definition says which, _existing_relations), but not Hive's, which
        is text. -#}
    {%- set provider = relation['definition'] %}
    {%- do return(dbt_opsplugin._config('file_format') if provider in (none, 'hive') else provider) %}
{%- endmacro %}
