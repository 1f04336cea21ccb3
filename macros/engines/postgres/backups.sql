{% macro postgres__backup_table(relation, options, number) %}
    {#- A copy would ask the sequence of its source, which goes with that. -#}
    {%- for row in dbt_opsplugin.query_rows(
        "select column_name from information_schema.columns where column_default like '%nextval(%' and table_schema = "
        ~ dbt_opsplugin.literal(relation['schema']) ~ ' and table_name = '
        ~ dbt_opsplugin.literal(relation['identifier'])
    ) %}
        {%- do dbt_opsplugin._fail(
            options['macro'], 'column ' ~ row[0] ~ ' of ' ~ dbt_opsplugin._render(relation)
            ~ ' is numbered by a sequence, of which there is no backup',
            'nothing was dropped; set meta.opsplugin.staging: false on its model'
        ) %}
    {%- endfor %}
    {%- do return(dbt_opsplugin.default__backup_table(relation, options, number)) %}
{%- endmacro %}


{% macro postgres__copy_table_sql(copy, source, relation) %}
    {#- With its keys, indexes, defaults and comments; values that the database made are copied. -#}
    {%- do return(
        'create table ' ~ copy ~ ' (like ' ~ source ~ ' including all excluding identity excluding'
        ~ ' generated); insert into ' ~ copy ~ ' select * from ' ~ source
    ) %}
{%- endmacro %}


{% macro postgres__restore_relation_sql(details) %}
    {%- if details['type'] in ('view', 'materialized view') %}
        {%- do return('create ' ~ details['type'] ~ ' ' ~ dbt_opsplugin._render(details) ~ ' as '
            ~ details['definition']) %}
    {%- endif %}
    {%- do return(dbt_opsplugin.default__restore_relation_sql(details)) %}
{%- endmacro %}
