{% macro spark__copy_table_sql(copy, source, relation) %}
    {#- In the format of what is copied (the definition says which, _existing_relations), but not in
        Hive's, which is text. -#}
    {% set provider = relation['definition'] %}
    {% if provider in (none, 'hive') %}
        {% set provider = dbt_opsplugin._config('file_format') %}
    {% endif %}
    {% do return('create table ' ~ copy ~ ' using ' ~ provider ~ ' as select * from ' ~ source) %}
{% endmacro %}
